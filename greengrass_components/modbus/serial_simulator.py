"""A simulated serial device server: several units behind one TCP port, in RTU frames.

Units that are not there stay silent, as on a line; a TCP gateway says so with exception code 11.

async with SerialSimulator({1: (meter, values), 7: (sensor, values)}) as line: ... line.port
"""

from collections.abc import Mapping
from typing import Final

from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer

from greengrass_components.modbus.device_map import DeviceMap
from greengrass_components.modbus.frames import EXCEPTION
from greengrass_components.modbus.serving import ModbusServing
from greengrass_components.modbus.simulator import ModbusSimulator, Values

NO_RESPONSE: Final = 11


class SerialSimulator(ModbusServing):
    """`port` 0 picks a free one, `port` then says which. `rtu` False: a Modbus TCP gateway with the same units."""

    def __init__(
        self, units: Mapping[int, tuple[DeviceMap, Values]], host: str = "127.0.0.1", port: int = 0, *, rtu: bool = True
    ) -> None:
        self._units, self._rtu = units, rtu
        super().__init__(host, port)

    def _served(self) -> ModbusTcpServer:
        devices = [
            ModbusSimulator(device, values, unit=unit).device() for unit, (device, values) in self._units.items()
        ]
        return ModbusTcpServer(
            devices,
            framer=FramerType.RTU if self._rtu else FramerType.SOCKET,
            address=(self.host, self.port),
            trace_packet=self._unreached,
        )

    def _unreached(self, sending: bool, data: bytes) -> bytes:
        """What is sent for a unit that is not there: nothing on a serial line, exception 11 by a TCP gateway."""
        if not sending:
            return data
        if self._rtu:
            return data if data[0] in self._units else b""
        if len(data) < 8 or data[6] in self._units:
            return data
        return data[:4] + bytes((0, 3, data[6], data[7] | EXCEPTION, NO_RESPONSE))
