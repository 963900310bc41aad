"""Records of a journal segment.

    [ length ][ crc32 ][ type ][ content ]        length and crc32 are those of type + content
       4b        4b       1b

    SEGMENT     JSON {boot, component, made_ms}
    SOURCE      [ number 2b ][ period ms 4b ][ source 18b ][ schema, canonical ]
    ROW         [ number 2b ][ seq 8b ][ time ms 8b ][ quality 1b ][ form 1b ][ null bitmap? ][ values ]
    EVENT       [ number 2b ][ seq 8b ][ time ms 8b ][ JSON [type, data] ]
    GAP         JSON {source, boot, first, last, reason, from_ms, to_ms}
    UNOBSERVED  JSON {source, from_ms, to_ms, why}
    END         JSON {source, boot, last, at_ms, period_ms, reason}: an earlier boot wrote rows up to `last`

Everything but rows is written twice, the second time with bit 7 of its type set: damage in one place costs rows, whose
seqs tell that they are lost, and never what nobody could miss. Reading goes on behind damage at the next whole record.

`number` stands for a source from its SOURCE record on, within one segment. A row's form: bit 0 = values of 8 bytes
instead of 4, bit 1 = a null bitmap. Numbers are in the byte order of the computer: a journal never leaves it.
"""

import json
import re
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple, cast

from cnc.domain.base.errors import BadId, MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.telemetry.wire import fields, loads_any

SEGMENT: Final = 1
SOURCE: Final = 2
ROW: Final = 3
EVENT: Final = 4
GAP: Final = 5
UNOBSERVED: Final = 6
END: Final = 7

MAX_RECORD: Final = 1 << 20
FRAME_BYTES: Final = 8
#: How much may be checked in search of the next whole record: one read full of what looks like numbers.
SEARCH_BYTES: Final = 256 << 20

_FRAME: Final = Struct("<II")
_SOURCE: Final = Struct("=BHI18s")
_ROW: Final = Struct("=BHQqBB")
_EVENT: Final = Struct("=BHQq")
_WIDE: Final = 1
_NULLS: Final = 2
_AGAIN: Final = 0x80
#: Length below 2^20 or equal, any checksum, a type: where a record may begin.
_BEGINNING: Final = re.compile(rb"(?s)(?=..[\x00-\x10]\x00....[\x01-\x07\x81-\x87])")

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


def twice(record: bytes) -> bytes:
    """A record and its copy; `scan` yields them once."""
    body = record[FRAME_BYTES:]
    return record + frame(bytes([body[0] | _AGAIN]) + body[1:])


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
    """A ROW record as it lies in the journal. Raises MalformedMessage for one that is too short."""
    if len(body) < _ROW.size:
        raise MalformedMessage(seen=f"a row of {len(body)} bytes", expected=f"{_ROW.size} or more")
    _, number, seq, at_ms, quality, _ = _ROW.unpack_from(body)
    return PackedRow(number, seq, at_ms, quality, body)


def row_fits(body: bytes, width: int) -> bool:
    """Whether a ROW record holds `width` values."""
    if len(body) < _ROW.size:
        return False
    form = body[_ROW.size - 1]
    nulls = (width + 7) // 8 if form & _NULLS else 0
    return len(body) == _ROW.size + nulls + width * (8 if form & _WIDE else 4)


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
    """(number, seq, time) of a ROW record, without its values. Raises MalformedMessage for one that is too short."""
    if len(body) < _ROW.size:
        raise MalformedMessage(seen=f"a row of {len(body)} bytes", expected=f"{_ROW.size} or more")
    _, number, seq, at_ms, _, _ = _ROW.unpack_from(body)
    return number, seq, at_ms


def pack_event(number: int, seq: int, at_ms: int, kind: str, data: dict[str, Any]) -> bytes:
    """The whole record of one event."""
    text = json.dumps([kind, data], separators=(",", ":")).encode()
    return frame(_EVENT.pack(EVENT, number, seq, at_ms) + text)


def unpack_event(body: bytes) -> EventRecord:
    """Raises MalformedMessage for what no journal of ours wrote."""
    if len(body) < _EVENT.size:
        raise MalformedMessage(seen=f"an event of {len(body)} bytes", expected=f"{_EVENT.size} or more")
    _, number, seq, at_ms = _EVENT.unpack_from(body)
    content = loads_any(body[_EVENT.size :], limit=MAX_RECORD)
    match content:
        case [str(kind), dict(data)]:
            return EventRecord(number, seq, at_ms, kind, data)
    raise MalformedMessage(seen=str(content)[:40], expected="[type, data]")


def pack_source(number: int, period_ms: int, source: str, schema: bytes) -> bytes:
    """The whole record that begins a source."""
    return frame(_SOURCE.pack(SOURCE, number, period_ms, source.encode()) + schema)


def unpack_source(body: bytes) -> SourceRecord:
    """Raises MalformedMessage for what no journal of ours wrote."""
    if len(body) < _SOURCE.size:
        raise MalformedMessage(seen=f"a source of {len(body)} bytes", expected=f"{_SOURCE.size} or more")
    _, number, period_ms, source = _SOURCE.unpack_from(body)
    try:
        name = check_id("d", source.decode("ascii", "replace"))
    except BadId as error:
        raise MalformedMessage(seen=error.seen, expected=error.expected) from error
    if not period_ms:
        raise MalformedMessage(seen="a period of 0 ms", expected="1 or more")
    return SourceRecord(number, period_ms, name, body[_SOURCE.size :])


def pack_json(kind: int, content: dict[str, Any]) -> bytes:
    """The whole record of a SEGMENT, GAP or UNOBSERVED."""
    return frame(bytes([kind]) + json.dumps(content, separators=(",", ":")).encode())


def unpack_json(body: bytes) -> dict[str, Any]:
    """Raises MalformedMessage for what no journal of ours wrote."""
    return fields(loads_any(body[1:], limit=MAX_RECORD)).of


@dataclass(slots=True)
class Scan:
    """Where reading stopped: `end` is behind the last whole record, `skipped` bytes before it are none.

    `twin` is the checksum of the last record that may be followed by its copy; who reads a segment in pieces keeps it.
    """

    end: int
    skipped: int = 0
    twin: int = 0


def scan(data: bytes, at: int, where: Scan) -> Iterator[tuple[int, bytes]]:
    """(offset, type + content) of whole records of `data` from `at` on; `where` tells the end afterwards.

    A record that is damaged, or goes beyond the data (its writer may still be at it), is passed over when a whole one
    follows.
    """
    size = len(data)
    where.end = at
    while at + FRAME_BYTES < size:
        length, crc = _FRAME.unpack_from(data, at)
        stop = at + FRAME_BYTES + length
        body = data[at + FRAME_BYTES : stop] if 0 < length <= MAX_RECORD and stop <= size else b""
        if not body or zlib.crc32(body) != crc:
            following = _next_whole(data, at + 1)
            if following < 0:
                return
            where.skipped += following - at
            at = following
            continue
        where.end = stop
        if body[0] == ROW:
            yield at, body
        else:
            original = body if body[0] < _AGAIN else bytes([body[0] ^ _AGAIN]) + body[1:]
            twin, where.twin = where.twin, 0 if original is not body else crc
            if original is body or zlib.crc32(original) != twin:
                yield at, original
        at = stop


def _next_whole(data: bytes, at: int) -> int:
    """Where the next whole record begins, -1 when there is none."""
    view, left = memoryview(data), SEARCH_BYTES
    for found in _BEGINNING.finditer(data, at):
        start = found.start()
        length, crc = _FRAME.unpack_from(data, start)
        stop = start + FRAME_BYTES + length
        if not 0 < length <= MAX_RECORD or stop > len(data):
            continue
        left -= length
        if left < 0:
            return -1
        if zlib.crc32(view[start + FRAME_BYTES : stop]) == crc:
            return start
    return -1
