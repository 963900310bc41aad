"""A simulated Modbus device on pymodbus's own server: it holds what its map says, fed from anywhere.

`values` is called at every request and gives the present values by key, in the units of the map.
"""

from collections.abc import Callable, Mapping

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from greengrass_components.modbus.device_map import DeviceMap, Item
from greengrass_components.modbus.registers import RegisterKind, encode
from greengrass_components.modbus.serving import ModbusServing

Values = Callable[[], Mapping[str, float]]
_KIND_OF_FUNCTION = {
    1: RegisterKind.COIL,
    2: RegisterKind.DISCRETE,
    3: RegisterKind.HOLDING,
    4: RegisterKind.INPUT,
}


class ModbusSimulator(ModbusServing):
    """Serves one device as one unit; `port` 0 picks a free one, `port` then says which.

    `holes`: registers between items do not exist (else they read 0, as on most devices).
    """

    def __init__(
        self,
        device: DeviceMap,
        values: Values,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        unit: int = 1,
        holes: bool = False,
    ) -> None:
        self._device, self._values, self._holes, self._unit = device, values, holes, unit
        super().__init__(host, port)

    def _served(self) -> ModbusTcpServer:
        return ModbusTcpServer(self.device(), address=(self.host, self.port))

    def device(self) -> SimDevice:
        """The unit, for a server of several."""
        kinds = (RegisterKind.COIL, RegisterKind.DISCRETE, RegisterKind.HOLDING, RegisterKind.INPUT)
        coils, discretes, holdings, inputs = (self._data(kind) for kind in kinds)
        return SimDevice(self._unit, (coils, discretes, holdings, inputs), action=self._refresh)

    def _of(self, kind: RegisterKind) -> list[Item]:
        return sorted((item for item in self._device.items if item.kind is kind), key=lambda item: item.address)

    def _data(self, kind: RegisterKind) -> list[SimData]:
        items = self._of(kind)
        if kind.is_bit:
            length = items[-1].end if items else 16
            return [SimData(0, values=[False] * ((length + 15) // 16 * 16), datatype=DataType.BITS)]
        if not items:
            return [SimData(0xFFFF, values=0, datatype=DataType.REGISTERS)]
        if self._holes:
            return [SimData(item.address, values=[0] * item.count, datatype=DataType.REGISTERS) for item in items]
        first, end = items[0].address, items[-1].end
        return [SimData(first, values=[0] * (end - first), datatype=DataType.REGISTERS)]

    async def _refresh(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Called by the server before it answers; `registers` begins at `start` and is changed in place."""
        del address, count
        if written is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        kind = _KIND_OF_FUNCTION[function]
        values = self._values()
        for item in self._of(kind):
            raw = values[item.key] / item.scale
            if kind.is_bit:
                word, bit = divmod(item.address, 16)
                registers[word] = registers[word] & ~(1 << bit) | (int(raw) << bit)
                continue
            words = encode(raw, item.type, byte_order=item.byte_order, word_order=item.word_order)
            registers[item.address - start : item.end - start] = words
        return None
