"""A simulated device on pymodbus's own server: where it listens, how it begins and ends."""

import logging
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

from pymodbus.server import ModbusTcpServer

# The library logs what it sends and every client that leaves.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ModbusServing(ABC):
    """`port` 0 picks a free one, `port` then says which."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._server: ModbusTcpServer | None = None

    @abstractmethod
    def _served(self) -> ModbusTcpServer:
        """A server at `host` and `port` that does not listen yet."""

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        server = self._served()
        if not await server.listen():
            raise OSError(f"cannot listen on {self.host}:{self.port}, expected a free port")
        listener: Any = server.transport  # an asyncio.Server, whatever its annotation says
        self.port = listener.sockets[0].getsockname()[1]
        self._server = server
        return self

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
