"""A gateway without a link: days of rows fed at the driver seam on the shop's clock, then the way back of all of them.

Driver, poll loop, journal, relay, link, broker, rule, function and table are the product's own.
"""

import asyncio
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnc.domain.telemetry.chunk import decode
from cnc.domain.telemetry.facts import UNAVAILABLE
from cnc.domain.telemetry.ranges import Ranges, count, merge
from greengrass_components.edge_kit.config import Bootstrap, SourceConfig, read_bootstrap, stored_config
from greengrass_components.edge_kit.journal import Journal
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.relay.marks import load_marks
from greengrass_components.synthetic.driver import SyntheticDriver, values_at
from tests.kills.store import TABLE
from tests.product.running import ROOT

COMPONENT = "synthetic"


@dataclass
class ShopPace:
    """The shop's clock goes on to the next tick when everybody waits for it."""

    ms: int
    waiting: list[tuple[int, "asyncio.Future[None]"]] = field(default_factory=list)

    def now_ms(self) -> int:
        return self.ms

    async def sleep_until(self, at_ms: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((at_ms, future))
        await future

    def wall_s(self, shop_ms: int) -> float:
        return shop_ms / 1000

    async def run(self, until_ms: int, *, sleepers: int, journal: Journal) -> None:
        """Raises OSError for a journal that cannot be made durable, which happens once a second of wall time."""
        synced = time.monotonic()
        while True:
            while len(self.waiting) < sleepers:
                await asyncio.sleep(0)
            self.ms = min(at_ms for at_ms, _ in self.waiting)
            if self.ms >= until_ms:
                return
            due = [future for at_ms, future in self.waiting if at_ms <= self.ms]
            self.waiting = [(at_ms, future) for at_ms, future in self.waiting if at_ms > self.ms]
            for future in due:
                future.set_result(None)
            if time.monotonic() - synced > 1:
                await asyncio.to_thread(journal.begin_sync())
                synced = time.monotonic()


@dataclass(frozen=True)
class Fed:
    """One boot of every source with rows 1 … `rows`, of `from_ms` and each second after."""

    boot: str
    sources: tuple[str, ...]
    rows: int
    signals: int
    from_ms: int
    bytes_on_disk: int
    took_s: float


def feed(gateway: Path, *, hours: float) -> Fed:
    """Poll all sources of a gateway for hours that end now."""
    bootstrap = read_bootstrap(gateway / "bootstrap.toml")
    config = stored_config(bootstrap.config_path)
    assert config is not None
    sources = list(config.of(COMPONENT).values())
    until_ms = time.time_ns() // 1_000_000_000 * 1000
    from_ms = until_ms - round(hours * 3_600_000)
    began = time.monotonic()
    journal = asyncio.run(_feed(bootstrap, sources, from_ms, until_ms))
    size = sum(path.stat().st_size for path in bootstrap.journal(COMPONENT).iterdir())
    rows = {source.seq for source in journal.sources.values()}
    assert len(rows) == 1
    signals = len(SyntheticDriver(sources[0]).schema.signals)
    took_s = time.monotonic() - began
    return Fed(journal.boot.hex(), tuple(s.id for s in sources), rows.pop(), signals, from_ms, size, took_s)


async def _feed(bootstrap: Bootstrap, sources: list[SourceConfig], from_ms: int, until_ms: int) -> Journal:
    pace = ShopPace(from_ms - 1)
    journal = Journal.open(
        bootstrap.journal(COMPONENT), component=COMPONENT, clock_ms=pace.now_ms, random=secrets.token_bytes
    )
    loops = [PollLoop(source, SyntheticDriver(source), journal, pace) for source in sources]
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    await pace.run(until_ms, sleepers=len(loops), journal=journal)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    journal.close()
    return journal


@contextmanager
def component(name: str, gateway: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A component of the gateway as a process."""
    command = [sys.executable, "-m", f"greengrass_components.{name}", "--bootstrap", str(gateway / "bootstrap.toml")]
    with (gateway / f"{name}.log").open("ab") as log:
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def confirmed(gateway: Path, boot: str) -> int:
    """Rows of a boot that have their receipt, as the relay has noted them."""
    marks = load_marks(gateway / "relay" / "marks.json")
    return sum(count(ledger.stored) for (_, of), ledger in marks.ledgers.of.items() if of == boot)


@dataclass
class Stored:
    """What the table holds of a boot; `unread` are rows of nulls, `untrue` those that are not what their time says."""

    ranges: dict[str, Ranges] = field(default_factory=dict)
    rows: int = 0
    unread: int = 0
    untrue: list[tuple[str, int]] = field(default_factory=list)

    @property
    def doubled(self) -> int:
        return self.rows - sum(count(ranges) for ranges in self.ranges.values())


def stored_of(dynamodb: Any, boot: str) -> Stored:
    """Read every chunk of the table, past the product's API."""
    found, spans = Stored(), {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
        for item in page["Items"]:
            key = item["s"]["S"].split("#")
            if key[0] == "C" and key[3] == boot:
                rows = decode(bytes(item["b"]["B"]))
                spans.setdefault(key[2], []).append((rows.first_seq, rows.first_seq + len(rows.quality) - 1))
                found.rows += len(rows.quality)
                for n, values in enumerate(zip(*rows.columns, strict=True)):
                    at_ms = rows.t0_ms + n * rows.period_ms
                    if rows.quality[n] == UNAVAILABLE and not any(values):
                        found.unread += 1
                    elif rows.quality[n] or list(values) != values_at(key[2], at_ms, len(values) - 1):
                        found.untrue.append((key[2], rows.first_seq + n))
    found.ranges = {source: merge(ranges) for source, ranges in spans.items()}
    return found
