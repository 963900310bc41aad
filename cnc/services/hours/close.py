"""Close hours: derive them when they are over, and again when rows came late.

An hour is closed 10 minutes after its end, for all machines of a tenant in order; `closed until` moves on only when
every machine is done. Late rows mark their hour dirty; it is derived again under the same keys, and what is not made
any more is removed. Whoever makes the tenant's object of the hour is told. Everything may be repeated and interrupted
anywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cnc.domain.base.clock import from_ms
from cnc.domain.telemetry.rollup import HOUR_MS
from cnc.services.hours.derive import hour_span, intervals_of, rollups_of
from cnc.services.hours.facts import DirtyHour
from cnc.services.stored import ChunkReader, SchemaReader, SourceInterval, SourceRollup, StoredChunk, decoded

OPEN_AFTER_END = timedelta(minutes=10)
HOUR_S = 3600
#: Chunks hold a minute, so those of the hour start at most this long before it.
BEFORE_MS = 60_000
#: … and what is missing of it is told by those this far around it.
AROUND_MS = 120_000
#: What a tenant's first run looks back at most.
LOOK_BACK = timedelta(days=35)


class ReadOnce:
    """Chunks of a span of one machine, read strongly consistent; what lies outside is read when it is asked for."""

    def __init__(self, reader: ChunkReader, machine: str, *, from_ms: int, to_ms: int) -> None:
        self._reader = reader
        self._of = (machine, _minute(from_ms), _minute(to_ms))
        self._held = list(reader.between(machine, from_ms=from_ms, to_ms=to_ms, consistent=True))

    def between(
        self, machine: str, *, from_ms: int, to_ms: int, consistent: bool = False, newest_first: bool = False
    ) -> Iterator[StoredChunk]:
        first, last = _minute(from_ms), _minute(to_ms)
        if newest_first or machine != self._of[0] or not self._of[1] <= first <= last <= self._of[2]:
            yield from self._reader.between(
                machine, from_ms=from_ms, to_ms=to_ms, consistent=consistent, newest_first=newest_first
            )
            return
        yield from (stored for stored in self._held if first <= _minute(stored.extent.t0_ms) <= last)


def _minute(ms: int) -> int:
    return ms // 60_000


class Marks(Protocol):
    def read(self) -> tuple[int | None, Sequence[DirtyHour]]:
        """Start of the first hour that was never closed, epoch seconds, and the marks.

        May be a moment old: what was closed since is closed again, a mark made since is seen by the next run.
        """
        ...

    def clear(self, done: DirtyHour, /) -> None: ...
    def close_until(self, hour_s: int, /) -> None: ...


class Rollups(Protocol):
    def replace_hour(self, machine: str, *, hour_s: int, rollups: Sequence[SourceRollup], now: datetime) -> None: ...


class ClosedHours(Protocol):
    def closed(self, hour_ms: int, /) -> None:
        """Tell that an hour was closed or reopened; whoever hears it reads the chunks of that moment or later."""
        ...


class Intervals(Protocol):
    def replace_hour(
        self, machine: str, *, hour_ms: int, intervals: Sequence[SourceInterval], now: datetime
    ) -> None: ...


@dataclass(frozen=True, kw_only=True)
class HourStores:
    """`machines` lists the tenant's machines; `missing` counts the missing rows of a span of one of them, by a reader
    of its chunks."""

    machines: Callable[[], Sequence[str]]
    chunks: ChunkReader
    schemas: SchemaReader
    marks: Marks
    rollups: Rollups
    intervals: Intervals
    told: ClosedHours
    missing: Callable[[str, int, int, ChunkReader], int]


@dataclass(slots=True)
class Closed:
    """`missing_rows` are those of the hours closed by this run: above 0 it is an alarm."""

    hours: int = 0
    reopened: int = 0
    missing_rows: int = 0
    undecodable_chunks: int = 0
    finished: bool = True


def close_hours(
    *, stores: HourStores, since: datetime, now: datetime, time_left: Callable[[], bool] = lambda: True
) -> Closed:
    """Close what is over and derive again what is dirty, until `time_left` says no; the next run goes on there.

    `since` is when the tenant began: its first hour.
    """
    done = Closed()
    end_s = int((now - OPEN_AFTER_END).timestamp()) // HOUR_S * HOUR_S  # first hour that stays open
    hour_s, marks = stores.marks.read()
    if hour_s is None:
        hour_s = int(max(since, now - LOOK_BACK).timestamp()) // HOUR_S * HOUR_S
    machines = stores.machines() if hour_s < end_s else ()  # most runs have nothing to close
    while hour_s < end_s:
        for machine in machines:
            if not time_left():
                done.finished = False
                return done
            _close(machine, hour_s, stores=stores, now=now, done=done)
            done.hours += 1
        if machines:
            stores.told.closed(hour_s * 1000)
        hour_s += HOUR_S
        stores.marks.close_until(hour_s)
    _reopen(marks, stores=stores, end_s=end_s, now=now, time_left=time_left, done=done)
    return done


def _reopen(
    marks: Sequence[DirtyHour],
    *,
    stores: HourStores,
    end_s: int,
    now: datetime,
    time_left: Callable[[], bool],
    done: Closed,
) -> None:
    told: set[int] = set()
    for mark in marks:
        if mark.hour_s >= end_s:
            continue  # its turn comes when it is closed
        if not time_left():
            done.finished = False
            return
        decodable = _close(mark.machine, mark.hour_s, stores=stores, now=now, done=done)
        if mark.hour_s not in told:  # before the first mark goes: a run that ends here tells it again
            stores.told.closed(mark.hour_s * 1000)
            told.add(mark.hour_s)
        if decodable:
            stores.marks.clear(mark)
        done.reopened += 1


def _close(machine: str, hour_s: int, *, stores: HourStores, now: datetime, done: Closed) -> bool:
    """Derive one hour; whether all of its chunks could be decoded."""
    start_ms, end_ms = hour_span(hour_s * 1000)
    around = ReadOnce(stores.chunks, machine, from_ms=max(0, start_ms - AROUND_MS), to_ms=end_ms + AROUND_MS)
    chunks = around.between(machine, from_ms=max(0, start_ms - BEFORE_MS), to_ms=end_ms - 1)
    found = decoded(chunks, schemas=stores.schemas)
    stores.rollups.replace_hour(machine, hour_s=hour_s, rollups=rollups_of(found, hour_ms=start_ms), now=now)
    stretches = intervals_of(found, from_ms=start_ms, to_ms=end_ms)
    stores.intervals.replace_hour(machine, hour_ms=start_ms, intervals=stretches, now=now)
    done.undecodable_chunks += found.unknown + found.damaged
    done.missing_rows += stores.missing(machine, start_ms, end_ms, around)
    return not found.unknown


def open_hours(*, from_ms: int, to_ms: int, closed_until_s: int | None, dirty_hours_s: Sequence[int]) -> list[int]:
    """Hours (ms) of the span whose derived items are not there or not up to date."""
    first = from_ms // HOUR_MS * HOUR_MS
    dirty = {hour * 1000 for hour in dirty_hours_s}
    closed_ms = (closed_until_s or 0) * 1000
    return [hour for hour in range(first, to_ms, HOUR_MS) if hour >= closed_ms or hour in dirty]


def since_of(created_ms: str | None, *, now: datetime) -> datetime:
    """When a tenant began, from its directory row; a tenant without one is looked at as far back as chunks live."""
    if created_ms is None or not created_ms.isdigit():
        return now - LOOK_BACK
    return from_ms(int(created_ms))
