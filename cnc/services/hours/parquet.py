"""One object per tenant and closed hour: all rows of all machines in one flat table, sorted by machine, source, time.

A column stands for one signal key over all schemas of the hour. Numbers stay multiples of their column's resolution;
where schemas differ in it, the finest is taken. Made again, an hour replaces its object: nothing is added to one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from cnc.domain.base.clock import from_ms
from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import HOUR_MS, fresh
from cnc.domain.telemetry.schema import Schema, Signal
from cnc.services.hours.close import BEFORE_MS
from cnc.services.stored import ChunkReader, SchemaReader, StoredChunk, decoded

#: From this age on chunks of the hour have begun to expire: what is left of them must not replace the whole hour.
REMADE_FOR = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class HourColumn:
    """One column: texts, or integers of which one step is worth `signal.resolution` in `signal.unit`."""

    name: str
    signal: Signal


@dataclass(frozen=True, slots=True)
class Place:
    """Where values of a signal go, and what its integers are multiplied by there."""

    column: HourColumn
    times: int


@dataclass(slots=True)
class SourceHour:
    """The rows of one source by time; every column by name, None where a row has no value."""

    machine: str
    source: str
    boot: list[str] = field(default_factory=list)
    seq: list[int] = field(default_factory=list)
    at_ms: list[int] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    columns: dict[str, list[int | str | None]] = field(default_factory=dict)


class HourWriter(Protocol):
    def write(self, columns: Sequence[HourColumn], sources: Iterable[SourceHour], /) -> bytes:
        """The bytes of one object; the same rows are the same bytes."""
        ...


class HourObjects(Protocol):
    def put(self, body: bytes, /, *, at: datetime) -> None:
        """Put the object of the hour that starts at `at` in place of the one before."""
        ...


@dataclass(frozen=True, kw_only=True)
class ParquetStores:
    """`machines` lists the tenant's machines."""

    machines: Callable[[], Sequence[str]]
    chunks: ChunkReader
    schemas: SchemaReader
    writer: HourWriter
    objects: HourObjects


@dataclass(slots=True)
class Written:
    """`too_old` = the object was left as it is, since chunks of its hour may be gone."""

    rows: int = 0
    size: int = 0
    undecodable_chunks: int = 0
    too_old: bool = False


def write_hour(hour_ms: int, *, stores: ParquetStores, now: datetime) -> Written:
    """Make the object of one hour; without rows none is made. Raises BadValue for what is no start of an hour."""
    if hour_ms < 0 or hour_ms % HOUR_MS:
        raise BadValue(seen=hour_ms, expected="the start of an hour in ms")
    done = Written(too_old=now - from_ms(hour_ms) >= REMADE_FOR)
    if done.too_old:
        return done
    chunks = {machine: _chunks(machine, hour_ms, stores.chunks) for machine in sorted(stores.machines())}
    hashes = sorted({chunk.schema_hash for found in chunks.values() for chunk in found})
    schemas = [schema for one in hashes if (schema := stores.schemas.get(one)) is not None]
    places = places_of(signal for schema in schemas for signal in schema.signals)
    columns = sorted({place.column for place in places.values()}, key=lambda column: column.name)
    sources = _sources(chunks, hour_ms=hour_ms, schemas=stores.schemas, places=places, done=done)
    body = stores.writer.write(columns, sources)
    if done.rows:
        stores.objects.put(body, at=from_ms(hour_ms))
        done.size = len(body)
    return done


def _chunks(machine: str, hour_ms: int, reader: ChunkReader) -> list[StoredChunk]:
    first_ms, last_ms = max(0, hour_ms - BEFORE_MS), hour_ms + HOUR_MS - 1
    return list(reader.between(machine, from_ms=first_ms, to_ms=last_ms, consistent=True))


def _sources(
    chunks: Mapping[str, Sequence[StoredChunk]],
    *,
    hour_ms: int,
    schemas: SchemaReader,
    places: Mapping[Signal, Place],
    done: Written,
) -> Iterator[SourceHour]:
    """Source after source, so that no more than one machine is decoded at a time."""
    for machine, stored in chunks.items():
        found = decoded(stored, schemas=schemas)
        done.undecodable_chunks += found.unknown + found.damaged
        for source, rows in sorted(found.by_source.items()):
            made = source_hour(SourceHour(machine, source), rows, schemas=found.schemas, places=places, hour_ms=hour_ms)
            if made.seq:
                done.rows += len(made.seq)
                yield made


def source_hour(
    made: SourceHour,
    chunks: Iterable[Rows],
    *,
    schemas: Mapping[bytes, Schema],
    places: Mapping[Signal, Place],
    hour_ms: int,
) -> SourceHour:
    """Fill `made` with the rows inside the hour, each identity once, by time."""
    for chunk, first, last in fresh(chunks):
        start = max(first, -((chunk.t0_ms - hour_ms) // chunk.period_ms))
        stop = min(last, -((chunk.t0_ms - hour_ms - HOUR_MS) // chunk.period_ms))
        if start < stop:
            _add(made, chunk, range(start, stop), schema=schemas[chunk.schema_hash], places=places)
    for column in made.columns.values():
        column += [None] * (len(made.seq) - len(column))
    _sort(made)
    return made


def _add(made: SourceHour, chunk: Rows, rows: range, *, schema: Schema, places: Mapping[Signal, Place]) -> None:
    before = len(made.seq)
    made.boot += [chunk.boot.hex()] * len(rows)
    made.seq += [chunk.first_seq + row for row in rows]
    made.at_ms += [chunk.t0_ms + row * chunk.period_ms for row in rows]
    made.quality += chunk.quality[rows.start : rows.stop]
    for signal, values in zip(schema.signals, chunk.columns, strict=True):
        place = places[signal]
        column = made.columns.setdefault(place.column.name, [])
        column += [None] * (before - len(column))
        column += _placed(signal, values[rows.start : rows.stop], place.times)


def _placed(signal: Signal, values: Sequence[int | None], times: int) -> Iterable[int | str | None]:
    if signal.kind == "text":
        count = len(signal.texts)
        return [None if v is None or not 0 <= v < count else signal.texts[v] for v in values]
    return values if times == 1 else [None if v is None else v * times for v in values]


def _sort(made: SourceHour) -> None:
    """By time; rows come by identity, which is the same order unless a clock was set back."""
    order = sorted(range(len(made.at_ms)), key=made.at_ms.__getitem__)
    if order == list(range(len(order))):
        return
    made.boot = [made.boot[row] for row in order]
    made.seq = [made.seq[row] for row in order]
    made.at_ms = [made.at_ms[row] for row in order]
    made.quality = [made.quality[row] for row in order]
    made.columns = {name: [column[row] for row in order] for name, column in made.columns.items()}


def places_of(signals: Iterable[Signal]) -> dict[Signal, Place]:
    """The column of every signal. Equal keys share one as long as kind and unit are equal and one resolution is a
    whole multiple of the other; what does not fit has a column `<key> [<unit or kind>, <resolution>]` of its own."""
    places: dict[Signal, Place] = {}
    ordered = sorted(set(signals), key=lambda s: (s.key, s.kind, s.resolution, s.unit, s.texts, s.native_name))
    for key, same in groupby(ordered, key=lambda signal: signal.key):
        made: list[HourColumn] = []
        for signal in same:
            place = next((Place(one, times) for one in made if (times := _multiple(signal, one.signal))), None)
            if place is None:
                name = f"{key} [{signal.unit or signal.kind}, {signal.resolution:g}]" if made else key
                place = Place(HourColumn(name, signal), 1)
                made.append(place.column)
            places[signal] = place
    return places


def _multiple(signal: Signal, of: Signal) -> int:
    """How many steps of `of` make one of `signal`; 0 where they do not fit."""
    if (signal.kind, signal.unit) != (of.kind, of.unit):
        return 0
    if signal.kind == "text":
        return 1
    times = round(signal.resolution / of.resolution)
    return times if abs(times * of.resolution - signal.resolution) < 1e-9 * signal.resolution else 0
