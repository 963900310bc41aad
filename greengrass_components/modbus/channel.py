"""One TCP connection to a device or to a serial device server: one question at a time, and its answer.

A question is bytes, an answer is bytes: nothing is made per value.
"""

import asyncio
from typing import Final

from greengrass_components.edge_kit.deadline import Limit, limits_of
from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.frames import (
    Ask,
    Damaged,
    Exceptional,
    rtu_answer,
    rtu_request,
    tcp_answer,
    tcp_request,
)

CONNECT_TIMEOUT_S: Final = 5.0
MOST_WAITING: Final = 4_096
RECEIVE_BYTES: Final = 1_024
NOTHING: Final = Ask(0, b"", 0)


class Silent(DriverError):
    """No answer in time."""


class _Answer(Limit):
    """How long an answer may take."""

    __slots__ = ("_future", "_where")

    def __init__(self, future: "asyncio.Future[bytes]", where: str) -> None:
        self._future, self._where = future, where

    def expire(self) -> None:
        if not self._future.done():
            self._future.set_exception(Silent(f"{self._where}: no answer in time"))


class Channel(asyncio.BufferedProtocol):
    """Opened by `open`; `lost` is why it can be used no longer."""

    def __init__(self, where: str, *, rtu: bool) -> None:
        self.where, self.rtu = where, rtu
        self.lost = ""
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._received = memoryview(bytearray(RECEIVE_BYTES))
        self._unit, self._ask = 0, NOTHING
        self._future: asyncio.Future[bytes] | None = None
        self._transaction = 0

    @classmethod
    async def open(cls, host: str, port: int, *, rtu: bool = False) -> "Channel":
        """Raises DriverError."""
        where = f"{host}:{port}"
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                loop = asyncio.get_running_loop()
                _, channel = await loop.create_connection(lambda: cls(where, rtu=rtu), host, port)
        except TimeoutError as error:
            raise DriverError(f"no connection to {where}: no answer within {CONNECT_TIMEOUT_S:g} s") from error
        except OSError as error:
            raise DriverError(f"no connection to {where}: {error.strerror or error}") from error
        return channel

    def close(self) -> None:
        self.lost = self.lost or "closed"
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    async def ask(self, unit: int, ask: Ask, *, timeout_s: float) -> bytes:
        """The data of the answer. Raises Silent, Damaged, Exceptional, or DriverError when the connection is lost.

        Whoever shares the channel asks in turn: a second question before the answer would take its place.
        """
        if self._transport is None or self.lost:
            raise DriverError(f"connection to {self.where} lost: {self.lost}")
        loop = asyncio.get_running_loop()
        self._buffer = b""  # what came since the last answer belongs to no question
        future: asyncio.Future[bytes] = loop.create_future()
        self._future = future
        self._unit, self._ask = unit, ask
        if self.rtu:
            self._transport.write(rtu_request(unit, ask))
        else:
            self._transaction = number = self._transaction % 0xFFFF + 1
            self._transport.write(tcp_request(number, unit, ask))
        limit = _Answer(future, self.where)
        limits_of(timeout_s).begin(limit)
        try:
            return await future
        finally:
            limit.kept = True
            self._future = None

    # What asyncio calls.
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = self.lost or str(exc or "closed by the device")
        if self._future is not None and not self._future.done():
            self._future.set_exception(DriverError(f"connection to {self.where} lost: {self.lost}"))

    def get_buffer(self, sizehint: int) -> memoryview:
        """The same few bytes each time: asyncio's own buffer of 256 KB costs more than a whole answer."""
        del sizehint
        return self._received

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._received[:nbytes]))

    def data_received(self, data: bytes) -> None:
        future = self._future
        if future is None or future.done():
            return
        buffer = self._buffer + data if self._buffer else data
        try:
            while True:
                found, used = self._found(buffer)
                if found is not None:
                    future.set_result(found)
                    return
                if not used:
                    break
                buffer = buffer[used:]
        except (Damaged, Exceptional) as error:
            future.set_exception(error)
            return
        self._buffer = buffer[-MOST_WAITING:]

    def _found(self, buffer: bytes) -> tuple[bytes | None, int]:
        if self.rtu:
            return rtu_answer(buffer, self._unit, self._ask)
        return tcp_answer(buffer, self._transaction, self._unit, self._ask)
