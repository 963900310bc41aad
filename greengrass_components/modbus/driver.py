"""The Modbus driver: one device by its map, as few reads per tick as the map allows.

- A value outside its plausible range is None and the row UNCERTAIN; so is a row that needed a frame twice.
- A block the device refuses for good (no such address) is split at its gaps once, then no longer asked for.
"""

import logging
from typing import Final

from cnc.domain.telemetry.facts import Quality
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver, Reading
from greengrass_components.edge_kit.unusable import Unusable
from greengrass_components.modbus.blocks import Block, blocks_of
from greengrass_components.modbus.client import Client, ModbusClient, Refused
from greengrass_components.modbus.device_map import DeviceMap, load_map
from greengrass_components.modbus.errors import BadMap
from greengrass_components.modbus.serial_line import SerialUnit

log = logging.getLogger(__name__)

REQUEST_SHARE: Final = 0.4
"""Share of a period one request may take, so that a damaged frame can be read again within the tick."""
LEAST_TIMEOUT_S, MOST_TIMEOUT_S = 0.05, 2.0
TRANSPORTS: Final = ("tcp", "rtu_over_tcp")


class ModbusDriver:
    """One source. Made by `open_driver`."""

    def __init__(self, client: Client, *, device: DeviceMap, source: str) -> None:
        self._client, self._device, self._source = client, device, source
        self._schema = device.schema
        self._blocks = blocks_of(device)
        self._width = len(device.items)

    @property
    def schema(self) -> Schema:
        return self._schema

    @property
    def damaged(self) -> int:
        """Frames read again so far."""
        return self._client.damaged

    async def connect(self) -> Schema:
        await self._client.connect()
        return self._schema

    async def read(self, *, tick_ms: int) -> Reading:
        """One row. `tick_ms` is of no use to Modbus."""
        del tick_ms
        client, damaged = self._client, self._client.damaged
        values: list[int | None] = [None] * self._width
        sound = True
        waiting = self._blocks
        while waiting:
            again: list[Block] = []
            for block in waiting:
                try:
                    sound &= block.decode(await client.read(block), values)
                except Refused as refusal:
                    sound = False
                    again += self._refused(block, refusal)
            waiting = again
        if client.damaged > damaged:
            log.warning("source %s: a damaged frame was read again", self._source)
            sound = False
        if sound and None not in values:
            return Reading(values)
        quality = Quality.BAD if all(value is None for value in values) else Quality.UNCERTAIN
        return Reading(values, int(quality))

    async def close(self) -> None:
        self._client.close()

    def _refused(self, block: Block, refusal: Refused) -> list[Block]:
        """What to read instead, now and from now on."""
        if not refusal.lasting:
            return []
        instead = block.split if block.has_gaps else []
        # A new list: the old one is being read.
        kept = [(known,) if known is not block else instead for known in self._blocks]
        self._blocks = [known for group in kept for known in group]
        if not instead:
            keys = ", ".join(item.key for _, item in block.items)
            log.warning("source %s: the device does not have %s (%s)", self._source, keys, refusal)
        return instead


def open_driver(config: SourceConfig) -> Driver:
    """The driver of a source. Settings:

    `map` name of a device map, `unit` 0 to 255 (1 when absent), `transport` "tcp" or "rtu_over_tcp" (a serial line
    behind a device server), `shared` true for a TCP gateway that allows one connection for all its units,
    `timeout_ms` 20 to 2,000 for one request (a share of the period when absent).
    """
    try:
        return driver_of(config, load_map(str(config.settings.get("map", ""))))
    except BadMap as error:
        return Unusable(str(error))


def driver_of(config: SourceConfig, device: DeviceMap) -> ModbusDriver:
    """The driver of a source whose device has this map. Raises BadMap for other settings that cannot be used."""
    return ModbusDriver(_client(config, device), device=device, source=config.id)


def _client(config: SourceConfig, device: DeviceMap) -> Client:
    settings, usual_s = config.settings, config.period_ms / 1000 * REQUEST_SHARE
    unit = settings.get("unit", 1)
    if isinstance(unit, bool) or not isinstance(unit, int) or not 0 <= unit <= 255:
        raise BadMap("unit", seen=unit, expected="0 to 255")
    transport, shared = settings.get("transport", "tcp"), settings.get("shared", False)
    if transport not in TRANSPORTS or not isinstance(shared, bool):
        raise BadMap("transport", seen=[transport, shared], expected=f"one of {', '.join(TRANSPORTS)}; shared: true")
    timeout_s = min(MOST_TIMEOUT_S, max(LEAST_TIMEOUT_S, usual_s))
    if "timeout_ms" in settings:
        timeout_ms = settings["timeout_ms"]
        if isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int) or not 20 <= timeout_ms <= 2_000:
            raise BadMap("timeout_ms", seen=timeout_ms, expected="20 to 2000")
        timeout_s = timeout_ms / 1000
    port, rtu = config.port or 502, transport == "rtu_over_tcp"
    if rtu or shared:
        first = blocks_of(device)[0]
        return SerialUnit(config.host, port=port, unit=unit, request_timeout_s=timeout_s, rtu=rtu, first=first)
    return ModbusClient(config.host, port=port, unit=unit, request_timeout_s=timeout_s)
