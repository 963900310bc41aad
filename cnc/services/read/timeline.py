"""State of a machine over time: intervals of closed hours, and the chunks of those still open."""

from collections.abc import Iterable, Sequence

from cnc.domain.base.clock import from_ms as moment
from cnc.services.hours.derive import intervals_of
from cnc.services.read.facts import IntervalFacts
from cnc.services.read.ports import ReadStores
from cnc.services.read.spans import decoded_hours, open_hours_of
from cnc.services.stored import SourceInterval

HOUR_MS = 3_600_000
#: Intervals are cut at hours; two of one state this close are one.
JOIN_MS = 3_000


def timeline_of(machine: str, *, from_ms: int, to_ms: int, now_ms: int, stores: ReadStores) -> list[IntervalFacts]:
    """Intervals inside [from_ms, to_ms), oldest first, never overlapping; time without data is left out."""
    open_ms = open_hours_of(machine, from_ms=from_ms, to_ms=to_ms, stores=stores)
    still_open = set(open_ms)
    found = [
        interval
        for interval in stores.intervals.between(machine, from_ms=from_ms, to_ms=to_ms)
        if interval.from_ms // HOUR_MS * HOUR_MS not in still_open
    ]
    fresh = decoded_hours(machine, open_ms, stores=stores, not_after_ms=min(to_ms, now_ms + HOUR_MS))
    for hour in open_ms:
        found += intervals_of(fresh, from_ms=hour, to_ms=hour + HOUR_MS)
    return _joined(sorted(found, key=lambda interval: interval.from_ms), from_ms=from_ms, to_ms=to_ms)


def _joined(intervals: Iterable[SourceInterval], *, from_ms: int, to_ms: int) -> list[IntervalFacts]:
    spans: list[tuple[str, int, int]] = []
    for interval in intervals:
        start, end = max(interval.from_ms, from_ms), min(interval.to_ms, to_ms)
        if spans:
            start = max(start, spans[-1][2])
        if start >= end:
            continue
        if spans and spans[-1][0] == interval.execution and start - spans[-1][2] <= JOIN_MS:
            spans[-1] = (interval.execution, spans[-1][1], end)
        else:
            spans.append((interval.execution, start, end))
    return _facts(spans)


def _facts(spans: Sequence[tuple[str, int, int]]) -> list[IntervalFacts]:
    return [IntervalFacts(execution, moment(start), moment(end)) for execution, start, end in spans]
