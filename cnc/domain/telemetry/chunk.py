"""One chunk: the rows of one source over at most one minute, column by column.

    [ version ][ flags ][ schema ][ boot ][ first seq ][ t0 ms ][ period ms ][ rows ][ columns ][ crc32 ][ body ]
       1b         1b       8b       8b       8b           8b        2b          2b       1b         4b      raw deflate

43 bytes of header, little-endian; crc32 covers everything but itself. Row i has seq `first + i` and time
`t0 + i * period`. The body is described in `columns`; flag bit 0 says that it has a quality column.
"""

import zlib
from dataclasses import dataclass
from struct import Struct
from typing import Final

from cnc.domain.base.clock import MAX_MS
from cnc.domain.base.errors import BadValue, MalformedChunk
from cnc.domain.telemetry.columns import body_size, pack_columns, prefix_size, unpack_columns
from cnc.domain.telemetry.facts import GOOD, Quality, Rows
from cnc.domain.telemetry.schema import Schema

__all__ = ["Header", "Quality", "Rows", "decode", "encode"]

VERSION: Final = 1
HEADER: Final = Struct("<BB8s8sQqHHBI")
MAX_ROWS: Final = 3600
MAX_COLUMNS: Final = 200
MAX_BYTES: Final = 65_535
MAX_SEQ: Final = (1 << 63) - 1

_CRC_AT: Final = HEADER.size - 4
_WITH_QUALITY: Final = 1


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a chunk whose bytes have been checked."""

    version: int
    flags: int
    schema_hash: bytes
    boot: bytes
    first_seq: int
    t0_ms: int
    period_ms: int
    rows: int
    columns: int

    @property
    def last_seq(self) -> int:
        """Seq of the last row."""
        return self.first_seq + self.rows - 1

    @property
    def end_ms(self) -> int:
        """One period after the last row."""
        return self.t0_ms + self.rows * self.period_ms

    @classmethod
    def peek(cls, data: bytes) -> "Header":
        """Check limits, checksum and the exact inflated size without decoding. Raises MalformedChunk."""
        return _checked(data)[0]


def encode(rows: Rows) -> bytes:
    """The chunk of `rows`; equal rows give equal bytes on one machine. Raises BadValue when a limit is exceeded."""
    count = len(rows.quality)
    _check_rows(rows, count)
    good = not any(rows.quality)
    body = pack_columns(rows.columns, rows=count, quality=None if good else rows.quality)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED)  # deltas: 2 % less than the default
    packed = deflate.compress(body) + deflate.flush()
    head = HEADER.pack(
        VERSION,
        0 if good else _WITH_QUALITY,
        rows.schema_hash,
        rows.boot,
        rows.first_seq,
        rows.t0_ms,
        rows.period_ms,
        count,
        len(rows.columns),
        0,
    )[:_CRC_AT]
    chunk = head + zlib.crc32(packed, zlib.crc32(head)).to_bytes(4, "little") + packed
    if len(chunk) > MAX_BYTES:
        raise BadValue(seen=f"a chunk of {len(chunk)} bytes", expected=f"at most {MAX_BYTES}; cut it in two")
    return chunk


def decode(data: bytes, scale: Schema | None = None) -> Rows:
    """The rows of a chunk; with `scale`, also that it was made for that schema. Raises MalformedChunk."""
    head, body = _checked(data)
    if scale is not None and (head.schema_hash != scale.hash or head.columns != len(scale.signals)):
        raise MalformedChunk(
            seen=f"schema {head.schema_hash.hex()} of {head.columns} columns",
            expected=f"{scale.hash.hex()} of {len(scale.signals)} signals",
        )
    with_quality = bool(head.flags & _WITH_QUALITY)
    columns, quality = unpack_columns(body, columns=head.columns, rows=head.rows, with_quality=with_quality)
    return Rows(
        schema_hash=head.schema_hash,
        boot=head.boot,
        first_seq=head.first_seq,
        t0_ms=head.t0_ms,
        period_ms=head.period_ms,
        columns=columns,
        quality=quality if quality is not None else [GOOD] * head.rows,
    )


def _check_rows(rows: Rows, count: int) -> None:
    for ok, seen, expected in (
        (1 <= count <= MAX_ROWS, f"{count} rows", f"1 to {MAX_ROWS}"),
        (1 <= len(rows.columns) <= MAX_COLUMNS, f"{len(rows.columns)} columns", f"1 to {MAX_COLUMNS}"),
        (len(rows.schema_hash) == len(rows.boot) == 8, "ids of another length", "schema hash and boot of 8 bytes"),
        (1 <= rows.first_seq <= MAX_SEQ - count, f"first seq {rows.first_seq}", "1 or more, below 2^63"),
        (1 <= rows.period_ms <= 0xFFFF, f"a period of {rows.period_ms} ms", "1 to 65535"),
        (0 <= rows.t0_ms <= MAX_MS - count * rows.period_ms, f"t0 {rows.t0_ms}", "milliseconds, 1970 to 9999"),
        (all(0 <= value <= 3 for value in rows.quality), "a quality outside its range", "0 to 3"),
    ):
        if not ok:
            raise BadValue(seen=seen, expected=expected)


def _checked(data: bytes) -> tuple[Header, bytes]:
    if not HEADER.size < len(data) <= MAX_BYTES:
        raise MalformedChunk(seen=f"{len(data)} bytes", expected=f"{HEADER.size + 1} to {MAX_BYTES}")
    version, flags, schema, boot, first, t0, period, rows, columns, crc = HEADER.unpack_from(data)
    if version != VERSION or flags & ~_WITH_QUALITY:
        raise MalformedChunk(seen=f"version {version} flags {flags:#04x}", expected=f"version {VERSION}")
    if not (1 <= rows <= MAX_ROWS and 1 <= columns <= MAX_COLUMNS and period):
        raise MalformedChunk(
            seen=f"{rows} rows, {columns} columns, period {period} ms",
            expected=f"1 to {MAX_ROWS} rows, 1 to {MAX_COLUMNS} columns, a period above 0",
        )
    if not (1 <= first <= MAX_SEQ - rows and 0 <= t0 <= MAX_MS - rows * period):
        raise MalformedChunk(seen=f"first seq {first}, t0 {t0}", expected="seq from 1, time from 1970 to 9999")
    body = memoryview(data)[HEADER.size :]
    if zlib.crc32(body, zlib.crc32(data[:_CRC_AT])) != crc:
        raise MalformedChunk(seen="a checksum that does not fit", expected=f"crc32 {crc:#010x}")
    head = Header(version, flags, schema, boot, first, t0, period, rows, columns)
    return head, _inflate(body, head)


def _inflate(packed: memoryview, head: Header) -> bytes:
    """The body, never more bytes of it than its own tags imply."""
    with_quality = bool(head.flags & _WITH_QUALITY)
    wanted = prefix_size(columns=head.columns, with_quality=with_quality)
    inflate = zlib.decompressobj(-15)
    try:
        prefix = inflate.decompress(packed, wanted)
        if len(prefix) < wanted:
            raise MalformedChunk(seen=f"a body of {len(prefix)} bytes", expected=f"{wanted} or more")
        size = body_size(prefix, columns=head.columns, rows=head.rows, with_quality=with_quality)
        body = prefix + inflate.decompress(inflate.unconsumed_tail, size - wanted + 1)
    except zlib.error as error:
        raise MalformedChunk(seen=str(error), expected="a raw deflate stream") from error
    if len(body) != size or not inflate.eof or inflate.unused_data:
        raise MalformedChunk(seen=f"a body of {len(body)} bytes or a rest behind it", expected=f"{size} bytes exactly")
    return body
