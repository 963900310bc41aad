"""A raw connection to a simulated control, for what no decent client sends."""

import asyncio
from types import TracebackType
from typing import Self

from greengrass_components.focas.protocol.blocks import Request, encode_body
from greengrass_components.focas.protocol.frame import HEADER, Direction, Frame, Type, decode, decode_header
from greengrass_components.focas.protocol.session import Role, open_frame
from greengrass_components.focas.simulator import FocasSimulator

WAIT_S = 5.0
STATINFO = Frame(Type.COMMAND, Direction.REQUEST, encode_body([Request(0x19)]))


class Wire:
    """Sends bytes, reads frames; `ended` waits for the end of the connection."""

    def __init__(self, simulator: FocasSimulator) -> None:
        self._where = (simulator.host, simulator.port)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(*self._where)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def opened(self, role: Role) -> Self:
        assert (await self.ask(open_frame(role))).kind == "0102"
        return self

    async def send(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()

    async def read(self) -> Frame:
        async with asyncio.timeout(WAIT_S):
            head = await self._reader.readexactly(HEADER.size)
            return decode(head + await self._reader.readexactly(decode_header(head).length))

    async def ask(self, frame: Frame) -> Frame:
        await self.send(frame.encode())
        return await self.read()

    async def ended(self) -> bytes:
        """What still came before the end; a reset counts as an end."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self._reader.read(-1)
        except ConnectionResetError:
            return b""

    def end_of_input(self) -> None:
        self._writer.write_eof()
