"""A clock that is set to anything, a thousand times: rows are known by their number, so nothing is lost or doubled.

Poll loop, journal, relay and the services that ingest are the product's own; between relay and services is no network.
"""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.base.clock import from_ms
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.chunk import Header, decode
from cnc.domain.telemetry.completeness import Completeness, Extent, completeness
from cnc.services.ingest.minutes import record_minute
from cnc.services.ingest.ports import NewChunk
from cnc.services.ingest.receipts import answer_receipt
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.relay import outbox
from greengrass_components.relay.relay import open_relay
from greengrass_components.synthetic.driver import SyntheticDriver, values_at
from tests.edge_kit.fakes import FakeCloud, bootstrap, eventually, open_journal
from tests.functions.gateway import SITE, TENANT, THING, Gateway, source_id
from tests.services.fakes import Floor

START_MS = 1_795_531_320_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
Y1970_MS, Y2038_MS = 1_000, 2_147_483_648_000
STEPS, TICKS_BETWEEN = 1_000, 20
SOURCE = source_id(1)
ORIGIN = Origin.checked(tenant=TENANT, site=SITE, thing=THING)


@dataclass
class SteppedPace:
    """`mono_ms` goes on evenly; `offset_ms` is what somebody has set the clock to beside it."""

    mono_ms: int = START_MS
    offset_ms: int = 0

    def now_ms(self) -> int:
        return self.mono_ms + self.offset_ms

    async def sleep_until(self, at_ms: int) -> None:
        """A timer runs by the even clock, whatever happens to the other one."""
        self.mono_ms += max(0, at_ms - self.now_ms())
        await asyncio.sleep(0)

    def wall_s(self, shop_ms: int) -> float:
        return shop_ms / 1000

    def step(self, draw: random.Random) -> None:
        way = draw.randrange(6)
        if way < 4:
            self.offset_ms += (-HOUR_MS, HOUR_MS, -DAY_MS, DAY_MS)[way]
        else:
            self.offset_ms = (Y1970_MS, Y2038_MS)[way - 4] - self.mono_ms
        if self.now_ms() < 0:
            self.offset_ms = 0


class SteppingDriver(SyntheticDriver):
    """Steps the clock at every so many reads, before or after the values are there."""

    def __init__(self, config: SourceConfig, pace: SteppedPace, *, steps: int, done: asyncio.Event) -> None:
        super().__init__(config)
        self.pace, self.left, self.done, self.reads = pace, steps, done, 0
        self.draw = random.Random(2038)

    async def read(self, *, tick_ms: int) -> Any:
        self.reads += 1
        if self.reads % TICKS_BETWEEN == 0:
            if self.left:
                self.pace.step(self.draw)
                self.left -= 1
            else:
                self.done.set()
                await asyncio.sleep(3600)
        return await super().read(tick_ms=tick_ms)


@dataclass
class Services(FakeCloud):
    """The link ends in the services themselves."""

    pace: SteppedPace = field(default_factory=SteppedPace)
    floor: Floor = field(default_factory=lambda: Floor(Gateway()))
    kept: dict[tuple[int, str, int, int], NewChunk] = field(default_factory=dict)

    def _take(self, channel: str, payload: bytes) -> None:
        if channel in ("telemetry_minute", "telemetry_backlog"):
            # The services' clock runs evenly.
            now = from_ms(self.pace.mono_ms)
            received = {"origin": ORIGIN, "received_ms": self.pace.mono_ms, "clock": lambda: now}
            before = len(self.floor.chunks.stored)
            record_minute(payload, stores=self.floor.minute, **received)
            for chunk in self.floor.chunks.stored[before:]:
                head = chunk.header
                self.kept[head.t0_ms // 60_000, head.boot.hex(), head.first_seq, head.rows] = chunk
        elif channel == "receipt":
            self.floor.chunks.stored[:] = self.kept.values()
            answer_receipt(
                payload,
                origin=ORIGIN,
                received_ms=self.pace.mono_ms,
                stores=self.floor.receipt,
                clock=lambda: from_ms(self.pace.mono_ms),
            )
            for answer in self.floor.receipts.sent:
                self.say("receipt", answer)
            self.floor.receipts.sent.clear()
        else:
            super()._take(channel, payload)

    def heads(self) -> list[Header]:
        return [chunk.header for chunk in self.kept.values()]

    def said(self) -> Completeness:
        extents = [Extent(SOURCE, h.boot.hex(), h.first_seq, h.rows, h.t0_ms, h.period_ms) for h in self.heads()]
        return completeness(extents, self.ledgers.values(), 0, 1 << 47)


async def write_rows(tmp_path: Path, pace: SteppedPace) -> int:
    """Rows written while the clock is stepped."""
    journal = open_journal(bootstrap(tmp_path), pace)  # type: ignore[arg-type]
    done = asyncio.Event()
    config = SourceConfig(SOURCE, "m_0000000000000001", "synthetic", 1000, settings={"signals": 3})
    loop = PollLoop(config, SteppingDriver(config, pace, steps=STEPS, done=done), journal, pace)
    task = asyncio.create_task(loop.run())
    await asyncio.wait_for(done.wait(), 200)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    journal.close()
    return journal.sources[SOURCE].seq


async def test_a_thousand_steps_of_the_clock_lose_nothing_double_nothing_and_keep_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAUSE_S", 0.0)
    pace = SteppedPace()
    cloud = Services(pace=pace)
    made = bootstrap(tmp_path, tenant=TENANT, site=SITE, thing=THING)
    relay = open_relay(made, link=cloud, pace=pace)
    relay.receipts.every_s = relay.receipts.settle_s = 0.05
    relay.health_every_s = 0.1
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    rows = await write_rows(tmp_path, pace)
    assert rows >= STEPS * TICKS_BETWEEN
    open_journal(made, pace)  # type: ignore[arg-type]  # another boot ends the last minute, whatever its time
    await eventually(lambda: sum(head.rows for head in cloud.heads()) >= rows)
    await eventually(lambda: not [*relay.marks.ledgers.unsettled()])
    heard = cloud.health_count
    await eventually(lambda: cloud.health_count > heard + 1)
    stop.set()
    await task
    prove(cloud, rows)


def prove(cloud: Services, rows: int) -> None:
    seqs: list[int] = []
    far = flagged = 0
    for chunk in sorted(cloud.kept.values(), key=lambda chunk: chunk.header.first_seq):
        held = decode(chunk.chunk)
        seqs += range(held.first_seq, held.first_seq + len(held.quality))
        for n, values in enumerate(zip(*held.columns, strict=True)):
            at_ms = held.t0_ms + n * held.period_ms
            assert held.quality[n] or list(values) == values_at(SOURCE, at_ms, 3)
        if abs(held.t0_ms - START_MS) > 30 * DAY_MS:
            far, flagged = far + 1, flagged + (chunk.skew_ms != 0)
    assert seqs == list(range(1, rows + 1))
    said = cloud.said()
    assert (said.produced, said.stored, said.declared_gaps, said.missing, said.duplicates) == (rows, rows, 0, 0, 0)
    assert far == flagged > STEPS / 4
