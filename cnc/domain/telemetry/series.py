"""Series for charts: one time grid, one column per signal, None where nothing is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import MINUTE_MS, MINUTES, Rollup
from cnc.domain.telemetry.schema import Schema, Signal, Value

MAX_POINTS: Final = 100_000


@dataclass(slots=True)
class Series:
    """`timestamps` are the starts of the steps, ms; `columns[signal key]` has one value per step."""

    timestamps: list[int]
    columns: dict[str, list[Value]]


def grid(from_ms: int, to_ms: int, resolution_s: int) -> range:
    """Starts of the steps, aligned to multiples of the resolution. Raises BadValue beyond 100,000 steps."""
    step = resolution_s * 1000
    if step <= 0 or to_ms <= from_ms:
        raise BadValue(seen=f"{from_ms} … {to_ms} by {resolution_s} s", expected="a span and a resolution above 0")
    steps = range(from_ms // step * step, to_ms, step)
    if len(steps) > MAX_POINTS:
        raise BadValue(seen=f"{len(steps)} steps", expected=f"at most {MAX_POINTS}")
    return steps


def resample(
    chunks: Iterable[Rows],
    *,
    schemas: Mapping[bytes, Schema],
    signals: Sequence[str],
    from_ms: int,
    to_ms: int,
    resolution_s: int,
) -> Series:
    """Numbers as the mean of their step, texts as the last of it. `schemas` maps hash to schema.

    Chunks of an unknown schema, and signals a schema lacks, contribute nothing. Equal rows given twice count once.
    """
    steps = grid(from_ms, to_ms, resolution_s)
    columns: dict[str, list[Value]] = {key: [None] * len(steps) for key in signals}
    sums: dict[str, tuple[list[int], list[int], Signal]] = {}
    for chunk, skip in _fresh(chunks):
        schema = schemas.get(chunk.schema_hash)
        if schema is None:
            continue
        first, slots = _slots(chunk, skip, steps)
        for key in signals:
            number = schema.index.get(key)
            if number is None:
                continue
            signal = schema.signals[number]
            values = chunk.columns[number][first : first + len(slots)]
            if signal.kind == "text":
                _place_texts(columns[key], signal, values, slots)
            else:
                total, count, known = sums.setdefault(key, ([0] * len(steps), [0] * len(steps), signal))
                _add(total, count, values if known == signal else _rescaled(values, signal, known), slots)
    for key, (total, count, signal) in sums.items():
        columns[key] = _means(total, count, signal)
    return Series(list(steps), columns)


def _fresh(chunks: Iterable[Rows]) -> Iterable[tuple[Rows, int]]:
    """Chunks in order of identity, each with the number of leading rows that already came."""
    boot, covered = b"", 0
    for chunk in sorted(chunks, key=lambda c: (c.boot, c.first_seq, c.t0_ms)):
        if chunk.boot != boot:
            boot, covered = chunk.boot, 0
        skip = max(0, covered + 1 - chunk.first_seq)
        covered = max(covered, chunk.first_seq + len(chunk.quality) - 1)
        if skip < len(chunk.quality):
            yield chunk, skip


def _slots(chunk: Rows, skip: int, steps: range) -> tuple[int, list[int]]:
    """First row inside the grid, and the step of it and each row after it inside the grid."""
    start_ms, end_ms = steps.start, steps.start + len(steps) * steps.step
    first = max(skip, -((chunk.t0_ms - start_ms) // chunk.period_ms))
    stop = min(len(chunk.quality), -((chunk.t0_ms - end_ms) // chunk.period_ms))
    at = chunk.t0_ms - start_ms
    return first, [(at + row * chunk.period_ms) // steps.step for row in range(first, stop)]


def _add(total: list[int], count: list[int], values: Sequence[int | None], slots: Sequence[int]) -> None:
    for slot, value in zip(slots, values, strict=True):
        if value is not None:
            total[slot] += value
            count[slot] += 1


def _place_texts(column: list[Value], signal: Signal, values: Sequence[int | None], slots: Sequence[int]) -> None:
    for slot, text in zip(slots, signal.values(values), strict=True):
        if text is not None:
            column[slot] = text


def _rescaled(values: Sequence[int | None], given: Signal, wanted: Signal) -> list[int | None]:
    return [wanted.scaled(value) if not isinstance(value, str) else None for value in given.values(values)]


def _means(total: list[int], count: list[int], signal: Signal) -> list[Value]:
    per_unit = round(1 / signal.resolution) if signal.resolution < 1 else 0
    if per_unit and abs(per_unit * signal.resolution - 1) < 1e-9:
        return [t / (n * per_unit) if n else None for t, n in zip(total, count, strict=True)]
    return [t / n * signal.resolution if n else None for t, n in zip(total, count, strict=True)]


def from_rollups(
    rollups: Iterable[Rollup],
    *,
    schemas: Mapping[bytes, Schema],
    signals: Sequence[str],
    from_ms: int,
    to_ms: int,
    resolution_s: int,
) -> Series:
    """As `resample`, from minutes. The resolution must be whole minutes; means are weighted by their rows."""
    if resolution_s % 60:
        raise BadValue(seen=f"{resolution_s} s", expected="whole minutes")
    steps = grid(from_ms, to_ms, resolution_s)
    columns: dict[str, list[Value]] = {key: [None] * len(steps) for key in signals}
    sums: dict[str, tuple[list[float], list[int]]] = {}
    for made in sorted(rollups, key=lambda r: r.hour_ms):
        schema = schemas.get(made.schema_hash)
        if schema is None:
            continue
        slots = [(made.hour_ms + minute * MINUTE_MS - steps.start) // steps.step for minute in range(MINUTES)]
        for key in signals:
            number = schema.index.get(key)
            if number is not None:
                _add_minutes(made, number, schema.signals[number], slots, columns[key], sums, key)
    for key, (total, count) in sums.items():
        columns[key] = [t / n if n else None for t, n in zip(total, count, strict=True)]
    return Series(list(steps), columns)


def _add_minutes(
    made: Rollup,
    number: int,
    signal: Signal,
    slots: Sequence[int],
    texts: list[Value],
    sums: dict[str, tuple[list[float], list[int]]],
    key: str,
) -> None:
    size = len(texts)
    for slot, value, count in zip(slots, signal.values(made.mean[number]), made.counts[number], strict=True):
        if value is None or not 0 <= slot < size:
            continue
        if isinstance(value, str):
            texts[slot] = value
        else:
            total, seen = sums.setdefault(key, ([0.0] * size, [0] * size))
            total[slot] += value * count
            seen[slot] += count


def text_runs(chunk: Rows, schema: Schema, key: str) -> list[tuple[int, str | None]]:
    """(start ms, text) of every run of equal texts of a text signal in one chunk; the last ends with the chunk."""
    number = schema.index.get(key)
    if number is None:
        return []
    runs: list[tuple[int, str | None]] = []
    previous: int | None = -1
    signal = schema.signals[number]
    for row, value in enumerate(chunk.columns[number]):
        if value != previous:
            text = signal.value(value)
            runs.append((chunk.t0_ms + row * chunk.period_ms, text if isinstance(text, str) else None))
            previous = value
    return runs
