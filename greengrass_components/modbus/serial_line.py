"""Several units behind one connection: a serial line with a device server (RTU over TCP), or a Modbus TCP gateway.

All sources of one process that name the same host and port share the connection; on the line one question is asked at
a time, in the order they came. A unit that is silent costs the others one time-out: then its source counts as not
connected, and it is asked again, one block, at growing intervals, silent units of a line one after the other.
"""

import asyncio
import contextlib
from typing import Final

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.blocks import Block
from greengrass_components.modbus.channel import Channel
from greengrass_components.modbus.client import Refused
from greengrass_components.modbus.frames import Ask, Damaged, Exceptional

QUIET_S: Final = 0.03
"""What is left of a damaged answer has arrived after that, at 9,600 baud and above (3.5 characters are 4 ms)."""
SEEK_EVERY_S: Final = 1.0
"""Units that may be silent are sought that far apart, so that live ones keep most of the line."""


class SerialLine:
    """One connection; `users` are the clients that hold it."""

    def __init__(self, host: str, port: int, *, rtu: bool) -> None:
        self.host, self.port, self.rtu = host, port, rtu
        self.users: set[SerialUnit] = set()
        self._channel: Channel | None = None
        self._turn = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._seek_at = 0.0

    async def channel(self) -> Channel:
        """The connection, made when there is none. Raises DriverError."""
        async with self._opening:
            if self._channel is None or self._channel.lost:
                self._channel = await Channel.open(self.host, self.port, rtu=self.rtu)
            return self._channel

    async def ask(self, unit: int, ask: Ask, *, timeout_s: float) -> bytes:
        """One question and its answer, after those that came before. Raises as `Channel.ask`."""
        channel = await self.channel()
        async with self._turn:
            return await channel.ask(unit, ask, timeout_s=timeout_s)

    async def may_seek(self) -> None:
        """Wait for the turn to ask a unit that may be silent."""
        now = asyncio.get_running_loop().time()
        at, self._seek_at = max(now, self._seek_at), max(now, self._seek_at) + SEEK_EVERY_S
        if at > now:
            await asyncio.sleep(at - now)

    def found(self) -> None:
        """The unit that was sought is there: the next need not wait."""
        self._seek_at -= SEEK_EVERY_S

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None


class Lines:
    """The lines of one process by host, port and framing."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int, bool], SerialLine] = {}

    def take(self, user: "SerialUnit", host: str, port: int, *, rtu: bool) -> SerialLine:
        line = self._lines.setdefault((host, port, rtu), SerialLine(host, port, rtu=rtu))
        line.users.add(user)
        return line

    def leave(self, user: "SerialUnit", line: SerialLine) -> None:
        """The last one out closes the connection."""
        line.users.discard(user)
        if not line.users:
            line.close()
            self._lines.pop((line.host, line.port, line.rtu), None)


LINES: Final = Lines()


class SerialUnit:
    """One unit of a line, as a Client."""

    def __init__(
        self,
        host: str,
        *,
        port: int,
        unit: int,
        request_timeout_s: float,
        rtu: bool,
        first: Block,
        lines: Lines = LINES,
    ) -> None:
        self._host, self._port, self._rtu, self._lines = host, port, rtu, lines
        self._unit, self._timeout_s, self._first = unit, request_timeout_s, first
        self._line: SerialLine | None = None
        self.damaged = 0

    async def connect(self) -> None:
        """Reaches the unit, not only the server before it. Raises DriverError."""
        line = self._line = self._lines.take(self, self._host, self._port, rtu=self._rtu)
        await line.channel()
        await line.may_seek()
        with contextlib.suppress(Refused):  # a unit that refuses is there
            await self.read(self._first)
        line.found()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            self._lines.leave(self, line)

    async def read(self, block: Block) -> bytes:
        """The bytes of a block; a damaged answer is read again, once. Raises Refused and DriverError."""
        try:
            return await self._once(block)
        except Damaged:
            self.damaged += 1
        await asyncio.sleep(QUIET_S)
        try:
            return await self._once(block)
        except Damaged as error:
            raise DriverError(f"{self._where(block)}: {error}, twice") from error

    async def _once(self, block: Block) -> bytes:
        if self._line is None:
            raise DriverError(f"not connected to {self._host}:{self._port}")
        try:
            return await self._line.ask(self._unit, block.ask, timeout_s=self._timeout_s)
        except Exceptional as exceptional:
            refusal = Refused(exceptional.code)
            if refusal.of_gateway:
                raise DriverError(f"{self._where(block)}: the gateway does not reach the unit ({refusal})") from None
            raise refusal from None
        except DriverError as error:
            raise DriverError(f"{self._where(block)}: {error}") from error

    def _where(self, block: Block) -> str:
        return f"{self._host}:{self._port} unit {self._unit}, {block.kind.value} {block.address}"
