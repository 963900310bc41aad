"""Minute messages, with everything in them: chunks, events, schemas. The first byte asks for a checksum that fits."""

import zlib

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.telemetry.chunk import Header, decode
from cnc.domain.telemetry.minute import pack, unpack, unpack_minute_events
from cnc.domain.telemetry.schema import Schema
from tests.fuzz.target import Target

HEAD = 6


def parse(data: bytes) -> None:
    way, data = data[:1], data[1:]
    if way == b"f" and len(data) > HEAD:
        data = data[:2] + zlib.crc32(data[HEAD:]).to_bytes(4, "little") + data[HEAD:]
    elif way == b"e":
        unpack_minute_events(data)
        return
    message = unpack(data)
    assert unpack(pack(message)) == message
    for minute in message.minutes:
        for part in (Header.peek, decode):
            part(minute.chunk)
        unpack_minute_events(minute.events)
        if minute.schema:
            Schema.parse(minute.schema)


TARGET = Target(
    parse,
    allowed=(MalformedMessage, BadValue),
    words=(b"d_0123456789abcdef", b"\x00\x00", b"\xff\xff", b"\x01\x00", b'[{"boot":"', b"\x7f" * 8),
    max_size=140_000,
)
