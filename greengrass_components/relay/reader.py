"""From the journals of all components to spans, ledgers and previews."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.health import Gap, Unobserved
from cnc.domain.telemetry.schema import Schema
from cnc.domain.telemetry.wire import Fields, fields
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.recovery import segments_of
from greengrass_components.relay.cutter import Cutter, SourceOf
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.spans import Cut, Place, Span, SpanState
from greengrass_components.relay.tail import Tail

log = logging.getLogger(__name__)

#: A source whose minute ended this long ago without a later row has its span cut by force.
SILENT_MS: Final = 20_000
#: Reads of one journal in one go, so that nothing else of the process waits long.
READS_AT_ONCE: Final = 2


@dataclass(slots=True)
class _Component:
    tail: Tail
    cutter: Cutter


@dataclass(slots=True)
class Reader:
    """`on_cut` is called with every cut whose rows need a receipt, `on_event` with every event."""

    journals: Path
    marks: Marks
    on_cut: Callable[[Cut], None]
    on_event: Callable[[Event], None]
    caught_up: bool = False
    schemas: dict[bytes, Schema] = field(default_factory=dict)
    _components: dict[str, _Component] = field(default_factory=dict)

    def poll(self) -> bool:
        """Read what is new; whether there may be more at once. Before `caught_up`, spans are UNKNOWN."""
        self._find_components()
        more = False
        for component in self._components.values():
            for place, body in component.tail.poll(READS_AT_ONCE):
                self._take(component, place, body)
            more = more or not component.tail.drained
        if not more and not self.caught_up:
            self.caught_up = True
            self.marks.again, self.marks.dirty = False, True
            log.info("journals read: %d spans without receipt", sum(1 for _ in self.marks.ledgers.unsettled()))
        return more

    def close(self) -> None:
        """Let go of the files; a reader that is closed reads no more."""
        for component in self._components.values():
            component.tail.close()

    def silent(self, now_ms: int) -> set[tuple[str, str, int]]:
        """(source, boot, last seq) of spans whose source fell silent: to be noted in `marks.forced` before `force`."""
        return {end for component in self._components.values() for end in component.cutter.silent(now_ms, SILENT_MS)}

    def force(self, ends: Iterable[tuple[str, str, int]]) -> None:
        """Cut the spans of `silent`."""
        for source, boot, _ in ends:
            for component in self._components.values():
                newest = component.cutter.newest(source)
                if newest and newest[0].boot == boot:
                    self.take_cut(component.cutter.force(source, component.tail.place))

    def folder(self, component: str) -> Path:
        return self.journals / component

    def components(self) -> Iterable[str]:
        return list(self._components)

    def newest(self, source: str) -> tuple[SourceOf, int, int, records.Values, int] | None:
        """(source, seq, time, values, quality) of the newest row."""
        for component in self._components.values():
            found = component.cutter.newest(source)
            if found:
                return found
        return None

    def oldest_needed(self, component: str) -> str:
        """Name of the oldest segment that still has rows without receipt, or that is being read."""
        part = self._components[component]
        opened = part.cutter.oldest_open()
        needed = [part.tail.segment, *([opened.segment] if opened else [])]
        needed += [span.start.segment for span in self.marks.ledgers.unsettled() if span.component == component]
        return min(needed)

    def take_cut(self, cut: Cut) -> None:
        """Note a cut in its ledger, and pass it on unless all its rows are settled."""
        span = cut.span
        ledger = self.marks.ledgers.get(span.source, span.boot)
        if self.marks.again and not self.caught_up:
            ledger.doubt(span)
        if ledger.is_settled(span):
            ledger.offer(span)
            return
        span.state = SpanState.FRESH
        if not self.caught_up:
            span.state = SpanState.UNKNOWN
            ledger.offer(span)
        ledger.spans[span.first] = span
        self.on_cut(cut)

    def _find_components(self) -> None:
        try:
            folders = list(self.journals.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return
        for folder in folders:
            if folder.name in self._components:  # what is known costs no look at the disk
                continue
            if folder.is_dir() and segments_of(folder):
                tail = Tail(folder, start=self.marks.start.get(folder.name, ""))
                self._components[folder.name] = _Component(tail, Cutter(folder.name, self.marks.forced))

    def _take(self, component: _Component, place: Place, body: bytes) -> None:
        try:
            self._take_record(component, place, body)
        except MalformedMessage as error:
            log.error("%s at %d: %s", place.segment, place.offset, error)

    def _take_record(self, component: _Component, place: Place, body: bytes) -> None:
        kind = body[0] if body else 0
        tail, cutter = component.tail, component.cutter
        if kind == records.ROW:
            self._take_row(tail, cutter, place, body)
        elif kind == records.EVENT:
            event = records.unpack_event(body)
            source = tail.source(event.number)
            if source:
                self.on_event(cutter.event(source, event, place))
        elif kind == records.SOURCE:
            tail.declare(body)
        elif kind == records.GAP:
            self._take_gap(fields(records.unpack_json(body)), place)
        elif kind == records.END:
            self._take_end(fields(records.unpack_json(body)))
        elif kind == records.UNOBSERVED:
            row = fields(records.unpack_json(body))
            ledger = self.marks.ledgers.get(row.source(), place.segment[:16])
            ledger.declare_unobserved(Unobserved(row.ms("from_ms"), row.ms("to_ms"), row.text("why")))
            self.marks.dirty = True
        elif kind == 0:
            for cut in cutter.end_boot(place):
                self.take_cut(cut)

    def _take_row(self, tail: Tail, cutter: Cutter, place: Place, body: bytes) -> None:
        row = records.packed_row(body)
        source = tail.source(row.number)
        if source is None or not records.row_fits(body, len(source.schema.signals)):
            return  # its declaration was lost; the jump of seq will say so
        self.schemas.setdefault(source.schema.hash, source.schema)
        ledger = self.marks.ledgers.get(source.source, source.boot)
        ledger.note_row(row.seq, row.at_ms, source.period_ms)
        cut = cutter.row(source, row, place)
        if cut:
            self.take_cut(cut)

    def _take_gap(self, row: Fields, place: Place) -> None:
        source, boot = row.source(), row.boot()
        if boot != place.segment[:16] and self._is_over(source, boot):
            return
        first = row.integer("first", 1)
        gap = Gap(first, row.integer("last", first), row.text("reason"), row.ms("from_ms"), row.ms("to_ms"))
        self.marks.ledgers.get(source, boot).declare(gap)
        self.marks.dirty = True

    def _take_end(self, row: Fields) -> None:
        source, boot = row.source(), row.boot()
        if self._is_over(source, boot):
            return
        last, at_ms, period_ms = row.integer("last", 1), row.ms("at_ms"), row.integer("period_ms", 1)
        self.marks.ledgers.get(source, boot).note_end(last, at_ms, period_ms, row.text("reason"))
        self.marks.ended[source] = boot
        self.marks.dirty = True

    def _is_over(self, source: str, boot: str) -> bool:
        """Whether what a later boot says of this one was taken long ago, and its ledger forgotten since."""
        return boot <= self.marks.ended.get(source, "") and self.marks.ledgers.find(source, boot) is None


def declare_lost(marks: Marks, span: Span, reason: str) -> None:
    """Rows of a span that can never be sent: a declared gap, and no more question about them."""
    ledger = marks.ledgers.get(span.source, span.boot)
    ledger.declare(Gap(span.first, span.last, reason, span.t0_ms, span.time(span.last)))
    ledger.offer(span)
    ledger.spans.pop(span.first, None)
    span.state = SpanState.SETTLED
    marks.dirty = True
