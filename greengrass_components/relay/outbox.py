"""What waits for sending, and what was sent and waits for a receipt.

At most `WINDOW` messages may be beyond the last receipt. Fresh minutes use all of it; the backlog, oldest first,
leaves two places to them, and pauses after each message by what it holds, so that a drain stays below the write limit
of one partition even where all of it is one machine's.
"""

import asyncio
import heapq
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby
from typing import Final

from cnc.domain.telemetry.events import Event, event_to
from cnc.domain.telemetry.health import Gap
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack, packed_size
from cnc.domain.telemetry.wire import dumps
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.link import Link, LinkError
from greengrass_components.edge_kit.pace import Pace
from greengrass_components.relay.cutter import FIRST_ROWS
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.reader import Reader, declare_lost
from greengrass_components.relay.rebuild import minutes_of, read_back
from greengrass_components.relay.spans import Cut, Span, SpanState

log = logging.getLogger(__name__)

WINDOW: Final = 8
KEPT_FOR_FRESH: Final = 2
#: Below the 128 KB of one MQTT payload.
MESSAGE_BYTES: Final = 96 * 1024
#: JSON of the events of one chunk, so that they fit even where nothing deflates; more travel with later chunks.
EVENT_BYTES: Final = 24 * 1024
#: As many as fill a message where chunks are small.
BATCH_SPANS: Final = 256
#: Per span: some 1.5 write units each, of the 1,000 a second that one partition takes.
PAUSE_S: Final = 0.002

Item = tuple[Span, list[SourceMinute]]


@dataclass(slots=True)
class Outbox:
    """One sender per gateway; `flights` are the spans of each message that has no receipt yet."""

    bootstrap: Bootstrap
    link: Link
    pace: Pace
    marks: Marks
    reader: Reader
    fresh: list[Item] = field(default_factory=list)
    #: Whether the first rows of a boot are among them: they do not wait for the send phase.
    holds_first_rows: bool = False
    flights: list[list[Span]] = field(default_factory=list)
    _backlog: list[list[Span]] = field(default_factory=list)
    _carried: dict[Span, list[Event]] = field(default_factory=dict)
    _unsent: list[tuple[int, int, Span]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def take(self, cut: Cut) -> None:
        """A fresh minute is packed at once; one from before this process waits for an answer."""
        if cut.span.state == SpanState.FRESH and (minutes := self._packed(cut)):
            self.fresh.append((cut.span, minutes))
            self.holds_first_rows = self.holds_first_rows or cut.span.last <= FIRST_ROWS

    def put_unsent(self, span: Span) -> None:
        """Queue a span for the backlog, unless an answer came meanwhile."""
        if span.state == SpanState.SETTLED:
            return
        span.state = SpanState.UNSENT
        heapq.heappush(self._unsent, (span.t0_ms, next(self._order), span))

    @property
    def draining(self) -> bool:
        """Whether the backlog has something to send."""
        while self._unsent and self._unsent[0][2].state != SpanState.UNSENT:
            heapq.heappop(self._unsent)
        return bool(self._unsent)

    def places(self) -> int:
        """How many messages may be sent before the next receipt."""
        self.flights = _on_the_way(self.flights)
        return WINDOW - len(self.flights)

    @property
    def backlog_on_the_way(self) -> bool:
        """Whether a message of the backlog waits for its receipt."""
        self._backlog = _on_the_way(self._backlog)
        return bool(self._backlog)

    async def send_fresh(self) -> None:
        """Send the minutes that have ended; what does not fit into the window joins the backlog."""
        items, self.fresh, self.holds_first_rows = self.fresh, [], False
        for span, _ in items:
            self.marks.ledgers.get(span.source, span.boot).offer(span)
        live = [item for item in items if item[0].state == SpanState.FRESH]
        for message in self._messages(live):
            if not self.link.connected or self.places() <= 0:
                for span, _ in message:
                    self.put_unsent(span)
            else:
                await self._send("telemetry_minute", message)

    async def send_backlog(self) -> bool:
        """Send one batch of the backlog; whether anything was sent."""
        if not self.draining or not self.link.connected or self.places() <= KEPT_FOR_FRESH:
            return False
        for message in self._messages(await self._read_back(self._next_batch())):
            if self.link.connected and self.places() > KEPT_FOR_FRESH:
                await self._send("telemetry_backlog", message)
                await asyncio.sleep(PAUSE_S * len(message))
            else:
                for span, _ in message:
                    self.put_unsent(span)
        return True

    def _next_batch(self) -> list[Span]:
        batch: list[Span] = []
        while self.draining and len(batch) < BATCH_SPANS:
            span = heapq.heappop(self._unsent)[2]
            if span not in batch:
                batch.append(span)
        return batch

    async def _read_back(self, batch: list[Span]) -> list[Item]:
        items: list[Item] = []
        for component, group in groupby(sorted(batch, key=lambda s: s.component), key=lambda s: s.component):
            spans = list(group)
            folder = self.reader.folder(component)
            found = await asyncio.to_thread(read_back, folder, spans, self.reader.schemas)
            for span, cuts in found.items():
                if span.state == SpanState.SETTLED:
                    continue  # by an answer that came meanwhile
                if [cut.span for cut in cuts] != [span]:
                    self.marks.ledgers.get(span.source, span.boot).split(span, [cut.span for cut in cuts])
                    self.marks.dirty = True
                items += [(cut.span, minutes) for cut in cuts if (minutes := self._packed(cut))]
        return sorted(items, key=lambda item: item[0].t0_ms)

    async def _send(self, lane: str, items: Sequence[Item]) -> None:
        items = [item for item in items if item[0].state != SpanState.SETTLED]
        if not items:
            return
        for span, _ in items:
            span.state, span.sent_s = SpanState.SENT, time.monotonic()
            self.marks.ledgers.get(span.source, span.boot).offer(span)
        self.flights.append([span for span, _ in items])
        if lane == "telemetry_backlog":
            self._backlog.append(self.flights[-1])
        minutes = tuple(self._with_schemas(items))
        try:
            await self.link.publish(self.bootstrap.up(lane), pack(MinuteMessage(self.pace.now_ms(), minutes)))
        except LinkError as error:
            log.warning("%s: %s", lane, error)  # it may have arrived: the next question tells

    def _packed(self, cut: Cut) -> list[SourceMinute]:
        """The chunk of a cut, with its events as far as they fit, and with kept ones until it has its receipt."""
        self._forget_carried()
        fitting, size = [], 0
        for event in cut.events:
            size += event_size(event)
            if size <= EVENT_BYTES:
                fitting.append(event)
            elif event not in self.marks.kept:
                self.marks.kept.append(event)
                self.marks.dirty = True
        if self.marks.kept and cut.span not in self._carried:
            self._carry(cut.span, EVENT_BYTES - size)
        cut.events = [*self._carried.get(cut.span, ()), *fitting]
        packed = minutes_of(cut)
        for seq in packed.lost:
            at_ms = cut.span.time(seq)
            self.marks.ledgers.get(cut.span.source, cut.span.boot).declare(Gap(seq, seq, "not_storable", at_ms, at_ms))
        if not packed.minutes:
            declare_lost(self.marks, cut.span, "not_storable")
        return packed.minutes

    def _carry(self, span: Span, room: int) -> None:
        """Let `span` take kept events of its source along that are not on the way with another span."""
        on_the_way = [event for events in self._carried.values() for event in events]
        taken: list[Event] = []
        for event in self.marks.kept:
            if event.source != span.source or event in on_the_way:
                continue
            room -= event_size(event)
            if room < 0:
                break
            taken.append(event)
        if taken:
            self._carried[span] = taken

    def _forget_carried(self) -> None:
        for span in [span for span in self._carried if span.state == SpanState.SETTLED]:
            arrived = self._carried.pop(span)
            self.marks.kept = [event for event in self.marks.kept if event not in arrived]
            self.marks.dirty = True

    def _with_schemas(self, items: Sequence[Item]) -> Iterator[SourceMinute]:
        """Add each schema the store may not know to the first chunk that needs it."""
        added: set[bytes] = set()
        for span, minutes in items:
            for minute in minutes:
                schema = None if span.schema_hash in added else self._new_schema(span)
                added.add(span.schema_hash)
                yield SourceMinute(minute.source, minute.chunk, minute.events, schema)

    def _new_schema(self, span: Span) -> bytes | None:
        """The span's schema while no receipt has said that the store knows it."""
        if span.schema_hash.hex() in self.marks.schemas:
            return None
        return self.reader.schemas[span.schema_hash].canonical()

    def _messages(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        """Items in groups that fit into one message each, with the schemas they need."""
        group: list[Item] = []
        size = 0
        schemas: set[bytes] = set()
        for item in items:
            span, minutes = item
            more = packed_size(minutes) + len(self._new_schema(span) or b"")
            if group and size + more > MESSAGE_BYTES:
                yield group
                group, size, schemas = [], 0, set()
            group.append(item)
            size += packed_size(minutes) if span.schema_hash in schemas else more
            schemas.add(span.schema_hash)
        if group:
            yield group


def _on_the_way(flights: list[list[Span]]) -> list[list[Span]]:
    return [spans for spans in flights if any(span.state == SpanState.SENT for span in spans)]


def event_size(event: Event) -> int:
    """Bytes of an event in a minute message before it is deflated."""
    return len(dumps(event_to(event))) + 1
