"""A cloud in memory behind the Link protocol, a clock that is set by hand, and a gateway folder."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cnc.domain.telemetry.chunk import Header, decode
from cnc.domain.telemetry.completeness import Completeness, Extent, completeness
from cnc.domain.telemetry.events import Event, unpack_events
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.health import HealthMessage, SourceHealth, health_from, unpack_health
from cnc.domain.telemetry.live import LiveFrame, unpack_live
from cnc.domain.telemetry.minute import unpack, unpack_minute_events
from cnc.domain.telemetry.ranges import intersect, merge, subtract
from cnc.domain.telemetry.receipt import Answer, Ask, pack_answers, unpack_asks
from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.journal import Journal, JournalLimits
from greengrass_components.edge_kit.link import LinkError, OnMessage

T0 = 1_764_000_000_000 // 60_000 * 60_000
SOURCE = "d_0123456789abcdef"
SCHEMA = Schema((Signal("controller.execution", "", "text", texts=("READY", "ACTIVE")), Signal("s1.load", "PERCENT")))


def bootstrap(folder: Path, **changes: object) -> Bootstrap:
    return Bootstrap(
        **{"thing": "g_" + "0" * 16, "tenant": "t_" + "0" * 16, "site": "s_" + "0" * 16, "data": folder, **changes}
    )


@dataclass
class HandPace:
    """Shop time stands still until a test moves it; sleeping moves it."""

    ms: int = T0

    def now_ms(self) -> int:
        return self.ms

    async def sleep_until(self, at_ms: int) -> None:
        self.ms = max(self.ms, at_ms)
        await asyncio.sleep(0)

    def wall_s(self, shop_ms: int) -> float:
        return shop_ms / 1000


def open_journal(made: Bootstrap, pace: HandPace, component: str = "test", **limits: int) -> Journal:
    return Journal.open(
        made.journal(component),
        component=component,
        clock_ms=pace.now_ms,
        random=secrets.token_bytes,
        limits=JournalLimits(**limits),
    )


@dataclass
class FakeCloud:
    """Stores chunks under their keys as the ingest does. Faults are functions of the channel, asked per message."""

    online: bool = True
    lose: Callable[[str], bool] = lambda channel: False
    repeat: Callable[[str], bool] = lambda channel: False
    quarantine: Callable[[Header], bool] = lambda header: False
    chunks: dict[tuple[str, str, int], bytes] = field(default_factory=dict)
    rewritten: list[tuple[str, str, int]] = field(default_factory=list)
    stored_times: dict[tuple[str, str, int], int] = field(default_factory=dict)
    minute_events: dict[tuple[str, str, int], list[Event]] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)
    schemas: dict[bytes, Schema] = field(default_factory=dict)
    ledgers: dict[tuple[str, str], SourceHealth] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    frames: list[LiveFrame] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    health_count: int = 0
    #: … of which so many came with a question.
    riders: int = 0
    versions: list[int] = field(default_factory=list)
    _on_message: OnMessage | None = None
    _on_connected: Callable[[], None] | None = None

    @property
    def connected(self) -> bool:
        return self.online

    async def start(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        self._on_message, self._on_connected = on_message, on_connected
        self.topics = topics
        if self.online:
            on_connected()

    @property
    def started(self) -> bool:
        return self._on_message is not None

    def come_back(self) -> None:
        self.online = True
        if self._on_connected:
            self._on_connected()

    def say(self, channel: str, payload: bytes) -> None:
        if self._on_message is None:
            return  # the gateway went away before the answer
        topic = next(topic for topic in self.topics if topic.endswith("/" + channel))
        self._on_message(topic, payload)

    async def publish(self, topic: str, payload: bytes) -> None:
        if not self.online:
            raise LinkError("offline")
        channel = topic.rpartition("/")[2]
        self.published.append(channel)
        await asyncio.sleep(0)
        if self.lose(channel):
            return
        for _ in range(2 if self.repeat(channel) else 1):
            self._take(channel, payload)

    def _take(self, channel: str, payload: bytes) -> None:
        if channel in ("telemetry_minute", "telemetry_backlog"):
            self._store(payload)
        elif channel == "telemetry_events":
            self.events += unpack_events(payload)[1]
        elif channel == "telemetry_live":
            self.frames += unpack_live(payload)[1]
        elif channel == "edge_health":
            self._hear(unpack_health(payload))
        elif channel == "machine_report":
            self.reports.append(payload)
        elif channel == "receipt":
            question = unpack_asks(payload)
            self.say("receipt", pack_answers(question.request, [self._answer(ask) for ask in question.asks]))
            if question.health is not None:
                self.riders += 1
                self._hear(health_from(question.health))

    def _hear(self, message: HealthMessage) -> None:
        self.health_count += 1
        self.versions.append(message.config_version)
        self.ledgers.update({(s.source, s.boot): s for s in message.sources})

    def _store(self, payload: bytes) -> None:
        for minute in unpack(payload).minutes:
            header = Header.peek(minute.chunk)
            if minute.schema:
                schema = Schema.parse(minute.schema)
                self.schemas[schema.hash] = schema
            boot = header.boot.hex()
            if self.quarantine(header):
                self.quarantined.setdefault((minute.source, boot), []).append((header.first_seq, header.last_seq))
                continue
            key = (minute.source, boot, header.first_seq)
            if self.chunks.get(key, minute.chunk) != minute.chunk:
                self.rewritten.append(key)
            self.chunks[key] = minute.chunk
            self.minute_events[key] = unpack_minute_events(minute.events)

    def _answer(self, ask: Ask) -> Answer:
        wanted = [(ask.first, ask.last)]
        headers = [Header.peek(c) for (s, b, _), c in self.chunks.items() if (s, b) == (ask.source, ask.boot)]
        stored = intersect(wanted, [(h.first_seq, h.last_seq) for h in headers])
        bad = subtract(intersect(wanted, self.quarantined.get((ask.source, ask.boot), [])), stored)
        unknown = {h.schema_hash.hex() for h in headers if h.schema_hash not in self.schemas}
        missing = subtract(wanted, merge([*stored, *bad]))
        return Answer(ask.source, ask.boot, tuple(stored), tuple(bad), tuple(missing), tuple(sorted(unknown)))

    async def close(self) -> None:
        self._on_message = self._on_connected = None

    def rows(self) -> list[tuple[str, Rows]]:
        return [(source, decode(chunk)) for (source, _, _), chunk in sorted(self.chunks.items())]

    def seqs(self, source: str = SOURCE) -> list[tuple[str, int]]:
        """(boot, seq) of every stored row, in order; a row stored twice is there twice."""
        return [
            (rows.boot.hex(), rows.first_seq + k)
            for name, rows in self.rows()
            if name == source
            for k in range(len(rows.quality))
        ]

    def completeness(self) -> Completeness:
        extents = [
            Extent(source, rows.boot.hex(), rows.first_seq, len(rows.quality), rows.t0_ms, rows.period_ms)
            for source, rows in self.rows()
        ]
        return completeness(extents, self.ledgers.values(), 0, 1 << 50)


async def eventually(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for a condition, and fail by the deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.02)


def seeded(seed: int, share: float) -> Callable[[str], bool]:
    """A fault that hits about `share` of the messages."""
    draw = random.Random(seed)
    return lambda _: draw.random() < share
