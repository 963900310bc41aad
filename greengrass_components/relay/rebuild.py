"""Chunks of spans: from rows at hand, or read back from the journal."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.chunk import encode
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.minute import SourceMinute, pack_minute_events
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.recovery import segments_of
from greengrass_components.relay.spans import Cut, Span, SpanState

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Found(Cut):
    """… and the seqs of its rows."""

    seqs: list[int] = field(default_factory=list)


class Packed(NamedTuple):
    """`lost` are the seqs of rows that no chunk can hold: a time, period or value beyond what can be stored."""

    minutes: list[SourceMinute]
    lost: list[int]


def minutes_of(cut: Cut) -> Packed:
    """The chunk of a cut with its events: one, or several where the bytes of one would exceed its limit."""
    columns: list[list[int | None]] = [list(column) for column in zip(*cut.values, strict=True)]
    span = cut.span
    rows = Rows(
        span.schema_hash, bytes.fromhex(span.boot), span.first, span.t0_ms, span.period_ms, columns, cut.quality
    )
    lost: list[int] = []
    chunks = _encoded(rows, lost)
    events = pack_minute_events(cut.events)
    minutes = [SourceMinute(span.source, chunk, b"" if n else events) for n, chunk in enumerate(chunks)]
    return Packed(minutes, lost)


def _encoded(rows: Rows, lost: list[int]) -> list[bytes]:
    try:
        return [encode(rows)]
    except BadValue as error:
        count = len(rows.quality)
        if count == 1:
            log.error("row %d of %s: %s", rows.first_seq, rows.boot.hex(), error)
            lost.append(rows.first_seq)
            return []
    half = count // 2
    head = replace(rows, columns=[column[:half] for column in rows.columns], quality=rows.quality[:half])
    tail = replace(
        rows,
        first_seq=rows.first_seq + half,
        t0_ms=rows.t0_ms + half * rows.period_ms,
        columns=[column[half:] for column in rows.columns],
        quality=rows.quality[half:],
    )
    return _encoded(head, lost) + _encoded(tail, lost)


def read_back(folder: Path, spans: Sequence[Span], schemas: Mapping[bytes, Schema]) -> dict[Span, list[Cut]]:
    """The rows of spans of one component: one cut each, several with spans of their own where rows are lost, or none.

    Spans of one minute lie between each other, so their records are read in one pass.
    """
    wanted: dict[tuple[str, int], list[tuple[Span, _Found]]] = {}
    cuts = {}
    for span in spans:
        cuts[span] = _Found(span, [], [])
        wanted.setdefault((span.boot, span.number), []).append((span, cuts[span]))
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    for path in segments_of(folder):
        if start.segment <= path.name <= end.segment:
            first = start.offset if path.name == start.segment else 0
            last = end.offset if path.name == end.segment else None
            _collect(path, first, last, wanted, schemas)
    return {span: [cut] if len(cut.values) == span.rows else list(_pieces(cut)) for span, cut in cuts.items()}


def _pieces(cut: _Found) -> Iterator[Cut]:
    """What is left of a span, in runs of rows that follow each other; events go with the run before the next one."""
    span, after = cut.span, cut.span.after
    log.error("%s: %d of %d rows from %d on are left", span.source, len(cut.values), span.rows, span.first)
    ends = [n for n, seq in enumerate(cut.seqs, 1) if n == len(cut.seqs) or cut.seqs[n] != seq + 1]
    for begin, end in zip([0, *ends], ends, strict=False):
        first, last = cut.seqs[begin], cut.seqs[end - 1]
        until = span.last if end == len(cut.seqs) else last
        piece = replace(span, first=first, last=last, t0_ms=span.time(first), after=after, state=SpanState.UNSENT)
        events = [event for event in cut.events if after < event.seq <= until]
        yield Cut(piece, cut.values[begin:end], cut.quality[begin:end], events)
        after = last


def _collect(
    path: Path,
    first: int,
    last: int | None,
    wanted: Mapping[tuple[str, int], list[tuple[Span, _Found]]],
    schemas: Mapping[bytes, Schema],
) -> None:
    try:
        with path.open("rb") as file:
            file.seek(first)
            data = file.read() if last is None else file.read(last - first)
    except FileNotFoundError:
        return
    boot = path.name[:16]
    for _, body in records.scan(data, 0, records.Scan(0)):
        if body[0] == records.ROW:
            number, seq, _ = records.row_head(body)
            for span, cut in wanted.get((boot, number), ()):
                width = len(schemas[span.schema_hash].signals)
                if span.first <= seq <= span.last and records.row_fits(body, width):
                    row = records.unpack_row(body, width)
                    cut.values.append(row.values)
                    cut.quality.append(row.quality)
                    cut.seqs.append(seq)
        elif body[0] == records.EVENT:
            event = records.unpack_event(body)
            for span, cut in wanted.get((boot, event.number), ()):
                if span.after < max(1, event.seq) <= span.last:
                    seq = max(1, event.seq)
                    cut.events.append(Event(span.source, boot, seq, event.at_ms, event.type, event.data))
