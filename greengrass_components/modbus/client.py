"""Reading blocks from one device over one connection.

Modbus TCP has no checksum of its own: a damaged frame shows as no answer, an answer to another request, or one of the
wrong length. Then the block is read again, once, over a new connection, so that nothing late is taken for an answer.
"""

import asyncio
import logging
import struct
from collections.abc import Sequence
from typing import Any, Final

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ExceptionResponse
from pymodbus.pdu.register_message import ReadInputRegistersResponse

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.blocks import Block
from greengrass_components.modbus.registers import RegisterKind

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2

# The library logs every lost answer as an error of its own; we say it once, per source.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class _InputRegisters(ReadInputRegistersResponse):
    """The library's answer, its registers unpacked at once instead of one by one, and not spelt out for a log."""

    def decode(self, data: bytes) -> None:
        size = data[0]
        if size % 2 or size >= len(data):
            super().decode(data)  # raises what the library raises
        else:
            self.registers = list(struct.unpack_from(f">{size // 2}H", data, 1))

    def __str__(self) -> str:
        return type(self).__name__


class _HoldingRegisters(_InputRegisters):
    function_code = 3


class Refused(Exception):
    """The device answered a read with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with exception code {code}")
        self.code = code

    @property
    def lasting(self) -> bool:
        """Whether asking again is pointless: the device has no such function or address."""
        return self.code in (ILLEGAL_FUNCTION, ILLEGAL_ADDRESS)


class ModbusClient:
    """One connection to one unit. `damaged` counts frames that had to be read again."""

    def __init__(self, host: str, *, port: int, unit: int, request_timeout_s: float) -> None:
        self._host, self._port, self._unit, self._timeout_s = host, port, unit, request_timeout_s
        self._client: AsyncModbusTcpClient | None = None
        self.damaged = 0

    async def connect(self) -> None:
        """Raises DriverError."""
        self.close()
        client = AsyncModbusTcpClient(
            self._host, port=self._port, timeout=self._timeout_s, retries=0, reconnect_delay=0, name=self._host
        )
        if not await client.connect():
            client.close()
            raise DriverError(f"no connection to {self._host}:{self._port}")
        for answer in (_InputRegisters, _HoldingRegisters):
            client.register(answer)
        self._client = client
        _honour_cancel()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def read(self, block: Block) -> Sequence[int] | Sequence[bool]:
        """The registers or bits of a block. Raises Refused, or DriverError when two tries gave no sound answer."""
        try:
            return await self._once(block)
        except DriverError:
            self.damaged += 1
        await self.connect()
        return await self._once(block)

    async def _once(self, block: Block) -> Sequence[int] | Sequence[bool]:
        if self._client is None:
            raise DriverError(f"not connected to {self._host}:{self._port}")
        ask = _READS[block.kind]
        try:
            answer = await getattr(self._client, ask)(block.address, count=block.count, device_id=self._unit)
        except ModbusException as error:
            raise DriverError(f"{self._host}:{self._port} unit {self._unit}: {error}") from error
        _honour_cancel()
        if isinstance(answer, ExceptionResponse):
            raise Refused(answer.exception_code)
        return self._checked(answer, block)

    def _checked(self, answer: Any, block: Block) -> Sequence[int] | Sequence[bool]:
        where = f"{self._host}:{self._port} unit {self._unit}, {block.kind.value} {block.address}"
        if answer.function_code != _CODES[block.kind]:
            raise DriverError(f"{where}: answer to function {answer.function_code}, expected {_CODES[block.kind]}")
        found: Sequence[int] | Sequence[bool] = answer.bits if block.kind.is_bit else answer.registers
        expected = (block.count + 7) // 8 * 8 if block.kind.is_bit else block.count
        if len(found) != expected:
            raise DriverError(f"{where}: {len(found)} values, expected {expected}")
        return found


def _honour_cancel() -> None:
    """Python 3.11's `asyncio.wait_for`, which the library awaits, drops a cancel that meets the answer: raise it here,
    or a loop that polls would go on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


_READS: Final = {
    RegisterKind.COIL: "read_coils",
    RegisterKind.DISCRETE: "read_discrete_inputs",
    RegisterKind.HOLDING: "read_holding_registers",
    RegisterKind.INPUT: "read_input_registers",
}
_CODES: Final = {RegisterKind.COIL: 1, RegisterKind.DISCRETE: 2, RegisterKind.HOLDING: 3, RegisterKind.INPUT: 4}
