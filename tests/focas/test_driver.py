"""The driver against simulated controls: every signal, every fate."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from cnc.domain.telemetry.facts import Quality
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import Driver, DriverError, Reading
from greengrass_components.edge_kit.pace import wall_ms
from greengrass_components.focas.driver import FocasDriver, open_driver
from greengrass_components.focas.simulator import PERSONAS, FocasSimulator, Persona, StandaloneControl
from greengrass_components.focas.simulator.standalone import (
    StandaloneAlarm,
    StandaloneAxis,
    StandaloneSpindle,
)
from tests.focas.conftest import MakeSimulator

Drive = Callable[..., Awaitable["Driven"]]


class Driven:
    """A driver with the control it reads."""

    def __init__(self, driver: FocasDriver, control: StandaloneControl, simulator: FocasSimulator) -> None:
        self.driver, self.control, self.simulator = driver, control, simulator
        self.tick_ms = wall_ms() // 1000 * 1000

    async def read(self) -> tuple[dict[str, Any], Reading]:
        self.tick_ms += 1000
        reading = await self.driver.read(tick_ms=self.tick_ms)
        schema = self.driver.schema
        assert schema is not None
        named = zip(schema.signals, reading.values, strict=True)
        return {signal.key: signal.value(value) for signal, value in named}, reading


@pytest.fixture
async def drive(simulate: MakeSimulator) -> AsyncIterator[Drive]:
    opened: list[FocasDriver] = []

    async def make(control: StandaloneControl | None = None, persona: Persona | None = None) -> Driven:
        control = control or StandaloneControl()
        simulator = await simulate(control, persona)
        driver = open_driver(source(simulator.port))
        opened.append(driver)
        await driver.connect()
        return Driven(driver, control, simulator)

    yield make
    for driver in opened:
        await driver.close()


def source(port: int, **settings: Any) -> SourceConfig:
    return SourceConfig(
        "d_0000000000000001", "m_0000000000000001", "focas", 1000, host="127.0.0.1", port=port, settings=settings
    )


def keys(schema: Schema | None) -> set[str]:
    assert schema is not None
    return {signal.key for signal in schema.signals}


async def test_a_mill_is_read_with_every_signal_in_its_unit(drive: Drive) -> None:
    values, reading = await (await drive()).read()
    assert reading.quality == Quality.GOOD
    assert None not in values.values()
    expected = {
        "controller.execution": "ACTIVE", "controller.controller_mode": "AUTOMATIC",
        "controller.functional_mode": "PRODUCTION", "controller.emergency_stop": "ARMED",
        "path1.program": 1, "path1.line": 35, "path1.tool_number": 5, "path1.part_count.all": 42,
        "path1.path_feedrate.actual": 25.0, "path1.path_feedrate.override": 100,
        "path1.path_feedrate.rapid_override": 100, "path1.x_motion": "MOTION", "path1.x_mstb": "NONE",
        "x.position.actual": 123.456, "y.position.machine": -200.0, "z.position.distance": -0.25,
        "x.load": 12, "z.temperature": 55, "s1.rotary_velocity.actual": 8000, "s1.load": 45, "s1.temperature": 48,
        "s1.rotary_velocity.override": 100, "controller.equipment_timer.operating": 740_730.0,
        "path1.process_timer.process": 151.0,
    }  # fmt: skip
    assert {key: values[key] for key in expected} == expected


async def test_a_measured_zero_is_a_value_and_not_missing(drive: Drive) -> None:
    still = StandaloneControl(
        axes=[StandaloneAxis("X")], spindles=[StandaloneSpindle()], feed_mm_min=0, part_count=0, sequence_number=0
    )
    values, reading = await (await drive(still)).read()
    assert [values[key] for key in ("x.position.actual", "s1.load", "path1.path_feedrate.actual")] == [0, 0, 0]
    assert [values["path1.part_count.all"], values["path1.line"], reading.quality] == [0, 0, Quality.GOOD]


async def test_a_rotary_axis_is_an_angle_and_two_spindles_are_two(drive: Drive) -> None:
    control = StandaloneControl(
        axes=[StandaloneAxis("X"), StandaloneAxis("B", absolute=-12.5, rotary=True)],
        spindles=[StandaloneSpindle("S1", 100), StandaloneSpindle("S2", 250)],
    )
    values, _ = await (await drive(control)).read()
    assert values["b.angle.actual"] == -12.5
    assert (values["s1.rotary_velocity.actual"], values["s2.rotary_velocity.actual"]) == (100, 250)


async def test_program_parts_tool_and_overrides_travel_as_facts(drive: Drive) -> None:
    _, reading = await (await drive()).read()
    assert reading.facts["program"] == {"name": "O0001", "number": 1}
    assert reading.facts["part"] == {"count": 42}
    assert reading.facts["tool"] == {"number": 5}
    assert reading.facts["override"] == {"feed": 100, "rapid": 100, "spindle": 100}
    assert reading.facts["state"] == {
        "availability": "AVAILABLE", "execution": "ACTIVE", "controller_mode": "AUTOMATIC",
        "functional_mode": "PRODUCTION", "emergency_stop": "ARMED", "fault": False,
    }  # fmt: skip


async def test_what_did_not_change_is_the_same_object(drive: Drive) -> None:
    driven = await drive()
    first = (await driven.read())[1]
    driven.control.axes[0].absolute = 99
    second = (await driven.read())[1]
    assert second.facts is first.facts
    assert second.alarms is first.alarms


async def test_a_change_of_program_brings_its_name_in_the_same_row(drive: Drive) -> None:
    driven = await drive()
    driven.control.program_number = 1234
    _, reading = await driven.read()
    assert reading.facts["program"] == {"name": "O1234", "number": 1234}


async def test_alarms_come_with_text_and_go(drive: Drive) -> None:
    driven = await drive()
    driven.control.alarms.append(StandaloneAlarm(417, 6, 2, "SERVO ALARM"))
    values, reading = await driven.read()
    assert reading.alarms == {"SV417.2": {"number": 417, "type": "SV", "text": "SERVO ALARM", "axis": "Y"}}
    assert values["controller.x_alarm_bits"] == 64
    assert reading.facts["state"]["fault"] is True
    driven.control.alarms.clear()
    assert (await driven.read())[1].alarms == {}


@pytest.mark.parametrize(
    ("changed", "execution"),
    [
        ({"run": 1, "commands": {"M": 0, "T": 5}}, "PROGRAM_STOPPED"),
        ({"run": 1, "commands": {"M": 1, "T": 5}}, "OPTIONAL_STOP"),
        ({"run": 1, "commands": {"M": 30, "T": 5}}, "PROGRAM_COMPLETED"),
        ({"run": 1, "commands": {"M": 8, "T": 5}}, "STOPPED"),
        ({"run": 2}, "FEED_HOLD"),
        ({"run": 0}, "READY"),
        ({"run": 3, "feed_override_percent": 0}, "INTERRUPTED"),
        ({"run": 3, "motion": 2}, "ACTIVE"),
        ({"emergency": 1}, "STOPPED"),
    ],
)
async def test_execution_follows_the_table_over_the_wire(changed: dict[str, Any], execution: str, drive: Drive) -> None:
    driven = await drive()
    for name, value in changed.items():
        setattr(driven.control, name, value)
    values, _ = await driven.read()
    assert values["controller.execution"] == execution


# -- what a control does not have --


async def test_a_function_the_control_lacks_is_asked_once_and_has_no_signal(drive: Drive) -> None:
    persona = Persona(refused=frozenset({0x56, 0x120}), no_option=frozenset({0x93}))
    driven = await drive(persona=persona)
    assert not keys(driven.driver.schema) & {"x.load", "path1.process_timer.process", "x.temperature"}
    assert {"servo_load", "timer_cycle", "axis_heat", "spindle_heat"} <= set(driven.driver.absent)
    _, reading = await driven.read()
    assert reading.quality == Quality.GOOD


async def test_a_function_lost_later_is_remembered_and_its_signal_has_no_value(drive: Drive) -> None:
    driven = await drive()
    driven.simulator.cnc.persona = Persona(refused=frozenset({0x56}))
    values, reading = await driven.read()
    assert (values["x.load"], reading.quality) == (None, Quality.GOOD)
    driven.simulator.cnc.persona = Persona()
    assert (await driven.read())[0]["x.load"] is None
    assert "servo_load" in driven.driver.absent


async def test_capabilities_survive_a_new_connection_to_the_same_control(drive: Drive) -> None:
    driven = await drive(persona=Persona(refused=frozenset({0x56})))
    driven.simulator.cnc.persona = Persona(cnc_id=driven.simulator.cnc.persona.cnc_id)
    await driven.driver.connect()
    assert "servo_load" in driven.driver.absent
    driven.simulator.cnc.persona = Persona(cnc_id=(9, 9, 9, 9))
    await driven.driver.connect()
    assert "servo_load" not in driven.driver.absent


@pytest.mark.parametrize("persona", sorted(PERSONAS))
async def test_every_model_of_control_is_read(persona: str, drive: Drive) -> None:
    values, reading = await (await drive(persona=PERSONAS[persona])).read()
    assert values["controller.execution"] == "ACTIVE"
    assert values["x.position.actual"] == 123.456
    assert values["x.temperature"] == 41
    assert reading.quality == Quality.GOOD


async def test_timers_of_a_little_endian_control_are_right_from_the_first_row(drive: Drive) -> None:
    control = StandaloneControl(power_on_ms=256 * 60_000)
    values, _ = await (await drive(control, Persona(little_endian_timers=True))).read()
    assert values["controller.equipment_timer.operating"] == 740_730.0
    assert values["controller.equipment_timer.powered"] == 256 * 60


async def test_slow_signals_take_turns_and_all_come_within_ten_seconds(drive: Drive) -> None:
    driven = await drive()
    driven.control.part_required, driven.control.axes[1].temperature_c = 77, 91.0
    driven.control.spindles[0].temperature_c, driven.control.cycle_ms = 66.0, 9_000
    for _ in range(11):
        values, _ = await driven.read()
    wanted = ("path1.part_count.target", "y.temperature", "s1.temperature", "path1.process_timer.process")
    assert [values[key] for key in wanted] == [77, 91, 66, 9.0]


# -- damage --


async def test_an_impossible_value_is_never_good(drive: Drive) -> None:
    driven = await drive()
    driven.control.axes[0].load_percent = 4_000
    driven.control.axes[1].absolute = 90_000
    values, reading = await driven.read()
    assert (values["x.load"], values["y.position.actual"]) == (None, None)
    assert reading.quality == Quality.UNCERTAIN
    assert values["y.load"] == 34


async def test_state_words_that_no_control_shows_leave_no_state(drive: Drive) -> None:
    driven = await drive()
    driven.control.run = 300
    values, reading = await driven.read()
    assert values["controller.execution"] is None
    assert reading.quality == Quality.UNCERTAIN
    assert "state" not in reading.facts


async def test_a_control_that_goes_away_is_a_driver_error_and_comes_back(drive: Drive) -> None:
    driven = await drive()
    port = driven.simulator.port
    await driven.simulator.stop()
    with pytest.raises(DriverError):
        await driven.read()
    with pytest.raises(DriverError):
        await driven.driver.connect()
    driven.simulator.port = port
    await driven.simulator.start()
    await driven.driver.connect()
    assert (await driven.read())[1].quality == Quality.GOOD


async def test_reading_without_a_connection_is_a_driver_error(drive: Drive) -> None:
    driven = await drive()
    await driven.driver.close()
    await driven.driver.close()
    with pytest.raises(DriverError, match="not connected"):
        await driven.read()


async def test_a_read_cut_off_by_the_poll_loop_needs_a_new_connection(drive: Drive) -> None:
    driven = await drive()
    reading = asyncio.create_task(driven.driver.read(tick_ms=0))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    with pytest.raises(DriverError):
        await driven.read()


def test_the_driver_is_what_the_edge_kit_polls() -> None:
    driver: Driver = open_driver(source(8193))
    assert driver.schema is None


async def test_an_alarm_text_that_could_not_be_read_does_not_clear_the_alarm(drive: Drive) -> None:
    driven = await drive()
    driven.control.alarms.append(StandaloneAlarm(417, 6, 2, "SERVO ALARM"))
    active = (await driven.read())[1].alarms
    driver = driven.driver
    driven.simulator.cnc.persona = Persona(busy=frozenset({0x23}))
    _, reading = await driven.read()
    assert reading.alarms is active
    assert "BUSY" in driver.failing["alarms"]


async def test_the_second_path_of_a_control_is_a_source_of_its_own(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(paths=2))
    driver = open_driver(source(simulator.port, path=2))
    try:
        assert "path2.program" in keys(await driver.connect())
        assert (await driver.read(tick_ms=0)).quality == Quality.GOOD
    finally:
        await driver.close()


async def test_a_path_the_control_does_not_have_is_said_when_connecting(simulate: MakeSimulator) -> None:
    simulator = await simulate()
    driver = open_driver(source(simulator.port, path=3))
    with pytest.raises(DriverError, match="path 3"):
        await driver.connect()
    await driver.close()


# -- parts --


@pytest.mark.parametrize(
    ("counts", "value"), [("parameter 6712", 4711), ("macro #3902", 100), ("PMC G12:1", 155), ("macro #500", 17)]
)
async def test_parts_are_counted_the_way_that_was_chosen(counts: str, value: int, simulate: MakeSimulator) -> None:
    control = StandaloneControl(macros={500: 17.0})
    simulator = await simulate(control)
    driver = open_driver(source(simulator.port, counts=counts))
    schema = await driver.connect()
    driven = Driven(driver, control, simulator)
    values, reading = await driven.read()
    await driver.close()
    assert values["path1.part_count.all"] == value
    assert reading.facts["part"] == {"count": value}
    assert {signal.native_name for signal in schema.signals if signal.key == "path1.part_count.all"} == {counts}


async def test_a_way_to_count_that_is_none_is_said_when_connecting(simulate: MakeSimulator) -> None:
    driver = open_driver(source((await simulate()).port, counts="by eye"))
    with pytest.raises(DriverError, match=r"parts cannot be counted by 'by eye', expected 'parameter <number>'"):
        await driver.connect()
