"""The minute message of a gateway: chunks of many sources, with the events of the same rows.

    [ version ][ flags ][ crc32 ][ sent ms ][ count ] then per source minute
       1b         1b       4b        8b        2b
    [ source ][ chunk length ][ events length ][ schema length ][ chunk ][ events ][ schema ]
       18b          2b               2b               2b

Little-endian; crc32 covers what follows it. A schema travels with the first chunk that needs it; 0 bytes = none.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from cnc.domain.base.clock import MAX_MS
from cnc.domain.base.errors import BadId, BadValue, MalformedMessage
from cnc.domain.base.ids import check_id
from cnc.domain.telemetry.event_words import MARK, WORDS
from cnc.domain.telemetry.events import Event, event_from, event_to
from cnc.domain.telemetry.wire import MAX_MESSAGE, dumps, loads_any

VERSION: Final = 1
MAX_MINUTES: Final = 1000
MAX_PART: Final = 65_535
MAX_EVENTS_INFLATED: Final = 1 << 20
MAX_EVENTS: Final = 5000

_HEAD: Final = Struct("<BBI")
_AFTER_CRC: Final = Struct("<qH")
_PART: Final = Struct("<18sHHH")


@dataclass(frozen=True, slots=True)
class SourceMinute:
    """One chunk of one source, the events of its rows (`pack_minute_events`), and its schema when it is new."""

    source: str
    chunk: bytes
    events: bytes = b""
    schema: bytes | None = None


@dataclass(frozen=True, slots=True)
class MinuteMessage:
    """`sent_ms` is the gateway's clock at the time of sending, and differs when a minute is sent again."""

    sent_ms: int
    minutes: tuple[SourceMinute, ...]


def packed_size(minutes: Sequence[SourceMinute]) -> int:
    """Bytes of the message that holds `minutes`."""
    head = _HEAD.size + _AFTER_CRC.size
    return head + sum(_PART.size + len(m.chunk) + len(m.events) + len(m.schema or b"") for m in minutes)


def pack(message: MinuteMessage) -> bytes:
    """The bytes of a message. Raises BadValue beyond 128 KB, 1000 source minutes or 64 KB in one part."""
    if not 1 <= len(message.minutes) <= MAX_MINUTES or packed_size(message.minutes) > MAX_MESSAGE:
        raise BadValue(
            seen=f"{len(message.minutes)} source minutes of {packed_size(message.minutes)} bytes",
            expected=f"1 to {MAX_MINUTES} in at most {MAX_MESSAGE} bytes",
        )
    parts = [_AFTER_CRC.pack(message.sent_ms, len(message.minutes))]
    for minute in message.minutes:
        schema = minute.schema or b""
        sizes = (len(minute.chunk), len(minute.events), len(schema))
        if max(sizes) > MAX_PART:
            raise BadValue(seen=f"parts of {sizes} bytes", expected=f"at most {MAX_PART} each")
        parts.append(_PART.pack(check_id("d", minute.source).encode(), *sizes))
        parts += [minute.chunk, minute.events, schema]
    body = b"".join(parts)
    return _HEAD.pack(VERSION, 0, zlib.crc32(body)) + body


def unpack(data: bytes) -> MinuteMessage:
    """The message, its parts still packed. Raises MalformedMessage."""
    start = _HEAD.size + _AFTER_CRC.size
    if not start < len(data) <= MAX_MESSAGE:
        raise MalformedMessage(seen=f"{len(data)} bytes", expected=f"{start + 1} to {MAX_MESSAGE}")
    version, flags, crc = _HEAD.unpack_from(data)
    if version != VERSION or flags:
        raise MalformedMessage(seen=f"version {version} flags {flags:#04x}", expected=f"version {VERSION}")
    if zlib.crc32(memoryview(data)[_HEAD.size :]) != crc:
        raise MalformedMessage(seen="a checksum that does not fit", expected=f"crc32 {crc:#010x}")
    sent_ms, count = _AFTER_CRC.unpack_from(data, _HEAD.size)
    if not (1 <= count <= MAX_MINUTES and 0 <= sent_ms <= MAX_MS):
        raise MalformedMessage(seen=f"{count} source minutes sent at {sent_ms}", expected=f"1 to {MAX_MINUTES}")
    minutes = []
    at = start
    for _ in range(count):
        minute, at = _source_minute(data, at)
        minutes.append(minute)
    if at != len(data):
        raise MalformedMessage(seen=f"{len(data) - at} bytes behind the last part", expected="none")
    return MinuteMessage(sent_ms, tuple(minutes))


def _source_minute(data: bytes, at: int) -> tuple[SourceMinute, int]:
    if at + _PART.size > len(data):
        raise MalformedMessage(seen="an end inside a part", expected=f"{_PART.size} bytes of head")
    source, chunk, events, schema = _PART.unpack_from(data, at)
    at += _PART.size
    ends = (at + chunk, at + chunk + events, at + chunk + events + schema)
    if not chunk or ends[2] > len(data):
        raise MalformedMessage(seen=f"a part up to byte {ends[2]} of {len(data)}", expected="whole parts with a chunk")
    try:
        text = check_id("d", source.decode("ascii"))
    except (BadId, UnicodeDecodeError) as error:
        raise MalformedMessage(seen=source.hex(), expected="a source id") from error
    schema_bytes = data[ends[1] : ends[2]] if schema else None
    return SourceMinute(text, data[at : ends[0]], data[ends[0] : ends[1]], schema_bytes), ends[2]


def pack_minute_events(events: Sequence[Event]) -> bytes:
    """The events of one source minute, deflated with the words of `event_words`; b"" for none."""
    if not events:
        return b""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, WORDS)
    return MARK + deflate.compress(dumps([event_to(event) for event in events])) + deflate.flush()


def unpack_minute_events(data: bytes) -> list[Event]:
    """Bounded to 1 MB and 5,000 events, of both versions (`event_words`). Raises MalformedMessage."""
    if not data:
        return []
    with_words = data.startswith(MARK)
    inflate = zlib.decompressobj(-15, WORDS) if with_words else zlib.decompressobj(-15)
    try:
        text = inflate.decompress(data[len(MARK) :] if with_words else data, MAX_EVENTS_INFLATED)
    except zlib.error as error:
        raise MalformedMessage(seen=str(error), expected="a raw deflate stream") from error
    if not inflate.eof or inflate.unused_data:
        raise MalformedMessage(seen=f"events of {len(text)} bytes or a rest behind them", expected="at most 1 MB")
    rows = loads_any(text, limit=MAX_EVENTS_INFLATED)
    if not isinstance(rows, list) or len(rows) > MAX_EVENTS:
        raise MalformedMessage(seen=str(rows)[:40], expected=f"a list of at most {MAX_EVENTS} events")
    return [event_from(row) for row in rows]
