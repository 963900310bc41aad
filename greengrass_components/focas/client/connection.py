"""One TCP connection to a control: frames in, frames out, every wait with a deadline.

After any error but a refusal the connection is closed and stays closed: a late or half answer must never be read as
the answer to the next question.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from greengrass_components.focas.errors import (
    ConnectionLost,
    FocasError,
    MalformedFrame,
    NoAnswer,
    Refused,
    SessionRefused,
    TransferRefused,
    Unreachable,
)
from greengrass_components.focas.protocol.frame import (
    HEADER,
    Direction,
    Frame,
    Type,
    body_limit,
    decode_header,
)
from greengrass_components.focas.protocol.session import (
    Opening,
    Role,
    close_frame,
    decode_error,
    decode_opening,
    open_frame,
)


class Connection:
    """An opened connection of one role. Make it with `Connection.open`."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, where: str, timeout_s: float
    ) -> None:
        self._reader, self._writer = reader, writer
        self._where, self._timeout_s = where, timeout_s
        self.alive = True

    @classmethod
    async def open(cls, host: str, port: int, *, role: Role, timeout_s: float) -> tuple["Connection", Opening]:
        """Connect and open. Raises Unreachable, SessionRefused, NoAnswer, ConnectionLost, MalformedFrame."""
        where = f"{host}:{port}"
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection(host, port)
        except TimeoutError as late:
            raise Unreachable(f"{where} did not accept a connection within {timeout_s} s") from late
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that no resolver takes
            raise Unreachable(f"{where}: {_reason(error)}") from error
        connection = cls(reader, writer, where=where, timeout_s=timeout_s)
        connection._without_delay()
        reply = await connection.exchange(open_frame(role))
        async with connection._guarded("reading the opening"):
            return connection, decode_opening(reply.version, reply.body)

    def _without_delay(self) -> None:
        raw = self._writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def exchange(self, frame: Frame) -> Frame:
        """Send a request and take its reply. Raises Refused when the control answers with an error."""
        await self.send(frame)
        reply = await self.receive()
        if reply.type != frame.type or reply.direction not in (Direction.REPLY, Direction.ERROR):
            self.abandon()
            raise MalformedFrame(f"{self._where}: asked {frame.kind}, expected its reply, got {reply.kind}")
        if reply.direction == Direction.ERROR:
            raise self._error(reply)
        return reply

    def _error(self, reply: Frame) -> FocasError:
        try:
            code, detail1, detail2 = decode_error(reply.body)
        except MalformedFrame:
            self.abandon()
            raise
        if reply.type == Type.OPEN:
            self.abandon()
            return SessionRefused(code, detail1, detail2)
        kind = Refused if reply.type == Type.COMMAND else TransferRefused
        return kind(reply.type, code, detail1, detail2)

    async def send(self, frame: Frame) -> None:
        """Send without waiting for an answer. Raises ConnectionLost, NoAnswer when the peer does not read."""
        async with self._guarded(f"sending {frame.kind}"):
            self._writer.write(frame.encode())
            await self._writer.drain()

    async def receive(self) -> Frame:
        """The next frame, whole. Raises NoAnswer, ConnectionLost, MalformedFrame."""
        async with self._guarded("waiting for an answer"):
            header = decode_header(await self._reader.readexactly(HEADER.size))
            if header.length > body_limit(header.version):
                limit = body_limit(header.version)
                raise MalformedFrame(f"a body of {header.length} bytes is above the limit of {limit}")
            body = await self._reader.readexactly(header.length)
            return Frame(header.type, header.direction, body, header.version)

    @asynccontextmanager
    async def _guarded(self, doing: str) -> AsyncIterator[None]:
        """Every failure inside, a cancellation included, ends the connection and comes out as an own error."""
        if not self.alive:
            raise ConnectionLost(f"{self._where}: the connection was given up before")
        try:
            async with asyncio.timeout(self._timeout_s):
                yield
        except TimeoutError as late:
            self.abandon()
            raise NoAnswer(f"{self._where}: {doing}: nothing complete within {self._timeout_s} s") from late
        except asyncio.IncompleteReadError as cut:
            self.abandon()
            raise ConnectionLost(f"{self._where}: {doing}: ended after {len(cut.partial)} bytes") from cut
        except OSError as error:
            self.abandon()
            raise ConnectionLost(f"{self._where}: {doing}: {_reason(error)}") from error
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Close at once, without a goodbye."""
        self.alive = False
        self._writer.close()

    async def close(self) -> None:
        """Say goodbye and close; a control that does not answer is closed all the same."""
        if self.alive:
            with suppress(FocasError):
                await self.exchange(close_frame())
        self.abandon()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._timeout_s):
                await self._writer.wait_closed()


def _reason(error: OSError | UnicodeError) -> str:
    """`Connection refused`: what the system calls it, not what asyncio was doing."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else str(error)
