"""Polling: one row per tick, read or not, and events for what changed."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import poll_loop, records, recovery
from greengrass_components.edge_kit.changes import SILENT_TICKS, UNAVAILABLE_STATE, Changes
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.edge_kit.journal import Journal
from greengrass_components.edge_kit.poll_loop import PollLoop
from tests.edge_kit.fakes import SCHEMA, SOURCE, T0, HandPace, bootstrap, eventually, open_journal

STATE = {"availability": "AVAILABLE", "execution": "ACTIVE"}


class ScriptedDriver:
    """Answers each tick as the script says: a Reading, an exception, or "hang". Then it hangs for good."""

    def __init__(self, *script: Any, schema: Schema | None = SCHEMA, connects: Callable[[int], None] | None = None):
        self.script = list(script)
        self.schema = schema
        self.connects = connects
        self.connections = 0
        self.closed = 0

    async def connect(self) -> Schema:
        self.connections += 1
        if self.connects:
            self.connects(self.connections)
        self.schema = SCHEMA
        return SCHEMA

    async def read(self, *, tick_ms: int) -> Reading:
        step = self.script.pop(0) if self.script else "hang"
        if step == "hang":
            await asyncio.sleep(3600)
        if isinstance(step, Exception):
            raise step
        assert isinstance(step, Reading)
        return step

    async def close(self) -> None:
        self.closed += 1


class TickPace(HandPace):
    """Time goes on by itself with every tick; `jumps` add to it."""

    def __init__(self, ms: int = T0, jumps: dict[int, int] | None = None) -> None:
        super().__init__(ms)
        self.jumps = jumps or {}
        self.ticks = 0

    async def sleep_until(self, at_ms: int) -> None:
        self.ticks += 1
        await asyncio.sleep(0.002)
        self.ms = max(self.ms, at_ms) + self.jumps.get(self.ticks, 0)

    def wall_s(self, shop_ms: int) -> float:
        return 0.05


async def polled(tmp_path: Path, driver: ScriptedDriver, pace: TickPace, rows: int) -> Path:
    journal: Journal = open_journal(bootstrap(tmp_path), pace)
    loop = PollLoop(SourceConfig(SOURCE, "m_" + "0" * 16, "test", 1000), driver, journal, pace)
    task = asyncio.create_task(loop.run())
    where = bootstrap(tmp_path).journal("test")
    await eventually(lambda: len(rows_of(where)) >= rows or task.done())
    task.cancel()
    await asyncio.wait([task])
    journal.close()
    return where


def bodies(where: Path, kind: int) -> list[bytes]:
    data = [path.read_bytes() for path in recovery.segments_of(where)]
    return [body for part in data for _, body in records.scan(part, 0, records.Scan(0)) if body[0] == kind]


def rows_of(where: Path) -> list[records.RowRecord]:
    return [records.unpack_row(body, 2) for body in bodies(where, records.ROW)]


def events_of(where: Path) -> list[tuple[str, dict[str, Any]]]:
    found = [records.unpack_event(body) for body in bodies(where, records.EVENT)]
    return [(event.type, event.data) for event in found]


async def test_every_tick_has_a_row_on_the_grid_of_the_period(tmp_path: Path) -> None:
    where = await polled(tmp_path, ScriptedDriver(*[Reading((1, 2))] * 20), TickPace(T0 + 345), 8)
    rows = rows_of(where)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.at_ms for row in rows] == [T0 + 1000 * (k + 1) for k in range(len(rows))]


async def test_an_unread_tick_is_a_row_of_nulls_and_the_connection_is_made_anew(tmp_path: Path) -> None:
    script = [Reading((1, 2)), DriverError("nonsense"), Reading((3, 4)), OSError("reset"), "hang", Reading((5, 6))]
    driver = ScriptedDriver(*script)
    where = await polled(tmp_path, driver, TickPace(), 40)
    rows = rows_of(where)
    read = [row.values for row in rows if row.quality == 0]
    assert read == [(1, 2), (3, 4), (5, 6)]
    assert all(row.values == (None, None) and row.quality == 3 for row in rows if row.quality)
    assert driver.connections >= 4
    assert driver.closed >= 3


async def test_a_device_that_refuses_is_tried_again_and_again(tmp_path: Path) -> None:
    def refuse(number: int) -> None:
        if number < 3:
            raise ConnectionRefusedError("refused")

    driver = ScriptedDriver(*[Reading((1, 2))] * 3, connects=refuse)
    where = await polled(tmp_path, driver, TickPace(), 12)
    assert [row.values for row in rows_of(where) if row.quality == 0] == [(1, 2)] * 3


async def test_a_source_whose_signals_are_not_known_yet_has_no_rows(tmp_path: Path) -> None:
    driver = ScriptedDriver(*[Reading((1, 2))] * 5, schema=None)
    where = await polled(tmp_path, driver, TickPace(), 5)
    assert rows_of(where)[0].values == (1, 2)


async def test_a_reading_of_another_width_is_an_unread_tick(tmp_path: Path) -> None:
    where = await polled(tmp_path, ScriptedDriver(Reading((1, 2, 3)), Reading((4, 5))), TickPace(), 8)
    assert [row.values for row in rows_of(where) if row.quality == 0] == [(4, 5)]


async def test_ticks_missed_in_one_go_are_rows_of_nulls(tmp_path: Path) -> None:
    pace = TickPace(jumps={6: 5000})
    where = await polled(tmp_path, ScriptedDriver(*[Reading((1, 2))] * 60), pace, 20)
    rows = rows_of(where)
    assert [row.at_ms for row in rows] == [T0 + 1000 * (k + 1) for k in range(len(rows))]
    assert sum(1 for row in rows if row.quality and row.seq > 3) == 4


async def test_a_long_sleep_is_declared_as_not_observed(tmp_path: Path) -> None:
    pace = TickPace(jumps={6: 3_600_000})
    where = await polled(tmp_path, ScriptedDriver(*[Reading((1, 2))] * 60), pace, 20)
    (span,) = [records.unpack_json(body) for body in bodies(where, records.UNOBSERVED)]
    assert span["why"] == "suspended"
    times = [row.at_ms for row in rows_of(where)]
    (jump,) = [(a, b) for a, b in pairwise(times) if b - a != 1000]
    assert (span["from_ms"], span["to_ms"]) == (jump[0] + 1000, jump[1])


async def test_a_clock_that_is_set_back_goes_on_from_its_new_time(tmp_path: Path) -> None:
    pace = TickPace(jumps={8: -600_000})
    where = await polled(tmp_path, ScriptedDriver(*[Reading((1, 2))] * 60), pace, 20)
    rows = rows_of(where)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert any(b.at_ms < a.at_ms for a, b in pairwise(rows))


async def test_what_changed_becomes_an_event_and_what_did_not_is_silent(tmp_path: Path) -> None:
    active = {"state": STATE, "part": {"count": 1}}
    alarm = {"servo 401": {"number": 401, "type": "servo", "text": "VRDY", "axis": "X"}}
    script = [
        Reading((1, 2), facts=active),
        Reading((1, 2), facts=dict(active), alarms=alarm),
        Reading((1, 2), facts={**active, "part": {"count": 2}}, alarms=alarm),
        Reading((1, 2), facts=active | {"part": {"count": 2}}),
    ]
    where = await polled(tmp_path, ScriptedDriver(*script), TickPace(), 12)
    assert events_of(where) == [
        ("state", STATE),
        ("part", {"count": 1}),
        ("alarm", {**alarm["servo 401"], "active": True}),
        ("part", {"count": 2}),
        ("alarm", {**alarm["servo 401"], "active": False}),
        ("state", dict(UNAVAILABLE_STATE)),
    ]


def test_a_source_that_falls_silent_says_so_once() -> None:
    changes = Changes()
    assert list(changes.of(Reading((1,), facts={"state": STATE}))) == [("state", STATE)]
    silent = [list(changes.of_silence()) for _ in range(10)]
    assert [len(found) for found in silent] == [0] * (SILENT_TICKS - 1) + [1] + [0] * (10 - SILENT_TICKS)
    assert list(changes.of(Reading((1,), facts={"state": STATE}))) == [("state", STATE)]


@pytest.mark.parametrize("error", [DriverError("x"), OSError("x"), EOFError()])
async def test_a_dead_source_delays_no_other(tmp_path: Path, error: Exception) -> None:
    pace = TickPace()
    journal = open_journal(bootstrap(tmp_path), pace)
    dead = ScriptedDriver(*["hang"] * 50)
    alive = ScriptedDriver(*[Reading((1, 2))] * 1000)
    other = "d_" + "z" * 16
    loops = [
        PollLoop(SourceConfig(source, "m_" + "0" * 16, "test", 1000), driver, journal, TickPace())
        for source, driver in ((SOURCE, dead), (other, alive))
    ]
    dead.script = [error, "hang", *["hang"] * 50]
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    await eventually(lambda: loops[1].state.rows >= 50)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert loops[1].state.unread <= 2
    assert loops[0].state.rows == 0


def test_the_read_share_leaves_time_for_writing() -> None:
    assert 0 < poll_loop.READ_SHARE < 1
