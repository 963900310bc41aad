"""Several units behind one serial device server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.modbus.driver import ModbusDriver, open_driver
from greengrass_components.modbus.frames import Ask, Damaged, Exceptional, crc, rtu_answer, rtu_request, tcp_answer
from greengrass_components.modbus.registers import RegisterKind
from greengrass_components.modbus.serial_line import LINES
from greengrass_components.modbus.serial_simulator import SerialSimulator

from .devices import METER, SENSOR, proxy, source, usual

ASK = Ask.of(RegisterKind.HOLDING, 0x6B, 3)


def unit(port: int, number: int, *, name: str = "energy_meter", **settings: object) -> ModbusDriver:
    config = source(port, name=name, unit=number)
    more = {"transport": "rtu_over_tcp", "timeout_ms": 150, **settings}
    made = open_driver(replace(config, settings={**config.settings, **more}))
    assert isinstance(made, ModbusDriver)
    return made


@asynccontextmanager
async def line(*, rtu: bool = True) -> AsyncIterator[SerialSimulator]:
    meter, sensor = usual(METER), usual(SENSOR)
    units = {1: (METER, lambda: meter), 7: (SENSOR, lambda: sensor)}
    async with SerialSimulator(units, rtu=rtu) as made:
        yield made


def test_the_example_of_the_specification_has_its_checksum() -> None:
    assert crc(bytes.fromhex("020741")[:2]) == bytes.fromhex("4112")  # serial line 1.02, appendix B
    assert rtu_request(0x11, ASK) == bytes.fromhex("1103006B00037687")


def answer(data: str, unit_: int = 0x11) -> bytes:
    body = bytes((unit_,)) + bytes.fromhex(data)
    return body + crc(body)


GOOD = answer("0306AE4156524340")


@pytest.mark.parametrize("cut", range(len(GOOD)))
def test_a_frame_cut_anywhere_waits_for_the_rest(cut: int) -> None:
    assert rtu_answer(GOOD[:cut], 0x11, ASK) == (None, 0)
    assert rtu_answer(GOOD, 0x11, ASK) == (bytes.fromhex("AE4156524340"), len(GOOD))


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_a_frame_with_any_bit_flipped_is_never_taken_for_the_answer(at: int) -> None:
    for bit in range(8):
        spoilt = bytearray(GOOD)
        spoilt[at] ^= 1 << bit
        try:
            assert rtu_answer(bytes(spoilt), 0x11, ASK)[0] is None
        except (Damaged, Exceptional):
            continue


def test_an_answer_of_another_unit_that_came_late_is_skipped() -> None:
    late = answer("0306000000000000", 0x12)
    assert rtu_answer(late + GOOD, 0x11, ASK) == (None, len(late))


def test_a_refusal_is_told_with_its_code() -> None:
    with pytest.raises(Exceptional) as refused:
        rtu_answer(answer("8302"), 0x11, ASK)
    assert refused.value.code == 2
    with pytest.raises(Exceptional):
        tcp_answer(bytes.fromhex("0001 0000 0003 11 83 02"), 1, 0x11, ASK)


@pytest.mark.parametrize("rtu", [True, False])
async def test_units_share_one_connection_and_are_read_in_turn(rtu: bool) -> None:
    async with line(rtu=rtu) as simulator:
        way = {} if rtu else {"transport": "tcp", "shared": True}
        meter, sensor = unit(simulator.port, 1, **way), unit(simulator.port, 7, name="vibration_sensor", **way)
        await asyncio.gather(meter.connect(), sensor.connect())
        for tick in range(5):
            readings = await asyncio.gather(meter.read(tick_ms=tick), sensor.read(tick_ms=tick))
            assert [reading.quality for reading in readings] == [Quality.GOOD, Quality.GOOD]
        assert len(LINES._lines) == 1
        await meter.close()
        assert (await sensor.read(tick_ms=9)).quality == Quality.GOOD
        await sensor.close()
    assert not LINES._lines


async def test_a_silent_unit_is_not_connected_and_the_others_are_read_meanwhile() -> None:
    async with line() as simulator:
        meter, dead = unit(simulator.port, 1), unit(simulator.port, 3)
        await meter.connect()
        seeking = asyncio.create_task(dead.connect())
        readings = [await meter.read(tick_ms=tick) for tick in range(20)]
        assert {reading.quality for reading in readings} == {Quality.GOOD}
        with pytest.raises(DriverError, match=r"unit 3, input 0: .* no answer in time"):
            await seeking
        await dead.close()
        assert (await meter.read(tick_ms=21)).quality == Quality.GOOD
        await meter.close()


async def test_a_unit_that_a_gateway_does_not_reach_is_not_connected() -> None:
    async with line(rtu=False) as simulator:
        with pytest.raises(DriverError, match="does not reach the unit"):
            await unit(simulator.port, 3, transport="tcp", shared=True).connect()
    for held in list(LINES._lines.values()):
        for user in list(held.users):
            user.close()


async def test_a_damaged_answer_is_flagged_and_read_again_over_the_same_connection() -> None:
    left = 0

    def spoil(data: bytes) -> bytes:
        nonlocal left
        left -= 1
        return data[:4] + bytes([data[4] ^ 0x10]) + data[5:] if left >= 0 else data

    async with line() as simulator, proxy(simulator.port, spoil) as port:
        meter = unit(port, 1)
        await meter.connect()
        left = 1
        flagged, clean = [await meter.read(tick_ms=tick) for tick in range(2)]
        assert [flagged.quality, clean.quality] == [Quality.UNCERTAIN, Quality.GOOD]
        assert flagged.values == clean.values
        assert meter.damaged == 1
        left = 2
        with pytest.raises(DriverError, match="checksum"):
            await meter.read(tick_ms=3)
        await meter.close()


async def test_a_line_that_is_lost_is_opened_again_by_whoever_reads_next() -> None:
    async with line() as simulator, proxy(simulator.port, lambda data: data) as port:
        meter, sensor = unit(port, 1), unit(port, 7, name="vibration_sensor")
        await meter.connect()
        await sensor.connect()
        (held,) = LINES._lines.values()
        (await held.channel()).close()
        assert (await sensor.read(tick_ms=0)).quality == Quality.GOOD
        assert (await meter.read(tick_ms=0)).quality == Quality.GOOD
        await meter.close()
        await sensor.close()
