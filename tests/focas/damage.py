"""A relay between client and control that damages answers, bit by bit from a seed."""

import asyncio
import random
from types import TracebackType
from typing import Self

from greengrass_components.focas.protocol.frame import HEADER, decode_header


class DamagingRelay:
    """Flips one bit in every `every`th answer from the control while `on`."""

    def __init__(self, port: int, *, seed: int, every: int = 2) -> None:
        self._target, self._random, self._every = port, random.Random(seed), every
        self.on = False
        self.damaged = 0
        self._answers = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.create_task(self._relay(reader, writer)))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, to_writer))
                both.create_task(self._answer(to_reader, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for side in (writer, to_writer):
                side.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)
        raise asyncio.IncompleteReadError(b"", 1)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readexactly(HEADER.size)
            frame = bytearray(head + await reader.readexactly(decode_header(head).length))
            self._answers += 1
            if self.on and self._answers % self._every == 0:
                bit = self._random.randrange(len(frame) * 8)
                frame[bit // 8] ^= 1 << bit % 8
                self.damaged += 1
            writer.write(bytes(frame))
