"""One hour of one source in 60 minutes: mean, minimum, maximum and coverage of every signal.

    [ version ][ flags ][ schema ][ hour ms ][ expected ][ minutes ][ columns ][ crc32 ][ deflated columns ]
       1b         1b       8b        8b         4b          2b          2b         4b

Little-endian. The columns (form: `columns`) are, for s signals: mean (s), mean - min (s), max - mean (s), rows of
the minute (1), rows of the minute without a value (s). A text signal has the last index of the minute as its mean,
and no minimum and maximum. `expected` = rows a full minute has.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import Final

from cnc.domain.base.clock import MAX_MS
from cnc.domain.base.errors import BadValue, MalformedChunk
from cnc.domain.telemetry.columns import Column, body_size, pack_columns, unpack_columns
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import MAX_SIGNALS, Schema

VERSION: Final = 1
MINUTES: Final = 60
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000

_HEAD: Final = Struct("<BB8sqIHHI")
_CRC_AT: Final = _HEAD.size - 4


@dataclass(slots=True)
class Rollup:
    """`mean[signal][minute]`, … as scaled integers of the schema; None where the minute has no value.

    `rows[minute]` counts rows, `counts[signal][minute]` rows with a value.
    """

    schema_hash: bytes
    hour_ms: int
    expected: int
    mean: list[Column]
    minimum: list[Column]
    maximum: list[Column]
    rows: list[int]
    counts: list[list[int]]

    def coverage(self, signal: int) -> list[float]:
        """Share of each minute's expected rows that have a value, 0 to 1."""
        return [min(1.0, count / self.expected) for count in self.counts[signal]]


def rollup(chunks: Iterable[Rows], schema: Schema, hour_ms: int) -> Rollup:
    """Minutes of the hour that begins at `hour_ms`, from chunks of one source and `schema`.

    A row that comes more than once (equal boot and seq) counts once; rows of other hours are left out.
    """
    width = len(schema.signals)
    buckets: list[list[list[int]]] = [[[] for _ in range(width)] for _ in range(MINUTES)]
    rows = [0] * MINUTES
    period_ms = MINUTE_MS
    for chunk, first, last in fresh(chunks):
        if chunk.schema_hash != schema.hash:
            raise BadValue(seen=f"a chunk of schema {chunk.schema_hash.hex()}", expected=schema.hash.hex())
        period_ms = min(period_ms, chunk.period_ms)
        for minute, start, stop in _minutes(chunk, first, last, hour_ms):
            rows[minute] += stop - start
            for bucket, column in zip(buckets[minute], chunk.columns, strict=True):
                bucket += [value for value in column[start:stop] if value is not None]
    return _reduced(schema, hour_ms, max(1, MINUTE_MS // period_ms), buckets, rows)


def fresh(chunks: Iterable[Rows]) -> Iterable[tuple[Rows, int, int]]:
    """Chunks in order of identity, each with the slice of its rows that did not come before."""
    boot, covered = b"", 0
    for chunk in sorted(chunks, key=lambda c: (c.boot, c.first_seq, c.t0_ms)):
        if chunk.boot != boot:
            boot, covered = chunk.boot, 0
        skip = max(0, covered + 1 - chunk.first_seq)
        count = len(chunk.quality)
        covered = max(covered, chunk.first_seq + count - 1)
        if skip < count:
            yield chunk, skip, count


def _minutes(chunk: Rows, first: int, last: int, hour_ms: int) -> Iterable[tuple[int, int, int]]:
    """(minute of the hour, first row, row behind the last) for rows [first, last) of `chunk`."""
    at = first
    while at < last:
        minute = (chunk.t0_ms + at * chunk.period_ms - hour_ms) // MINUTE_MS
        end_ms = hour_ms + (minute + 1) * MINUTE_MS
        stop = min(last, -((chunk.t0_ms - end_ms) // chunk.period_ms))
        if 0 <= minute < MINUTES:
            yield minute, at, stop
        at = stop


def _reduced(schema: Schema, hour_ms: int, expected: int, buckets: list[list[list[int]]], rows: list[int]) -> Rollup:
    made = Rollup(schema.hash, hour_ms, expected, [], [], [], rows, [])
    for number, signal in enumerate(schema.signals):
        values = [minute[number] for minute in buckets]
        made.counts.append([len(minute) for minute in values])
        if signal.kind == "text":
            made.mean.append([minute[-1] if minute else None for minute in values])
            made.minimum.append([None] * MINUTES)
            made.maximum.append([None] * MINUTES)
        else:
            made.mean.append([round(sum(minute) / len(minute)) if minute else None for minute in values])
            made.minimum.append([min(minute, default=None) for minute in values])
            made.maximum.append([max(minute, default=None) for minute in values])
    return made


def encode_rollup(made: Rollup) -> bytes:
    """The bytes of a rollup. Raises BadValue when a limit is exceeded."""
    below = [_apart(mean, low) for mean, low in zip(made.mean, made.minimum, strict=True)]
    above = [_apart(high, mean) for mean, high in zip(made.mean, made.maximum, strict=True)]
    without: list[Column] = [
        [rows - count for rows, count in zip(made.rows, counts, strict=True)] for counts in made.counts
    ]
    columns: list[Column] = [*made.mean, *below, *above, list(made.rows), *without]
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(pack_columns(columns, rows=MINUTES)) + deflate.flush()
    head = _HEAD.pack(VERSION, 0, made.schema_hash, made.hour_ms, made.expected, MINUTES, len(made.mean), 0)[:_CRC_AT]
    return head + zlib.crc32(body, zlib.crc32(head)).to_bytes(4, "little") + body


def _apart(high: Column, low: Column) -> Column:
    return [None if a is None or b is None else a - b for a, b in zip(high, low, strict=True)]


def decode_rollup(data: bytes) -> Rollup:
    """Raises MalformedChunk."""
    if len(data) <= _HEAD.size:
        raise MalformedChunk(seen=f"{len(data)} bytes", expected=f"more than {_HEAD.size}")
    version, flags, schema, hour_ms, expected, minutes, width, crc = _HEAD.unpack_from(data)
    if version != VERSION or flags or minutes != MINUTES or not 1 <= width <= MAX_SIGNALS:
        raise MalformedChunk(seen=f"version {version}, {minutes} minutes, {width} signals", expected="a rollup")
    if not 0 <= hour_ms <= MAX_MS or not 1 <= expected <= MINUTE_MS:
        raise MalformedChunk(seen=f"hour {hour_ms}, {expected} rows a minute", expected="a time, and 1 to 60000 rows")
    packed = data[_HEAD.size :]
    if zlib.crc32(packed, zlib.crc32(data[:_CRC_AT])) != crc:
        raise MalformedChunk(seen="a checksum that does not fit", expected=f"crc32 {crc:#010x}")
    columns = _columns(packed, 4 * width + 1)
    mean, below, above = columns[:width], columns[width : 2 * width], columns[2 * width : 3 * width]
    rows = [value or 0 for value in columns[3 * width]]
    return Rollup(
        schema_hash=schema,
        hour_ms=hour_ms,
        expected=expected,
        mean=mean,
        minimum=[_apart(*pair) for pair in zip(mean, below, strict=True)],
        maximum=[_joined(*pair) for pair in zip(mean, above, strict=True)],
        rows=rows,
        counts=[[a - (b or 0) for a, b in zip(rows, column, strict=True)] for column in columns[3 * width + 1 :]],
    )


def _joined(low: Column, above: Column) -> Column:
    return [None if a is None or b is None else a + b for a, b in zip(low, above, strict=True)]


def _columns(packed: bytes, count: int) -> list[Column]:
    inflate = zlib.decompressobj(-15)
    try:
        tags = inflate.decompress(packed, count)
        if len(tags) < count:
            raise MalformedChunk(seen=f"a body of {len(tags)} bytes", expected=f"{count} or more")
        size = body_size(tags, columns=count, rows=MINUTES, with_quality=False)
        body = tags + inflate.decompress(inflate.unconsumed_tail, size - count + 1)
    except zlib.error as error:
        raise MalformedChunk(seen=str(error), expected="a raw deflate stream") from error
    if len(body) != size or not inflate.eof or inflate.unused_data:
        raise MalformedChunk(seen=f"a body of {len(body)} bytes or a rest behind it", expected=f"{size} bytes exactly")
    return unpack_columns(body, columns=count, rows=MINUTES)[0]
