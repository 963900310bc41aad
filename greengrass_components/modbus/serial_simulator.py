"""A simulated serial device server: several units behind one TCP port, in RTU frames.

Units that are not there stay silent, as on a line; a TCP gateway says so with exception code 11.

async with SerialSimulator({1: (meter, values), 7: (sensor, values)}) as line: ... line.port
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer

from greengrass_components.modbus.device_map import DeviceMap
from greengrass_components.modbus.frames import EXCEPTION
from greengrass_components.modbus.simulator import ModbusSimulator, Values

NO_RESPONSE: Final = 11


class SerialSimulator:
    """`port` 0 picks a free one, `port` then says which. `rtu` False: a Modbus TCP gateway with the same units."""

    def __init__(
        self, units: Mapping[int, tuple[DeviceMap, Values]], host: str = "127.0.0.1", port: int = 0, *, rtu: bool = True
    ) -> None:
        self._units, self._rtu = units, rtu
        self.host, self.port = host, port
        self._server: ModbusTcpServer | None = None

    async def start(self) -> Self:
        """Listen. Raises OSError when the port is taken."""
        devices = [
            ModbusSimulator(device, values, unit=unit).device() for unit, (device, values) in self._units.items()
        ]
        server = ModbusTcpServer(
            devices,
            framer=FramerType.RTU if self._rtu else FramerType.SOCKET,
            address=(self.host, self.port),
            trace_packet=self._unreached,
        )
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

    def _unreached(self, sending: bool, data: bytes) -> bytes:
        """What is sent for a unit that is not there: nothing on a serial line, exception 11 by a TCP gateway."""
        if not sending:
            return data
        if self._rtu:
            return data if data[0] in self._units else b""
        if len(data) < 8 or data[6] in self._units:
            return data
        return data[:4] + bytes((0, 3, data[6], data[7] | EXCEPTION, NO_RESPONSE))
