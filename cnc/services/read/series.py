"""Columns over time for charts: raw rows up to two hours, minutes of closed hours above."""

from collections.abc import Mapping, Sequence

from cnc.domain.telemetry.rollup import HOUR_MS, Rollup
from cnc.domain.telemetry.schema import Schema
from cnc.domain.telemetry.series import Series, from_rollups, resample
from cnc.services.hours.derive import rollups_of
from cnc.services.read.facts import SeriesFacts
from cnc.services.read.ports import ReadStores
from cnc.services.read.signals import unknown_signals
from cnc.services.read.spans import chunks_between, decoded_hours, open_hours_of
from cnc.services.shop import Machine
from cnc.services.stored import decoded

RAW_MS = 2 * HOUR_MS
MINUTE_S = 60


def series_of(
    machine: Machine,
    *,
    signals: Sequence[str],
    from_ms: int,
    to_ms: int,
    resolution_s: int,
    now_ms: int,
    stores: ReadStores,
) -> SeriesFacts:
    """One value per signal and step that begins within [from_ms, to_ms), made of all rows of that step.

    Steps are multiples of the resolution since 1970, so a step has the same value whatever period is asked for.
    Above two hours the resolution is rounded up to whole minutes.
    """
    raw = to_ms - from_ms <= RAW_MS and resolution_s * 1000 <= RAW_MS
    step_s = resolution_s if raw else -(-resolution_s // MINUTE_S) * MINUTE_S
    from_ms, to_ms = _next_step_ms(from_ms, step_s), _next_step_ms(to_ms, step_s)
    schemas: Mapping[bytes, Schema] = {}
    if from_ms == to_ms:
        found = Series((), {signal: [] for signal in signals})
    elif raw:
        found, schemas = _from_chunks(
            machine.id, signals=signals, from_ms=from_ms, to_ms=to_ms, resolution_s=step_s, stores=stores
        )
    else:
        rollups = _rollups(machine.id, from_ms=from_ms, to_ms=to_ms, now_ms=now_ms, stores=stores)
        schemas = _schemas(rollups, stores)
        found = from_rollups(
            rollups, schemas=schemas, signals=signals, from_ms=from_ms, to_ms=to_ms, resolution_s=step_s
        )
    unknown = unknown_signals(signals, told=schemas.values(), machine=machine, stores=stores)
    return SeriesFacts(found.timestamps, found.columns, unknown)


def _next_step_ms(at_ms: int, step_s: int) -> int:
    """The first step that begins at `at_ms` or later."""
    return -(-at_ms // (step_s * 1000)) * step_s * 1000


def _rollups(machine: str, *, from_ms: int, to_ms: int, now_ms: int, stores: ReadStores) -> list[Rollup]:
    """Stored ones of closed hours, and those of open hours made now."""
    open_ms = open_hours_of(machine, from_ms=from_ms, to_ms=to_ms, stores=stores)
    still_open = set(open_ms)
    rollups = [
        made.rollup
        for made in stores.rollups.between(machine, from_ms=from_ms, to_ms=to_ms)
        if made.rollup.hour_ms not in still_open
    ]
    fresh = decoded_hours(machine, open_ms, stores=stores, not_after_ms=min(to_ms, now_ms + HOUR_MS))
    return rollups + [made.rollup for hour in open_ms for made in rollups_of(fresh, hour_ms=hour)]


def _from_chunks(
    machine: str, *, signals: Sequence[str], from_ms: int, to_ms: int, resolution_s: int, stores: ReadStores
) -> tuple[Series, Mapping[bytes, Schema]]:
    chunks = chunks_between(machine, from_ms=from_ms, to_ms=to_ms, stores=stores)
    found = decoded(chunks, schemas=stores.schemas)
    merged: Series | None = None
    # Source by source: two sources of one gateway count their rows under the same boot.
    for rows in found.by_source.values() or [[]]:
        own = resample(
            rows, schemas=found.schemas, signals=signals, from_ms=from_ms, to_ms=to_ms, resolution_s=resolution_s
        )
        merged = own if merged is None else _either(merged, own)
    assert merged is not None
    return merged, found.schemas


def _either(first: Series, second: Series) -> Series:
    for key, column in second.columns.items():
        held = first.columns[key]
        if any(value is not None for value in column):
            first.columns[key] = [b if a is None else a for a, b in zip(held, column, strict=True)]
    return first


def _schemas(rollups: Sequence[Rollup], stores: ReadStores) -> dict[bytes, Schema]:
    hashes = dict.fromkeys(made.schema_hash for made in rollups)
    return {value: schema for value in hashes if (schema := stores.schemas.get(value)) is not None}
