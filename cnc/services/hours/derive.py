"""Derive an hour of a machine from its chunks: rollups of minutes and intervals of its state, per source."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from cnc.domain.machines.state import Observation, StateInterval, intervals
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import HOUR_MS, rollup
from cnc.domain.telemetry.series import text_runs
from cnc.services.stored import Decoded, SourceInterval, SourceRollup

EXECUTION = "controller.execution"
#: Version of the code that derives; stored with what it made, so that a better one can find what to make again.
DERIVED_BY = 1
#: A hole of up to this many periods belongs to the state before it.
JOIN_PERIODS = 3


def rollups_of(found: Decoded, *, hour_ms: int) -> list[SourceRollup]:
    """One rollup per source and schema with rows in the hour."""
    made = []
    for source, chunks in sorted(found.by_source.items()):
        for schema_hash in dict.fromkeys(chunk.schema_hash for chunk in chunks):
            own = [chunk for chunk in chunks if chunk.schema_hash == schema_hash]
            hour = rollup(own, found.schemas[schema_hash], hour_ms)
            if any(hour.rows):
                made.append(SourceRollup(source, hour))
    return made


def intervals_of(found: Decoded, *, from_ms: int, to_ms: int) -> list[SourceInterval]:
    """State of every source that has one, cut at the ends of the span."""
    made = []
    for source, chunks in sorted(found.by_source.items()):
        observations = _observations(chunks, found)
        if not observations:
            continue
        join_ms = JOIN_PERIODS * max(chunk.period_ms for chunk in chunks)
        stretches = intervals(observations, from_ms=from_ms, to_ms=to_ms, join_ms=join_ms)
        made += _named(source, stretches, chunks)
    return made


def hour_span(hour_ms: int) -> tuple[int, int]:
    return hour_ms, hour_ms + HOUR_MS


def _observations(chunks: Iterable[Rows], found: Decoded) -> list[Observation]:
    seen = []
    for chunk in chunks:
        runs = text_runs(chunk, found.schemas[chunk.schema_hash], EXECUTION)
        if runs:
            seen.append(Observation(runs, chunk.t0_ms + len(chunk.quality) * chunk.period_ms))
    return seen


def _named(source: str, stretches: Sequence[StateInterval], chunks: Sequence[Rows]) -> list[SourceInterval]:
    """Stretches with the identity of the row they start with."""
    ordered = sorted(chunks, key=lambda chunk: chunk.t0_ms)
    starts = [chunk.t0_ms for chunk in ordered]
    named = []
    for stretch in stretches:
        chunk = ordered[max(0, bisect_right(starts, stretch.from_ms) - 1)]
        row = min(max(0, (stretch.from_ms - chunk.t0_ms) // chunk.period_ms), len(chunk.quality) - 1)
        named.append(
            SourceInterval(
                source, chunk.boot.hex(), chunk.first_seq + row, stretch.execution, stretch.from_ms, stretch.to_ms
            )
        )
    return named
