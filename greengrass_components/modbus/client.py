"""Reading blocks from one device.

Modbus TCP has no checksum of its own: a damaged frame shows as no answer, an answer to another request, or one of the
wrong length. Then the block is read again, once, over a new connection, so that nothing late is taken for an answer.
A serial line behind a device server (RTU over TCP) has a checksum, and many units on one connection: `serial_line`.
"""

from typing import Final, Protocol

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.blocks import Block
from greengrass_components.modbus.channel import Channel
from greengrass_components.modbus.frames import Damaged, Exceptional

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2
LASTING: Final = (ILLEGAL_FUNCTION, ILLEGAL_ADDRESS)
NOT_REACHED: Final = (10, 11)
"""A gateway found no way to the unit, or the unit did not answer it."""


class Refused(Exception):
    """The device answered a read with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with exception code {code}")
        self.code = code

    @property
    def of_gateway(self) -> bool:
        """Whether the answer is that of a gateway before the unit, which was not reached."""
        return self.code in NOT_REACHED

    @property
    def lasting(self) -> bool:
        """Whether asking again is pointless: the device has no such function or address."""
        return self.code in LASTING


class Client(Protocol):
    """One unit, however it is reached. `damaged` counts frames that had to be read again."""

    damaged: int

    async def connect(self) -> None:
        """Raises DriverError."""

    def close(self) -> None:
        """May be called at any time, twice."""

    async def read(self, block: Block) -> bytes:
        """The bytes of a block. Raises Refused, or DriverError when two tries gave no sound answer."""


class ModbusClient:
    """One connection to one unit."""

    def __init__(self, host: str, *, port: int, unit: int, request_timeout_s: float) -> None:
        self._host, self._port, self._unit, self._timeout_s = host, port, unit, request_timeout_s
        self._channel: Channel | None = None
        self.damaged = 0

    async def connect(self) -> None:
        """Raises DriverError."""
        self.close()
        self._channel = await Channel.open(self._host, self._port)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    async def read(self, block: Block) -> bytes:
        """The bytes of a block. Raises Refused, or DriverError when two tries gave no sound answer."""
        channel = self._channel
        if channel is not None:
            try:
                return await channel.ask(self._unit, block.ask, timeout_s=self._timeout_s)
            except Exceptional as refusal:
                raise Refused(refusal.code) from None
            except (Damaged, DriverError):
                self.damaged += 1
        await self.connect()
        return await self._again(block)

    async def _again(self, block: Block) -> bytes:
        assert self._channel is not None
        try:
            return await self._channel.ask(self._unit, block.ask, timeout_s=self._timeout_s)
        except Exceptional as refusal:
            raise Refused(refusal.code) from None
        except (Damaged, DriverError) as error:
            where = f"{self._host}:{self._port} unit {self._unit}, {block.kind.value} {block.address}"
            raise DriverError(f"{where}: {error}") from error
