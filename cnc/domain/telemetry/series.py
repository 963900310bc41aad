"""Series for charts: one time grid, one column per signal, None where nothing is known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import MINUTE_MS, MINUTES, Rollup
from cnc.domain.telemetry.schema import Schema, Signal, Value

MAX_POINTS: Final = 100_000


@dataclass(slots=True)
class Series:
    """`timestamps` are the starts of the steps, ms; `columns[signal key]` has one value per step."""

    timestamps: Sequence[int]
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
    sums: dict[str, _Sums] = {}
    for chunk, skip in _fresh(chunks):
        schema = schemas.get(chunk.schema_hash)
        if schema is None:
            continue
        pieces = list(_pieces(chunk, skip, steps))
        for key in signals:
            number = schema.index.get(key)
            if number is None:
                continue
            signal, values = schema.signals[number], chunk.columns[number]
            if signal.kind == "text":
                _place_texts(columns[key], signal, values, pieces)
                continue
            known = sums.get(key)
            if known is None:
                known = sums[key] = _Sums(signal, [0] * len(steps), [0] * len(steps))
            known.add(values if known.signal == signal else _rescaled(values, signal, known.signal), pieces)
    for key, known in sums.items():
        columns[key] = known.means()
    return Series(steps, columns)


class _Piece(NamedTuple):
    """Rows [first, stop) of a chunk: all in the step `slot`, or, where `each`, one per step from `slot` on."""

    slot: int
    first: int
    stop: int
    each: bool


@dataclass(slots=True)
class _Sums:
    """Sum and number of the scaled values in each step."""

    signal: Signal
    total: list[int]
    count: list[int]

    def add(self, values: Sequence[int | None], pieces: Sequence[_Piece]) -> None:
        for slot, first, stop, each in pieces:
            part = values[first:stop]
            if None not in part and each and not any(self.count[slot : slot + len(part)]):
                self.total[slot : slot + len(part)] = cast(Sequence[int], part)
                self.count[slot : slot + len(part)] = [1] * len(part)
                continue
            for place, group in enumerate([[value] for value in part] if each else [part], slot):
                known = [value for value in group if value is not None]
                self.total[place] += sum(known)
                self.count[place] += len(known)

    def means(self) -> list[Value]:
        """The means in the signal's unit, None where a step has no value."""
        per_unit = self.signal.per_unit
        if self.count.count(1) == len(self.count):
            return self.signal.values(self.total)
        if per_unit:
            return [t / (n * per_unit) if n else None for t, n in zip(self.total, self.count, strict=True)]
        step = self.signal.resolution
        return [t / n * step if n else None for t, n in zip(self.total, self.count, strict=True)]


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


def _pieces(chunk: Rows, skip: int, steps: range) -> Iterator[_Piece]:
    """The rows of a chunk from `skip` on that lie inside the grid."""
    start_ms, end_ms, step, period = steps.start, steps.start + len(steps) * steps.step, steps.step, chunk.period_ms
    first = max(skip, -((chunk.t0_ms - start_ms) // period))
    stop = min(len(chunk.quality), -((chunk.t0_ms - end_ms) // period))
    if first >= stop:
        return
    if step == period:
        yield _Piece((chunk.t0_ms + first * period - start_ms) // step, first, stop, True)
        return
    while first < stop:
        slot = (chunk.t0_ms + first * period - start_ms) // step
        behind = min(stop, -((chunk.t0_ms - start_ms - (slot + 1) * step) // period))
        yield _Piece(slot, first, behind, False)
        first = behind


def _place_texts(column: list[Value], signal: Signal, values: Sequence[int | None], pieces: Sequence[_Piece]) -> None:
    for slot, first, stop, each in pieces:
        texts = signal.values(values[first:stop])
        for place, group in enumerate([[text] for text in texts] if each else [texts], slot):
            known = [text for text in group if text is not None]
            if known:
                column[place] = known[-1]


def _rescaled(values: Sequence[int | None], given: Signal, wanted: Signal) -> list[int | None]:
    return [wanted.scaled(value) if not isinstance(value, str) else None for value in given.values(values)]


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
        for key in signals:
            number = schema.index.get(key)
            if number is None:
                continue
            signal = schema.signals[number]
            if resolution_s == MINUTE_MS // 1000:
                _place_minutes(made, number, signal, steps, columns[key])
            else:
                _add_minutes(made, number, signal, steps, columns[key], sums, key)
    for key, (total, count) in sums.items():
        columns[key] = [t / n if n else None for t, n in zip(total, count, strict=True)]
    return Series(steps, columns)


def _place_minutes(made: Rollup, number: int, signal: Signal, steps: range, column: list[Value]) -> None:
    """Minutes as they are; where two rollups have a minute, the earlier one stays."""
    slot = (made.hour_ms - steps.start) // steps.step
    first, stop = max(0, -slot), min(MINUTES, len(column) - slot)
    if first >= stop:
        return
    values = signal.values(made.mean[number][first:stop])
    held = column[slot + first : slot + stop]
    if held.count(None) != len(held):
        values = [new if old is None else old for old, new in zip(held, values, strict=True)]
    column[slot + first : slot + stop] = values


def _add_minutes(
    made: Rollup,
    number: int,
    signal: Signal,
    steps: range,
    texts: list[Value],
    sums: dict[str, tuple[list[float], list[int]]],
    key: str,
) -> None:
    size = len(texts)
    slots = [(made.hour_ms + minute * MINUTE_MS - steps.start) // steps.step for minute in range(MINUTES)]
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
