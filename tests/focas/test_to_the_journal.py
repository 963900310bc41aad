"""From FOCAS bytes to rows in the journal: the real driver under the real poll loop, with the control going away."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit import records, recovery
from greengrass_components.edge_kit.journal import Journal, JournalLimits
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.focas.driver import FocasDriver, open_driver
from greengrass_components.focas.simulator import StandaloneControl
from greengrass_components.focas.simulator.standalone import StandaloneAlarm
from tests.focas.conftest import MakeSimulator
from tests.focas.damage import DamagingRelay
from tests.focas.test_driver import source

T0 = 1_764_000_000_000


@dataclass
class QuickPace:
    """A second of shop time passes in a few milliseconds."""

    ms: int = T0

    def now_ms(self) -> int:
        return self.ms

    async def sleep_until(self, at_ms: int) -> None:
        self.ms = max(self.ms, at_ms)
        await asyncio.sleep(0.005)

    def wall_s(self, shop_ms: int) -> float:
        return 2.0


class Polling:
    """A poll loop on a journal of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        pace = QuickPace()
        self.folder = folder
        self.driver: FocasDriver = open_driver(source(port))
        self.journal = Journal.open(
            folder, component="focas", clock_ms=pace.now_ms, random=secrets.token_bytes, limits=JournalLimits()
        )
        self.loop = PollLoop(source(port), self.driver, self.journal, pace)

    async def __aenter__(self) -> "Polling":
        self._task = asyncio.create_task(self.loop.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        self.journal.close()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not true():
                assert not self._task.done(), self._task.exception()
                await asyncio.sleep(0.01)

    def rows(self, quality: Quality | None = None) -> list[records.RowRecord]:
        assert self.driver.schema is not None
        width = len(self.driver.schema.signals)
        found = [records.unpack_row(body, width) for body in self._bodies(records.ROW)]
        return [row for row in found if quality is None or row.quality == quality]

    def events(self, kind: str) -> list[dict[str, object]]:
        found = [records.unpack_event(body) for body in self._bodies(records.EVENT)]
        return [event.data for event in found if event.type == kind]

    def _bodies(self, kind: int) -> list[bytes]:
        parts = [path.read_bytes() for path in recovery.segments_of(self.folder)]
        return [body for part in parts for _, body in records.scan(part, 0, records.Scan(0)) if body[0] == kind]


async def test_values_and_events_of_a_control_reach_the_journal(simulate: MakeSimulator, tmp_path: Path) -> None:
    control = StandaloneControl()
    simulator = await simulate(control)
    async with Polling(tmp_path, simulator.port) as polling:
        await polling.until(lambda: polling.loop.state.rows >= 5)
        control.alarms.append(StandaloneAlarm(1005, 15, 0, "COOLANT LEVEL LOW"))
        control.run = 2
        await polling.until(lambda: len(polling.events("alarm")) == 1)
        control.alarms.clear()
        await polling.until(lambda: len(polling.events("alarm")) == 2)
        schema = polling.driver.schema
        assert schema is not None
        row = polling.rows(Quality.GOOD)[0]
        column = schema.index["x.position.actual"]
        assert schema.signals[column].value(row.values[column]) == 123.456
        assert [alarm["active"] for alarm in polling.events("alarm")] == [True, False]
        assert [state["execution"] for state in polling.events("state")][-1] == "FEED_HOLD"


async def test_a_control_that_goes_away_leaves_rows_of_nulls_and_is_read_again(
    simulate: MakeSimulator, tmp_path: Path
) -> None:
    simulator = await simulate()
    async with Polling(tmp_path, simulator.port) as polling:
        await polling.until(lambda: polling.loop.state.rows >= 3)
        await simulator.stop()
        await polling.until(lambda: polling.loop.state.unread >= 3)
        read = polling.loop.state.rows
        await simulator.start()
        await polling.until(lambda: polling.loop.state.rows >= read + 3)
        rows = polling.rows()
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert all(set(row.values) == {None} for row in polling.rows(Quality.UNAVAILABLE))
        assert rows[-1].quality == Quality.GOOD


async def test_damaged_frames_cost_rows_and_never_the_process(simulate: MakeSimulator, tmp_path: Path) -> None:
    simulator = await simulate()
    async with DamagingRelay(simulator.port, seed=11, every=5) as relay, Polling(tmp_path, relay.port) as polling:
        await polling.until(lambda: polling.loop.state.rows >= 3)
        relay.on = True
        await polling.until(lambda: relay.damaged >= 10)
        relay.on = False
        read = polling.loop.state.rows
        await polling.until(lambda: polling.loop.state.rows >= read + 3)
        assert polling.rows()[-1].quality == Quality.GOOD
