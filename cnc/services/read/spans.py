"""Chunks of the parts of a span whose hours are not derived yet."""

from collections.abc import Iterator, Sequence
from itertools import chain

from cnc.domain.telemetry.rollup import HOUR_MS
from cnc.services.hours.close import BEFORE_MS, open_hours
from cnc.services.read.ports import ReadStores
from cnc.services.stored import Decoded, StoredChunk, decoded


def open_hours_of(machine: str, *, from_ms: int, to_ms: int, stores: ReadStores) -> list[int]:
    """Hours (ms) of the span for which chunks must be read."""
    return open_hours(
        from_ms=from_ms,
        to_ms=to_ms,
        closed_until_s=stores.marks.closed_until_s(),
        dirty_hours_s=stores.marks.dirty_of(machine),
    )


def decoded_hours(machine: str, hours: Sequence[int], *, stores: ReadStores, not_after_ms: int) -> Decoded:
    """Chunks of these hours, neighbouring hours in one query."""
    queries = (
        chunks_between(machine, from_ms=first, to_ms=min(last + HOUR_MS, not_after_ms), stores=stores)
        for first, last in _stretches(hours)
        if first < not_after_ms
    )
    return decoded(chain.from_iterable(queries), schemas=stores.schemas)


def chunks_between(machine: str, *, from_ms: int, to_ms: int, stores: ReadStores) -> Iterator[StoredChunk]:
    """Chunks with rows in [from_ms, to_ms)."""
    return stores.chunks.between(machine, from_ms=max(0, from_ms - BEFORE_MS), to_ms=to_ms - 1)


def _stretches(hours: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of runs of neighbouring hours."""
    runs: list[tuple[int, int]] = []
    for hour in hours:
        if runs and runs[-1][1] + HOUR_MS == hour:
            runs[-1] = (runs[-1][0], hour)
        else:
            runs.append((hour, hour))
    return runs
