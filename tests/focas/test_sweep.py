"""The sweep: capability table, periods on an absolute grid, slow controls and controls that drop connections."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.edge_kit.keeping import Keeping
from greengrass_components.focas.client.sessions import Sessions
from greengrass_components.focas.driver import FocasDriver, open_driver
from greengrass_components.focas.driver.asks import Ask, Pace
from greengrass_components.focas.driver.capabilities import KEEP_MS, Capabilities, load, save
from greengrass_components.focas.driver.sweep import STARVED_TICKS, Sweep
from greengrass_components.focas.protocol.blocks import Request
from greengrass_components.focas.protocol.functions.axes import actf
from greengrass_components.focas.protocol.functions.status import statinfo
from greengrass_components.focas.simulator import FocasSimulator, Persona, StandaloneControl
from greengrass_components.focas.simulator.standalone import StandaloneAlarm
from tests.focas.conftest import MakeSimulator
from tests.focas.test_driver import source

T0 = 1_795_000_000_000
ID = "d_0000000000000001.json"


class Clock:
    """A shop clock that the test moves; `wall_s` says how much wall time a period of the shop takes."""

    def __init__(self, speed: float = 1.0) -> None:
        self.now, self.speed = T0, speed

    def now_ms(self) -> int:
        return self.now

    async def sleep_until(self, at_ms: int) -> None:
        self.now = max(self.now, at_ms)

    def wall_s(self, shop_ms: int) -> float:
        return shop_ms / 1000 / self.speed


class Reader:
    """A driver with its clock and table, read tick by tick."""

    def __init__(self, simulator: FocasSimulator, folder: Path, *, speed: float = 1.0, **settings: Any) -> None:
        self.clock = Clock(speed)
        self.driver: FocasDriver = open_driver(source(simulator.port, **settings))
        self.driver.keep_in(folder, self.clock)
        self.table = folder / ID

    async def read(self) -> dict[str, Any]:
        self.reading: Reading = await self.driver.read(tick_ms=self.clock.now)
        self.clock.now += 1000
        schema = self.driver.schema
        assert schema is not None
        return {s.key: s.value(v) for s, v in zip(schema.signals, self.reading.values, strict=True)}


@pytest.fixture
async def readers() -> AsyncIterator[list[Reader]]:
    made: list[Reader] = []
    yield made
    for reader in made:
        await reader.driver.close()


def asked(simulator: FocasSimulator) -> list[int]:
    """Function codes that reach the control from now on."""
    seen: list[int] = []
    persona = simulator.cnc.persona

    class Listening(frozenset[int]):
        def __contains__(self, code: object) -> bool:
            assert isinstance(code, int)
            seen.append(code)
            return False

    simulator.cnc.persona = Persona(
        cnc_id=persona.cnc_id, refused=persona.refused, no_option=persona.no_option, busy=Listening()
    )
    return seen


# -- the capability table --


async def test_what_a_control_lacks_is_written_down_with_its_reason(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate(persona=Persona(refused=frozenset({0x56}), no_option=frozenset({0x97})))
    readers.append(reader := Reader(simulator, tmp_path))
    await reader.driver.connect()
    document = json.loads(reader.table.read_text())
    assert document["v"] == 1
    assert document["absent"] == {
        "servo_load": "this control does not have the function (EW_FUNC)",
        "commands": "the option is missing (EW_NOOPT)",
    }
    assert document["identity"]["cnc_type"] == "31"
    assert document["facts"] == {
        "axes": ["X", "Y", "Z"], "spindles": ["s1"], "units": [0, 0, 0], "program_naming": "folders",
    }  # fmt: skip


async def test_after_a_restart_what_is_absent_is_not_asked_again(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate(persona=Persona(refused=frozenset({0x56})))
    readers.append(first := Reader(simulator, tmp_path))
    await first.driver.connect()
    await first.driver.close()
    seen = asked(simulator)
    readers.append(second := Reader(simulator, tmp_path))
    await second.driver.connect()
    await second.read()
    assert 0x19 in seen
    assert 0x56 not in seen
    assert second.reading.quality == Quality.GOOD


@pytest.mark.parametrize("change", ["identity", "age", "damage", "version"])
async def test_another_control_an_old_or_a_damaged_table_is_learned_anew(
    change: str, simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate(persona=Persona(refused=frozenset({0x56})))
    readers.append(first := Reader(simulator, tmp_path))
    await first.driver.connect()
    simulator.cnc.persona = Persona(software="53.0" if change == "identity" else "52.0")
    if change == "damage":
        first.table.write_bytes(first.table.read_bytes()[:-20])
    if change == "version":
        first.table.write_text(first.table.read_text().replace('"v": 1', '"v": 9'))
    readers.append(second := Reader(simulator, tmp_path))
    second.clock.now += KEEP_MS + 1 if change == "age" else 0
    await second.driver.connect()
    assert "servo_load" not in second.driver.absent
    assert "servo_load" not in json.loads(first.table.read_text())["absent"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"v":1}', "[" * 100_000, '{"v":1,"absent":{"a":1}}', "\x00\xff"])
def test_a_table_that_is_none_is_not_there(text: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(text)
    assert load(tmp_path / "t.json") is None


def test_a_table_survives_being_kept(tmp_path: Path) -> None:
    table = Capabilities({"series": "G421"}, T0, {"axes": ["X"]}, {"feed": "no"}, {"line": "busy"}, "<")
    save(tmp_path / "deep" / "t.json", table)
    assert load(tmp_path / "deep" / "t.json") == table


def test_the_driver_is_told_where_to_keep_it() -> None:
    assert isinstance(open_driver(source(8193)), Keeping)


# -- items that fail --


async def test_an_item_that_fails_has_no_value_and_a_reason_and_the_others_go_on(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate()
    readers.append(reader := Reader(simulator, tmp_path))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(busy=frozenset({0x24}))
    values = await reader.read()
    assert (values["path1.path_feedrate.actual"], values["x.position.actual"]) == (None, 123.456)
    assert reader.reading.quality == Quality.UNCERTAIN
    assert "BUSY" in reader.driver.failing["feed"]
    simulator.cnc.persona = Persona()
    assert (await reader.read())["path1.path_feedrate.actual"] == 25.0
    assert (reader.driver.failing, reader.reading.quality) == ({}, Quality.GOOD)


async def test_a_connection_lost_in_the_middle_keeps_what_was_read_and_comes_back_at_once(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate()
    readers.append(reader := Reader(simulator, tmp_path))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(deadly=frozenset({0x56}))
    values = await reader.read()
    assert (values["x.position.actual"], values["x.load"]) == (123.456, None)
    assert reader.reading.quality == Quality.UNCERTAIN
    simulator.cnc.persona = Persona()
    values = await reader.read()
    assert (values["x.position.actual"], values["x.load"]) == (123.456, 12)


async def test_a_function_that_ends_the_connection_is_found_and_left_out(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate(persona=Persona(deadly=frozenset({0x56})))
    readers.append(reader := Reader(simulator, tmp_path))
    schema = await reader.driver.connect()
    assert "x.load" not in {signal.key for signal in schema.signals}
    assert "ends the connection" in reader.driver.absent["servo_load"]
    await reader.read()
    assert reader.reading.quality == Quality.GOOD
    assert json.loads(reader.table.read_text())["absent"].keys() == {"servo_load"}


async def test_a_function_that_becomes_deadly_later_is_left_out_within_a_few_ticks(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate()
    readers.append(reader := Reader(simulator, tmp_path))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(deadly=frozenset({0x97}))
    for _ in range(6):
        assert (await reader.read())["x.position.actual"] == 123.456
    assert set(reader.driver.absent) == {"commands"}
    assert reader.driver.failing == {}
    assert reader.reading.quality == Quality.GOOD


async def test_a_control_that_drops_every_connection_is_a_driver_error(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate(persona=Persona(deadly=frozenset({0x19, 0x1A, 0x1C, 0x1D, 0x26, 0x24, 0x25})))
    readers.append(reader := Reader(simulator, tmp_path))
    with pytest.raises(DriverError):
        await reader.driver.connect()
    assert reader.driver.schema is None


# -- slow controls --


async def test_a_slow_control_serves_the_fast_signals_in_every_row(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    """Each answer takes 1/5 of a period, as 200 ms do of a second; run five times faster."""
    control = StandaloneControl()
    simulator = await simulate(control)
    readers.append(reader := Reader(simulator, tmp_path, speed=5))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(delay_s=0.04)
    seen = []
    for number in range(6):
        control.sequence_number = number
        control.axes[0].load_percent = number
        values = await reader.read()
        seen.append((values["path1.line"], values["x.load"]))
    assert [line for line, _ in seen] == [0, 1, 2, 3, 4, 5]
    assert seen[-1][1] is not None


async def test_an_answer_that_takes_too_long_costs_its_signals_and_not_the_row(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    simulator = await simulate()
    readers.append(reader := Reader(simulator, tmp_path, speed=5))
    await reader.driver.connect()
    exchange = reader.driver._exchange

    async def hangs(group: Any, *, tick_ms: int) -> None:
        if any(ask.name == "servo_load" for ask in group):
            await asyncio.sleep(60)
        await exchange(group, tick_ms=tick_ms)

    reader.driver._exchange = hangs  # type: ignore[method-assign]
    values = await reader.read()
    assert (values["x.position.actual"], values["x.load"]) == (123.456, None)
    assert "left of the tick" in reader.driver.failing["servo_load"]
    reader.driver._exchange = exchange  # type: ignore[method-assign]
    for _ in range(12):  # the control is trusted again little by little
        values = await reader.read()
    assert values["x.load"] == 12
    assert reader.driver.absent == {}


async def test_no_more_is_asked_in_a_tick_than_the_control_answers_in_it(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    """Three exchanges are wanted in every tick, of which two fit."""
    control = StandaloneControl(alarms=[StandaloneAlarm(417, 6, 1, "SERVO")], run=1)
    simulator = await simulate(control)
    readers.append(reader := Reader(simulator, tmp_path, speed=10))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(delay_s=0.03)
    exchanges, exchange = [0], reader.driver._exchange

    async def counted(group: Any, *, tick_ms: int) -> None:
        exchanges[-1] += 1
        await exchange(group, tick_ms=tick_ms)

    reader.driver._exchange = counted  # type: ignore[method-assign]
    for number in range(8):
        control.program_number = number + 1
        assert (await reader.read())["path1.program"] == number + 1
        exchanges.append(0)
    assert max(exchanges) <= 2


async def test_a_control_too_slow_for_both_gives_some_ticks_to_the_others(
    simulate: MakeSimulator, readers: list[Reader], tmp_path: Path
) -> None:
    control = StandaloneControl()
    simulator = await simulate(control)
    readers.append(reader := Reader(simulator, tmp_path, speed=5))
    await reader.driver.connect()
    simulator.cnc.persona = Persona(delay_s=0.11)
    lines, loads = [], []
    for number in range(STARVED_TICKS + 3):
        control.axes[0].load_percent = number
        values = await reader.read()
        lines.append(values["path1.line"])
        loads.append(values["x.load"])
    assert 1 <= lines.count(None) <= 2
    assert len({load for load in loads if load is not None}) >= 2


def fake(name: str, pace: Pace) -> Ask:
    return Ask(name, pace, actf() if pace is Pace.SLOW else statinfo())


def test_due_times_lie_on_a_grid_and_never_drift() -> None:
    sweep = Sweep(1000)
    slow = [f"slow{n}" for n in range(5)]
    sweep.learn([fake("fast", Pace.FIRST), *(fake(name, Pace.SLOW) for name in slow)], tick_ms=T0)
    asked_at: dict[str, list[int]] = {name: [] for name in slow}
    for tick in range(T0 + 370, T0 + 100_370, 1000):  # every tick late by the same 370 ms
        names = sweep.due(tick)
        assert len(names) <= 1
        for name in names:
            asked_at[name].append(tick)
        sweep.asked(names, tick_ms=tick)
    assert {len(times) for times in asked_at.values()} <= {9, 10}
    assert all(b - a == 10_000 for times in asked_at.values() for a, b in itertools.pairwise(times))


def test_the_earliest_deadline_comes_first_when_time_is_short() -> None:
    sweep = Sweep(1000)
    sweep.learn([fake("a", Pace.SECOND), fake("b", Pace.SLOW)], tick_ms=T0)
    late = T0 + 60_000
    sweep.asked(["a"], tick_ms=late - 1000)
    assert sweep.due(late) == ["b", "a"]


def test_a_clock_that_is_set_back_leaves_nobody_waiting() -> None:
    sweep = Sweep(1000)
    sweep.learn([fake("a", Pace.SECOND), fake("b", Pace.SLOW)], tick_ms=T0)
    day = 24 * 3600 * 1000
    waited = [tick for tick in range(T0 - day, T0 - day + 11_000, 1000) if "b" in sweep.due(tick)]
    assert waited


def test_a_value_that_is_not_renewed_gets_stale() -> None:
    sweep = Sweep(1000)
    sweep.learn([fake("a", Pace.SECOND)], tick_ms=T0)
    sweep.answered("a", tick_ms=T0)
    assert sweep.stale(T0 + 3000) == []
    assert sweep.stale(T0 + 3001) == ["a"]


def test_isolated_asks_travel_alone_and_last() -> None:
    sweep = Sweep(1000)
    every = [fake(name, Pace.SLOW) for name in "abc"]
    sweep.isolate(["a"])
    assert [[ask.name for ask in group] for group in sweep.groups(every)] == [["b", "c"], ["a"]]
    sweep.exonerate("a")
    assert [[ask.name for ask in group] for group in sweep.groups(every)] == [["a", "b", "c"]]


# -- connections --


async def test_two_paths_of_one_control_share_one_connection(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(paths=2, sessions=1))
    sessions = Sessions()
    drivers = [open_driver(source(simulator.port, path=path), sessions) for path in (1, 2)]
    for driver in drivers:
        await driver.connect()
    rows = await asyncio.gather(*(driver.read(tick_ms=T0) for driver in drivers))
    assert [row.quality for row in rows] == [Quality.GOOD, Quality.GOOD]
    assert simulator.sessions == 1
    await drivers[0].close()
    assert (await drivers[1].read(tick_ms=T0 + 1000)).quality == Quality.GOOD
    await drivers[1].close()
    async with asyncio.timeout(5):
        while simulator.sessions:
            await asyncio.sleep(0.01)


async def test_a_lost_shared_session_is_replaced_for_both(simulate: MakeSimulator) -> None:
    simulator = await simulate(persona=Persona(paths=2))
    sessions = Sessions()
    drivers = [open_driver(source(simulator.port, path=path), sessions) for path in (1, 2)]
    for driver in drivers:
        await driver.connect()
    client = await sessions.take("127.0.0.1", simulator.port, timeout_s=5)
    task = asyncio.create_task(client.ask([actf()]))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert not client.alive
    await sessions.release(client)
    for driver in drivers:
        with pytest.raises(DriverError):
            await driver.read(tick_ms=T0)
        await driver.close()
        await driver.connect()
        assert (await driver.read(tick_ms=T0)).quality == Quality.GOOD
    for driver in drivers:
        await driver.close()


def test_requests_of_one_group_fit_one_frame() -> None:
    sweep = Sweep(1000)
    asks = [fake(f"n{n}", Pace.FIRST) for n in range(9)]  # three blocks each
    groups = sweep.groups(asks)
    assert [sum(len(ask.call.requests) for ask in group) for group in groups] == [9, 9, 9]
    assert isinstance(asks[0].call.requests[0], Request)
