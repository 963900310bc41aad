import asyncio
from dataclasses import replace

import pytest
from pymodbus.client import AsyncModbusTcpClient

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.client import ModbusClient
from greengrass_components.modbus.driver import ModbusDriver, open_driver
from greengrass_components.modbus.simulator import ModbusSimulator

from .devices import GAPPED, METER, SENSOR, driver, noise, proxy, silent_device, source, usual


@pytest.mark.parametrize("device", [METER, SENSOR], ids=lambda device: device.name)
async def test_everything_a_device_holds_arrives_in_its_unit(device: object) -> None:
    assert device in (METER, SENSOR)
    found = METER if device is METER else SENSOR
    values = usual(found)
    async with ModbusSimulator(found, lambda: values) as simulator:
        reader = driver(simulator.port, name=found.name)
        schema = await reader.connect()
        reading = await reader.read(tick_ms=0)
        await reader.close()
    assert reading.quality == Quality.GOOD
    for signal, scaled, item in zip(schema.signals, reading.values, found.items, strict=True):
        shown = signal.value(scaled)
        if signal.kind == "text":
            assert shown == "PASSED"
        else:
            assert shown == pytest.approx(values[signal.key], rel=1e-6, abs=max(item.scale, item.resolution))


async def test_a_value_outside_its_range_is_none_and_the_row_uncertain() -> None:
    values = usual(METER) | {"electric.frequency": 12.0}
    async with ModbusSimulator(METER, lambda: values) as simulator:
        reader = driver(simulator.port)
        schema = await reader.connect()
        reading = await reader.read(tick_ms=0)
        values["electric.frequency"] = float("nan")
        second = await reader.read(tick_ms=1)
        await reader.close()
    at = schema.index["electric.frequency"]
    assert reading.values[at] is None
    assert second.values[at] is None
    assert reading.quality == second.quality == Quality.UNCERTAIN
    assert sum(value is None for value in reading.values) == 1


async def test_a_row_without_any_believable_value_is_bad() -> None:
    values = {item.key: item.high * 3 for item in METER.items} | {"electric.electrical_energy": 9e15}
    async with ModbusSimulator(METER, lambda: values) as simulator:
        reader = driver(simulator.port)
        await reader.connect()
        reading = await reader.read(tick_ms=0)
        await reader.close()
    assert reading.quality == Quality.BAD


async def test_a_measured_zero_is_a_value() -> None:
    values = usual(METER) | {"electric.wattage": 0.0}
    async with ModbusSimulator(METER, lambda: values) as simulator:
        reader = driver(simulator.port)
        schema = await reader.connect()
        reading = await reader.read(tick_ms=0)
        await reader.close()
    assert reading.values[schema.index["electric.wattage"]] == 0
    assert reading.quality == Quality.GOOD


async def test_registers_that_do_not_exist_between_two_items_cost_one_refusal_then_two_reads() -> None:
    async with ModbusSimulator(GAPPED, lambda: {"a.value": 7, "b.value": 8}, holes=True) as simulator:
        client = ModbusClient("127.0.0.1", port=simulator.port, unit=1, request_timeout_s=0.5)
        reader = ModbusDriver(client, device=GAPPED, source="d_0")
        await reader.connect()
        readings = [await reader.read(tick_ms=tick) for tick in range(2)]
        await reader.close()
    assert [list(reading.values) for reading in readings] == [[7, 8], [7, 8]]
    assert [reading.quality for reading in readings] == [Quality.UNCERTAIN, Quality.GOOD]


async def test_what_the_device_does_not_have_is_not_asked_for_again() -> None:
    poorer = replace(GAPPED, items=GAPPED.items[:1])
    asked = 0

    def values() -> dict[str, float]:
        nonlocal asked
        asked += 1
        return {"a.value": 7}

    async with ModbusSimulator(poorer, values, holes=True) as simulator:
        client = ModbusClient("127.0.0.1", port=simulator.port, unit=1, request_timeout_s=0.5)
        reader = ModbusDriver(client, device=GAPPED, source="d_0")
        await reader.connect()
        readings = [await reader.read(tick_ms=tick) for tick in range(3)]
        await reader.close()
    assert [list(reading.values) for reading in readings] == [[7, None]] * 3
    assert {reading.quality for reading in readings} == {Quality.UNCERTAIN}
    assert reader.damaged == 0


def cut_short(data: bytes) -> bytes:
    return data[:-3]


def other_protocol(data: bytes) -> bytes:
    return data[:2] + b"\x13\x37" + data[4:]


def other_transaction(data: bytes) -> bytes:
    return bytes([data[0] ^ 0x40]) + data[1:]


def other_unit(data: bytes) -> bytes:
    return data[:6] + b"\x63" + data[7:]


def fewer_registers(data: bytes) -> bytes:
    return data[:4] + (7).to_bytes(2, "big") + data[6:8] + b"\x04" + data[9:13]


def other_function(data: bytes) -> bytes:
    return data[:7] + b"\x03" + data[8:]


DAMAGES = [cut_short, other_protocol, other_transaction, other_unit, fewer_registers, other_function, noise]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_frame_is_flagged_and_read_again_in_the_same_tick(damage: object) -> None:
    spoil = next(found for found in DAMAGES if found is damage)
    left = 1

    def once(data: bytes) -> bytes:
        nonlocal left
        left -= 1
        return spoil(data) if left >= 0 else data

    values = usual(METER)
    async with ModbusSimulator(METER, lambda: values) as simulator, proxy(simulator.port, once) as port:
        reader = driver(port, period_ms=500)
        await reader.connect()
        flagged, clean = [await reader.read(tick_ms=tick) for tick in range(2)]
        await reader.close()
    assert None not in flagged.values
    assert flagged.values == clean.values
    assert [flagged.quality, clean.quality] == [Quality.UNCERTAIN, Quality.GOOD]
    assert reader.damaged == 1


async def test_a_line_that_damages_everything_is_unread_and_the_next_connection_works() -> None:
    broken = True
    values = usual(METER)

    def always(data: bytes) -> bytes:
        return noise(data) if broken else data

    async with ModbusSimulator(METER, lambda: values) as simulator, proxy(simulator.port, always) as port:
        reader = driver(port, period_ms=250)
        await reader.connect()
        with pytest.raises(DriverError):
            await reader.read(tick_ms=0)
        broken = False
        await reader.close()
        await reader.connect()
        assert (await reader.read(tick_ms=1)).quality == Quality.GOOD
        await reader.close()


async def test_a_device_that_never_answers_is_an_error_after_two_tries() -> None:
    async with silent_device() as port:
        reader = driver(port, period_ms=250)
        await reader.connect()
        with pytest.raises(DriverError, match=rf"127\.0\.0\.1:{port} unit 1"):
            await reader.read(tick_ms=0)
        await reader.close()
    assert reader.damaged == 1


async def test_a_device_that_never_answers_delays_no_other() -> None:
    values = usual(METER)
    async with ModbusSimulator(METER, lambda: values) as simulator, silent_device() as port:
        dead, alive = driver(port, period_ms=30_000), driver(simulator.port)
        await dead.connect()
        await alive.connect()
        waiting = asyncio.create_task(dead.read(tick_ms=0))
        readings = [await alive.read(tick_ms=tick) for tick in range(20)]
        assert not waiting.done()
        assert {reading.quality for reading in readings} == {Quality.GOOD}
        waiting.cancel()
        await asyncio.wait([waiting])
        await dead.close()
        await alive.close()


async def test_a_closed_port_is_a_clear_error() -> None:
    async with ModbusSimulator(METER, lambda: usual(METER)) as simulator:
        port = simulator.port
    with pytest.raises(DriverError, match=f"no connection to 127.0.0.1:{port}"):
        await driver(port).connect()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"map": "steam_gauge"}, "'steam_gauge'"),
        ({"map": "energy_meter", "unit": 300}, "300, expected 0 to 255"),
        ({"map": "energy_meter", "transport": "smoke"}, "one of tcp, rtu_over_tcp"),
        ({"map": "energy_meter", "timeout_ms": 5}, "5, expected 20 to 2000"),
        ({}, "''"),
    ],
)
async def test_a_source_with_bad_settings_says_so_at_every_connect(settings: dict[str, object], message: str) -> None:
    reader = open_driver(replace(source(1), settings=settings))
    assert reader.schema is None
    for _ in range(2):
        with pytest.raises(DriverError, match=message):
            await reader.connect()
    await reader.close()


async def test_the_simulator_takes_no_writes() -> None:
    values = usual(SENSOR)
    async with ModbusSimulator(SENSOR, lambda: values) as simulator:
        client = AsyncModbusTcpClient("127.0.0.1", port=simulator.port)
        assert await client.connect()
        answer = await client.write_register(100, 9, device_id=1)
        client.close()
    assert answer.isError()


async def test_a_taken_port_is_refused() -> None:
    async with ModbusSimulator(METER, lambda: usual(METER)) as simulator:
        with pytest.raises(OSError, match=f"{simulator.port}"):
            await ModbusSimulator(METER, lambda: usual(METER), port=simulator.port).start()


async def test_a_reading_loop_ends_when_it_is_cancelled_however_the_cancel_meets_the_answer() -> None:
    values = usual(METER)

    async def read_for_ever(reader: ModbusDriver) -> None:
        while True:
            await reader.read(tick_ms=0)

    async with ModbusSimulator(METER, lambda: values) as simulator:
        reader = driver(simulator.port)
        await reader.connect()
        for step in range(40):
            reading = asyncio.create_task(read_for_ever(reader))
            for _ in range(4 + step % 10):  # the answer arrives some passes of the loop after the question
                await asyncio.sleep(0)
            reading.cancel()
            ended, _ = await asyncio.wait([reading], timeout=10)
            assert ended
            await reader.connect()
        await reader.close()
