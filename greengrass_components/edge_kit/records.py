"""Records of a journal segment.

    [ length ][ crc32 ][ type ][ content ]        length and crc32 are those of type + content
       4b        4b       1b

    SEGMENT     JSON {boot, component, made_ms}
    SOURCE      [ number 2b ][ period ms 4b ][ source 18b ][ schema, canonical ]
    ROW         [ number 2b ][ seq 8b ][ time ms 8b ][ quality 1b ][ form 1b ][ null bitmap? ][ values ]
    EVENT       [ number 2b ][ seq 8b ][ time ms 8b ][ JSON [type, data] ]
    GAP         JSON {source, boot, first, last, reason, from_ms, to_ms}
    UNOBSERVED  JSON {source, from_ms, to_ms, why}

`number` stands for a source from its SOURCE record on, within one segment. A row's form: bit 0 = values of 8 bytes
instead of 4, bit 1 = a null bitmap. Numbers are in the byte order of the computer: a journal never leaves it.
"""

import json
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple, cast

SEGMENT: Final = 1
SOURCE: Final = 2
ROW: Final = 3
EVENT: Final = 4
GAP: Final = 5
UNOBSERVED: Final = 6

MAX_RECORD: Final = 1 << 20

_FRAME: Final = Struct("<II")
_SOURCE: Final = Struct("=BHI18s")
_ROW: Final = Struct("=BHQqBB")
_EVENT: Final = Struct("=BHQq")
_WIDE: Final = 1
_NULLS: Final = 2

Values = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RowRecord:
    number: int
    seq: int
    at_ms: int
    quality: int
    values: Values


@dataclass(frozen=True, slots=True)
class EventRecord:
    number: int
    seq: int
    at_ms: int
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    number: int
    period_ms: int
    source: str
    schema: bytes


def frame(body: bytes) -> bytes:
    """The record of `type + content`."""
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


def pack_row(number: int, seq: int, at_ms: int, quality: int, values: Sequence[int | None]) -> bytes:
    """The whole record of one row."""
    form = 0
    nulls = b""
    if None in values:
        form = _NULLS
        bits = sum(1 << place for place, value in enumerate(values) if value is None)
        nulls = bits.to_bytes((len(values) + 7) // 8, "little")
        values = [0 if value is None else value for value in values]
    numbers = cast(Sequence[int], values)
    try:
        raw = array("i", numbers).tobytes()
    except OverflowError:
        form |= _WIDE
        raw = array("q", numbers).tobytes()
    return frame(_ROW.pack(ROW, number, seq, at_ms, quality, form) + nulls + raw)


class PackedRow(NamedTuple):
    """A row whose values are not looked into yet: `unpack_row(body, width)` does."""

    number: int
    seq: int
    at_ms: int
    quality: int
    body: bytes


def packed_row(body: bytes) -> PackedRow:
    """A ROW record as it lies in the journal."""
    _, number, seq, at_ms, quality, _ = _ROW.unpack_from(body)
    return PackedRow(number, seq, at_ms, quality, body)


def unpack_row(body: bytes, width: int) -> RowRecord:
    """`width` = number of signals of the source."""
    _, number, seq, at_ms, quality, form = _ROW.unpack_from(body)
    at = _ROW.size
    bits = 0
    if form & _NULLS:
        size = (width + 7) // 8
        bits = int.from_bytes(body[at : at + size], "little")
        at += size
    raw: array[int] = array("q" if form & _WIDE else "i")
    raw.frombytes(body[at:])
    if not bits:
        return RowRecord(number, seq, at_ms, quality, tuple(raw))
    values = tuple(None if bits >> place & 1 else value for place, value in enumerate(raw))
    return RowRecord(number, seq, at_ms, quality, values)


def row_head(body: bytes) -> tuple[int, int, int]:
    """(number, seq, time) of a ROW record, without its values."""
    _, number, seq, at_ms, _, _ = _ROW.unpack_from(body)
    return number, seq, at_ms


def pack_event(number: int, seq: int, at_ms: int, kind: str, data: dict[str, Any]) -> bytes:
    """The whole record of one event."""
    text = json.dumps([kind, data], separators=(",", ":")).encode()
    return frame(_EVENT.pack(EVENT, number, seq, at_ms) + text)


def unpack_event(body: bytes) -> EventRecord:
    _, number, seq, at_ms = _EVENT.unpack_from(body)
    kind, data = json.loads(body[_EVENT.size :])
    return EventRecord(number, seq, at_ms, kind, data)


def pack_source(number: int, period_ms: int, source: str, schema: bytes) -> bytes:
    """The whole record that begins a source."""
    return frame(_SOURCE.pack(SOURCE, number, period_ms, source.encode()) + schema)


def unpack_source(body: bytes) -> SourceRecord:
    _, number, period_ms, source = _SOURCE.unpack_from(body)
    return SourceRecord(number, period_ms, source.decode(), body[_SOURCE.size :])


def pack_json(kind: int, content: dict[str, Any]) -> bytes:
    """The whole record of a SEGMENT, GAP or UNOBSERVED."""
    return frame(bytes([kind]) + json.dumps(content, separators=(",", ":")).encode())


def unpack_json(body: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(body[1:])
    return content


@dataclass(slots=True)
class Scan:
    """Where reading stopped: `end` is behind the last whole record; `damaged` = what follows is no record at all."""

    end: int
    damaged: bool = False


def scan(data: bytes, at: int, where: Scan) -> Iterator[tuple[int, bytes]]:
    """(offset, type + content) of whole records of `data` from `at` on; `where` tells the end afterwards.

    A record that goes beyond the data is not damaged: its writer may still be at it.
    """
    size = len(data)
    where.end = at
    while at + _FRAME.size < size:
        length, crc = _FRAME.unpack_from(data, at)
        stop = at + _FRAME.size + length
        if not 0 < length <= MAX_RECORD:
            where.damaged = True
            return
        if stop > size:
            return
        body = data[at + _FRAME.size : stop]
        if zlib.crc32(body) != crc:
            where.damaged = True
            return
        where.end = stop
        yield at, body
        at = stop
