"""Cutting rows into spans. The same rows give the same spans, however often and in how many pieces they are read.

A span ends where the minute, the schema or the boot ends, after the first rows of a boot, where seq or time jumps, at
3,600 rows, and where a cut was forced and noted (a source that fell silent). Only a later record ends a span, never
the clock.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.telemetry.chunk import MAX_ROWS
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.records import EventRecord, PackedRow, Values, unpack_row
from greengrass_components.relay.spans import MINUTE_MS, Cut, Place, Span

#: The first rows of a boot are a span of their own, so that a machine shows its values seconds after a start.
FIRST_ROWS: Final = 10


@dataclass(slots=True)
class SourceOf:
    """What a number stands for."""

    source: str
    boot: str
    number: int
    schema: Schema
    period_ms: int


@dataclass(slots=True)
class _Open:
    """The span that is being filled."""

    of: SourceOf
    first: int
    t0_ms: int
    start: Place
    rows: list[bytes]
    """As they lie in the journal: a gateway holds a minute of every source here."""
    quality: list[int]
    events: list[Event] = field(default_factory=list)

    @property
    def next_seq(self) -> int:
        return self.first + len(self.rows)

    @property
    def next_ms(self) -> int:
        return self.t0_ms + len(self.rows) * self.of.period_ms

    def values(self, at: int) -> Values:
        return unpack_row(self.rows[at], len(self.of.schema.signals)).values


@dataclass(slots=True)
class Cutter:
    """All sources of one component's journal. `forced` holds (source, boot, last seq) of noted cuts."""

    component: str
    forced: Collection[tuple[str, str, int]]
    _open: dict[str, _Open] = field(default_factory=dict)
    _after: dict[str, tuple[str, int]] = field(default_factory=dict)
    _waiting: dict[str, tuple[Place, list[Event]]] = field(default_factory=dict)

    def row(self, of: SourceOf, row: PackedRow, place: Place) -> Cut | None:
        """Take the next row of a source; the cut it caused, if any."""
        current = self._open.get(of.source)
        if current is not None and self._continues(current, of, row):
            current.rows.append(row.body)
            current.quality.append(row.quality)
            return None
        cut = self._close(current, place) if current else None
        start, events = self._waiting.pop(of.source, (place, []))
        self._open[of.source] = _Open(of, row.seq, row.at_ms, start, [row.body], [row.quality], events)
        return cut

    def event(self, of: SourceOf, event: EventRecord, place: Place) -> Event:
        """Keep an event for the span of its row; of a row that was dropped, for the next span."""
        made = Event(of.source, of.boot, max(1, event.seq), event.at_ms, event.type, event.data)
        current = self._open.get(of.source)
        if current and current.of.boot == of.boot and event.seq < current.next_seq:
            current.events.append(made)
        else:
            self._waiting.setdefault(of.source, (place, []))[1].append(made)
        return made

    def end_boot(self, place: Place) -> Iterator[Cut]:
        """The boot is over: every open span with it."""
        yield from (self._close(current, place) for current in list(self._open.values()))

    def silent(self, now_ms: int, grace_ms: int) -> list[tuple[str, str, int]]:
        """Spans whose minute ended more than `grace_ms` and two periods ago without a later row."""
        return [
            (source, current.of.boot, current.next_seq - 1)
            for source, current in self._open.items()
            if now_ms > _minute_end(current.t0_ms) + grace_ms + 2 * current.of.period_ms
        ]

    def force(self, source: str, place: Place) -> Cut:
        """End a silent span; its end must have been noted in `forced` before the span is sent."""
        return self._close(self._open[source], place)

    def oldest_open(self) -> Place | None:
        """Where the records of spans begin that are not cut yet."""
        places = [current.start for current in self._open.values()] + [place for place, _ in self._waiting.values()]
        return min(places, default=None)

    def newest(self, source: str) -> tuple[SourceOf, int, int, Values, int] | None:
        """(source, seq, time, values, quality) of the newest row."""
        current = self._open.get(source)
        if current is None:
            return None
        seq, at_ms = current.next_seq - 1, current.next_ms - current.of.period_ms
        return current.of, seq, at_ms, current.values(-1), current.quality[-1]

    def _continues(self, current: _Open, of: SourceOf, row: PackedRow) -> bool:
        return (
            row.seq == current.next_seq
            and row.at_ms == current.next_ms
            and of.boot == current.of.boot
            and of.number == current.of.number
            and row.at_ms // MINUTE_MS == current.t0_ms // MINUTE_MS
            and len(current.rows) < MAX_ROWS
            and row.seq != FIRST_ROWS + 1
            and (not self.forced or (of.source, of.boot, row.seq - 1) not in self.forced)
        )

    def _close(self, current: _Open, end: Place) -> Cut:
        of = current.of
        boot, after = self._after.get(of.source, ("", 0))
        last = current.next_seq - 1
        span = Span(
            component=self.component,
            source=of.source,
            boot=of.boot,
            number=of.number,
            schema_hash=of.schema.hash,
            first=current.first,
            last=last,
            t0_ms=current.t0_ms,
            period_ms=of.period_ms,
            after=after if boot == of.boot else 0,
            start=current.start,
            end=end,
        )
        self._after[of.source] = (of.boot, last)
        self._open.pop(of.source, None)
        values = [current.values(at) for at in range(len(current.rows))]
        return Cut(span, values, current.quality, current.events)


def _minute_end(at_ms: int) -> int:
    return (at_ms // MINUTE_MS + 1) * MINUTE_MS
