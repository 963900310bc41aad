"""`python -m tests.journal.full_disk FOLDER SEED ROUNDS`: writer and relay on a small disk that is filled and emptied.

Ends with 0 and a line of figures when every row is accounted for; FOLDER is a disk of its own, of a megabyte or two.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from cnc.domain.telemetry.chunk import decode
from cnc.domain.telemetry.health import HealthMessage
from cnc.services.ingest.health import merged_ledger
from greengrass_components.edge_kit.config import stored_config
from greengrass_components.edge_kit.journal import Journal, SourceJournal
from greengrass_components.relay import outbox, trim
from greengrass_components.relay import relay as relay_module
from greengrass_components.relay.relay import Relay, open_relay
from tests.edge_kit.fakes import T0, FakeCloud, HandPace, bootstrap, open_journal
from tests.journal.test_damage import SCHEMAS, SOURCES
from tests.journal.truth import Row, Truth


class Cloud(FakeCloud):
    """Ledgers are merged as the services do: nothing in them ever shrinks."""

    def _hear(self, message: HealthMessage) -> None:
        before = dict(self.ledgers)
        super()._hear(message)
        for source in message.sources:
            key = source.source, source.boot
            self.ledgers[key] = merged_ledger(before.get(key), source)


@dataclass
class Disk:
    """`fill` leaves so many bytes free."""

    folder: Path
    refusals: int = 0

    def fill(self, left: int) -> None:
        self.empty()
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                self.refusals += 1
            file.truncate(max(0, file.tell() - left))

    def empty(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


@dataclass
class Shop:
    """The writer, restarted now and then; a start without room is tried again."""

    data: Path
    draw: random.Random
    pace: HandPace = field(default_factory=lambda: HandPace(T0))
    truth: Truth = field(default_factory=Truth)
    events: int = 0
    starts_refused: int = 0
    sources: list[SourceJournal] = field(default_factory=list)
    journal: Journal | None = None

    def begin(self) -> None:
        try:
            self.journal = open_journal(bootstrap(self.data), self.pace, segment_bytes=20_000)
        except OSError:
            self.journal, self.starts_refused = None, self.starts_refused + 1
            return
        pairs = zip(SOURCES, SCHEMAS, strict=True)
        self.sources = [self.journal.source(source, schema=schema, period_ms=1000) for source, schema in pairs]

    def write(self, rows: int) -> None:
        for _ in range(rows):
            for source, schema in zip(self.sources if self.journal else (), SCHEMAS, strict=False):
                values = [self.draw.randrange(2) for _ in schema.signals]
                self.truth.append(source, self.pace.ms, list(values))
                if self.draw.random() < 0.05:
                    source.event(self.pace.ms, "part", {"count": self.events})
                    self.events += 1
            self.pace.ms += 1000
        if self.journal:
            try:
                self.journal.sync()
            except OSError:
                return


async def live(folder: Path, *, seed: int, rounds: int) -> str:
    """Raises AssertionError for a row that is not accounted for."""
    outbox.PAUSE_S, trim.SHORT_BYTES = 0.0, 300_000  # type: ignore[misc]
    relay_module.SEND_EVERY_S = relay_module.SAVE_EVERY_S = relay_module.TRIM_EVERY_S = 0.05  # type: ignore[misc]
    draw, disk, cloud = random.Random(seed), Disk(folder), Cloud()
    shop = Shop(folder / "data", draw)
    shop.begin()
    stop, task, relay = await _relay(shop, cloud)
    for number in range(rounds):
        if draw.random() < 0.6:
            disk.fill(draw.randrange(0, 30_000))
        else:
            disk.empty()
        if shop.journal is None or draw.random() < 0.25:
            shop.begin()
        shop.write(draw.randrange(5, 200))
        cloud.say("config", _document(number))
        relay._next_minute_ms = 0
        await asyncio.sleep(0.15)
        if draw.random() < 0.15:
            stop.set()
            await task
            stop, task, relay = await _relay(shop, cloud)
            cloud.say("config", _document(number))  # the broker retains it
        assert not task.done(), "the relay ended"
    disk.empty()
    shop.begin()
    shop.write(130)
    shop.pace.ms += 200_000
    await _settled(relay, task, cloud, shop)
    stop.set()
    await task
    config = stored_config(bootstrap(shop.data).config_path)
    assert config is not None
    assert config.version == rounds, "the last configuration was not stored"
    return _judge(cloud, shop, disk)


async def _relay(shop: Shop, cloud: FakeCloud) -> "tuple[asyncio.Event, asyncio.Task[bool], Relay]":
    while True:
        try:
            relay = open_relay(bootstrap(shop.data), link=cloud, pace=shop.pace)
            break
        except OSError:
            await asyncio.sleep(0.05)
    relay.receipts.every_s = relay.receipts.settle_s = 0.05
    relay.receipts.grace_s = 0.3
    relay.health_every_s = 0.3
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    while not cloud.started:
        await asyncio.sleep(0.01)
    return stop, task, relay


async def _settled(relay: Relay, task: "asyncio.Task[bool]", cloud: FakeCloud, shop: Shop) -> None:
    deadline = time.monotonic() + 30
    heard = 0
    while time.monotonic() < deadline:
        if task.done():
            task.result()
        relay._next_minute_ms, shop.pace.ms = 0, shop.pace.ms + 1000
        # A configuration that came late has its own period, and a question may have been put off by it.
        relay.receipts.every_s, relay.receipts._next_s = 0.05, 0.0
        relay._health_due.set()
        found = cloud.completeness()
        rows = sum(len(life) for life in shop.truth.lives.values())
        if found.produced >= rows and not found.missing and not [*relay.marks.ledgers.unsettled()]:
            heard = heard or cloud.health_count
            if cloud.health_count > heard + 1:
                return
        await asyncio.sleep(0.1)
    lost = {
        life: (len(rows), ledger.produced if (ledger := cloud.ledgers.get(life)) else None)
        for life, rows in shop.truth.lives.items()
    }
    wrong = {life: counts for life, counts in lost.items() if counts[0] != counts[1]}
    waiting = [(span.source, span.boot, span.first, span.last, span.state) for span in relay.marks.ledgers.unsettled()]
    found = cloud.completeness()
    counts = (found.produced, found.stored, found.declared_gaps, found.missing, found.duplicates, cloud.health_count)
    raise AssertionError(f"not settled: {counts}, (written, told) {wrong}, waiting {waiting[:5]}")


def _document(number: int) -> bytes:
    made = bootstrap(Path())
    who = {"tenant": made.tenant, "site": made.site, "thing": made.thing}
    return json.dumps({"v": 1, "version": number + 1, **who, "sources": []}).encode()


def _judge(cloud: FakeCloud, shop: Shop, disk: Disk) -> str:
    stored: dict[tuple[str, str], dict[int, Row]] = {}
    for (source, boot, _), chunk in cloud.chunks.items():
        rows = decode(chunk)
        for n, values in enumerate(zip(*rows.columns, strict=True)):
            life = stored.setdefault((source, boot), {})
            assert rows.first_seq + n not in life, f"{source} {boot} {rows.first_seq + n} is stored twice"
            life[rows.first_seq + n] = (rows.t0_ms + n * rows.period_ms, rows.quality[n], values)
    for life, rows_of in stored.items():
        assert all(shop.truth.lives[life].get(seq) == row for seq, row in rows_of.items()), f"{life} was changed"
    found = cloud.completeness()
    written = sum(len(life) for life in shop.truth.lives.values())
    figures = (
        f"{written} rows of {len(shop.truth.lives)} lives: {found.stored} stored, {found.declared_gaps} declared, "
        f"{found.missing} missing, {disk.refusals} times full, {shop.starts_refused} starts refused"
    )
    assert (found.produced, found.missing, found.duplicates) == (written, 0, 0), figures
    assert found.stored + found.declared_gaps == written, figures
    assert {gap.reason for gap in found.gaps} <= {"disk_full", "journal_damaged"}, found.gaps
    assert found.declared_gaps, "the disk was never full"
    return figures


if __name__ == "__main__":
    print(asyncio.run(live(Path(sys.argv[1]), seed=int(sys.argv[2]), rounds=int(sys.argv[3]))))
