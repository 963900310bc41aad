"""Devices and sources for these tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.modbus.device_map import DeviceMap, load_map, parse_map
from greengrass_components.modbus.driver import ModbusDriver, open_driver

Damage = Callable[[bytes], bytes]


def source(
    port: int,
    *,
    name: str = "energy_meter",
    period_ms: int = 1_000,
    unit: int = 1,
    id: str = "d_0",  # noqa: A002
) -> SourceConfig:
    settings = {"map": name, "unit": unit}
    return SourceConfig(id, "m_0", "modbus", period_ms, True, "127.0.0.1", port, settings)


def driver(port: int, *, name: str = "energy_meter", period_ms: int = 1_000) -> ModbusDriver:
    made = open_driver(source(port, name=name, period_ms=period_ms))
    assert isinstance(made, ModbusDriver)
    return made


def usual(device: DeviceMap) -> dict[str, float]:
    """A believable value for every item."""
    values = {item.key: item.low + (item.high - item.low) * 0.4 for item in device.items}
    values.update({item.key: 1.0 for item in device.items if item.kind.is_bit})
    if device.name == "energy_meter":
        values["electric.frequency"] = 50.0
    return values


METER, SENSOR = load_map("energy_meter"), load_map("vibration_sensor")

GAPPED = parse_map(
    """
    v: 1
    name: gapped
    title: Two values far apart
    defaults: {kind: holding, type: u16}
    items:
      - {key: a.value, address: 10, unit: "", range: [0, 1000]}
      - {key: b.value, address: 20, unit: "", range: [0, 1000]}
    """,
    name="gapped.yaml",
)


def noise(data: bytes) -> bytes:
    """Nothing of the frame is left."""
    return bytes((byte * 7 + 13) % 256 for byte in data)


@asynccontextmanager
async def proxy(port: int, damage: Damage) -> AsyncIterator[int]:
    """A port that passes everything on to another one and sends its answers through `damage`."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, up_writer))
        answers = asyncio.create_task(_pass(up_reader, writer, damage))
        await _pass(reader, up_writer, lambda data: data)
        await answers

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Damage) -> None:
    try:
        while data := await reader.read(4_096):
            writer.write(change(data))
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def silent_device() -> AsyncIterator[int]:
    """A port that takes connections and requests and never answers."""
    conversations: set[asyncio.Task[None]] = set()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        conversations.add(task)
        await reader.read()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.wait_for(asyncio.gather(*conversations, return_exceptions=True), 5)
        await server.wait_closed()
