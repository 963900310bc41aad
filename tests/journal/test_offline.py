"""Offline for hours or days, then back: nothing lost or doubled, and what happens now is not kept waiting."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import pytest

from benchmarks.arrival import LIVE, STATES, keep_watched, subscription
from cnc.domain.base.clock import from_ms
from tests.journal.offline import COMPONENT, Fed, component, confirmed, feed, stored_of
from tests.kills.cable import Cable, cable
from tests.product.running import Product, running, stamp, until

pytestmark = pytest.mark.cloud
MACHINES, SIGNALS = 20, 10
OPTIONS = ("--machines", "1", "--no-simulators", "--no-portal", "--synthetic", str(MACHINES))
GIGABYTE = 1_000_000_000
COMPLETENESS = """query($id: ID!, $from: Timestamp!, $to: Timestamp!) { machine(id: $id) {
  completeness(from: $from, to: $to) { produced stored declaredGaps missing duplicates } } }"""


@dataclass
class Listener:
    """What arrives at a client of the socket while it is open, and how late: seconds after the row's own time."""

    states: list[float] = field(default_factory=list)
    live: list[float] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @contextmanager
    def listening(self, product: Product, machines: list[str]) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._listen(product, machines, stop)), name="listener")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(30)

    async def _listen(self, product: Product, machines: list[str], stop: threading.Event) -> None:
        parts = [
            subscription(product, STATES, {}, "machineState", self.states),
            *(subscription(product, LIVE, {"id": each}, "liveSignals", self.live) for each in machines),
            keep_watched(product, machines),
        ]
        tasks = [asyncio.ensure_future(part) for part in parts]
        while not stop.is_set() and not any(task.done() for task in tasks):
            await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        self.ended += [repr(end) for end in ends if not isinstance(end, asyncio.CancelledError)]

    @property
    def heard(self) -> bool:
        """Whether something live came; a listener that broke off hears no more."""
        assert not self.ended, self.ended
        return bool(self.states and self.live)


def told(late: list[float]) -> str:
    if not late:
        return "nothing arrived"
    ordered = sorted(late)
    p95 = ordered[ceil(len(ordered) * 0.95) - 1]
    return f"{len(ordered)} messages, p95 {p95:.2f} s, latest {ordered[-1]:.2f} s"


def lead_through(gateway: Path, through: Cable) -> None:
    bootstrap = gateway / "bootstrap.toml"
    bootstrap.write_text(re.sub(r"(?m)^port = \d+$", f"port = {through.port}", bootstrap.read_text()))


def prove_whole(product: Product, fed: Fed) -> None:
    """By the table itself, and by the product's own word."""
    found = stored_of(product.aws("dynamodb"), fed.boot)
    assert found.ranges == {source: [(1, fed.rows)] for source in fed.sources}
    assert (found.doubled, found.untrue) == (0, [])
    assert found.unread == len(fed.sources)  # the tick at which each began to connect
    window = {"from": stamp(from_ms(fed.from_ms)), "to": stamp(from_ms(fed.from_ms + fed.rows * 1000))}
    for machine in [each["id"] for each in product.machines() if each["kind"] == "synthetic"]:
        counts = product.graphql(COMPLETENESS, id=machine, **window)["machine"]["completeness"]
        assert counts == {"produced": fed.rows, "stored": fed.rows, "declaredGaps": 0, "missing": 0, "duplicates": 0}


def come_back(product: Product, *, hours: float, within_s: float) -> tuple[Fed, Listener, float]:
    """Go offline, feed, come back, drain; what was fed, what was heard, and how many seconds the drain took."""
    gateway = product.data / "edge" / "synthetic-gateway"
    listener = Listener()
    with ExitStack() as stack:
        link = stack.enter_context(cable(product.endpoints["mqtt"]["port"]))
        lead_through(gateway, link)
        stack.enter_context(component("relay", gateway))
        until((gateway / "config.json").is_file, within_s=60, what="the configuration arrived")
        link.cut()
        fed = feed(gateway, hours=hours)
        stack.enter_context(component(COMPONENT, gateway))
        machines = [each["id"] for each in product.machines() if each["kind"] == "synthetic"][:2]
        log = gateway / "relay.log"
        until(lambda: "journals read" in log.read_text(), within_s=300, what="the relay has read its journals")
        link.mend()
        until(lambda: log.read_text().count(" connected to ") > 1, within_s=60, what="the relay is connected")
        began = time.monotonic()
        with listener.listening(product, machines):
            rows = len(fed.sources) * fed.rows
            until(lambda: confirmed(gateway, fed.boot) == rows, within_s=within_s, what="all rows have their receipt")
            took_s = time.monotonic() - began
            until(lambda: listener.heard, within_s=60, what="something live was heard")
        prove_whole(product, fed)
    return fed, listener, took_s


def report(fed: Fed, listener: Listener, took_s: float) -> None:
    hours = fed.rows / 3600
    print(
        f"\n{len(fed.sources)} sources, {hours:.1f} h: {len(fed.sources) * fed.rows:,} rows fed in {fed.took_s:.0f} s, "
        f"{fed.bytes_on_disk / 1e6:.0f} MB on disk; drained in {took_s:.0f} s, {fed.rows / took_s:.0f} x real time; "
        f"states: {told(listener.states)}; live signals: {told(listener.live)}"
    )


@pytest.mark.timeout(600)
def test_two_hours_offline_lose_nothing(tmp_path: Path) -> None:
    with running(tmp_path, *OPTIONS) as product:
        fed, listener, took_s = come_back(product, hours=2, within_s=300)
    report(fed, listener, took_s)
    assert len(fed.sources) == MACHINES
    assert fed.signals == SIGNALS
    assert fed.rows == 7200


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)
def test_three_days_offline_lose_nothing_and_drain_fifty_times_faster_than_they_came(tmp_path: Path) -> None:
    with running(tmp_path, *OPTIONS) as product:
        fed, listener, took_s = come_back(product, hours=72, within_s=2 * 3600)
    report(fed, listener, took_s)
    assert fed.rows == 72 * 3600
    assert fed.bytes_on_disk <= GIGABYTE
    assert fed.rows >= 50 * took_s
    assert max(listener.states) <= 5
    assert max(listener.live) <= 5
