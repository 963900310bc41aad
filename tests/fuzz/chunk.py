"""Chunks: any bytes are refused by name, or give rows that encode and decode to the same rows.

The first byte chooses how deep an input reaches: as it is, with a checksum that fits, or with its body deflated first.
"""

import zlib

from cnc.domain.base.errors import BadValue, MalformedChunk
from cnc.domain.telemetry.chunk import HEADER, Header, decode, encode
from tests.fuzz.target import Target

CRC_AT = HEADER.size - 4


def fitting(data: bytes) -> bytes:
    """The same chunk with the checksum that belongs to it."""
    head, body = data[:CRC_AT], data[HEADER.size :]
    return head + zlib.crc32(body, zlib.crc32(head)).to_bytes(4, "little") + body


def deflated(data: bytes) -> bytes:
    """A header with a plain body behind it, as a whole chunk."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, -15)
    return fitting(data[: HEADER.size] + deflate.compress(data[HEADER.size :]) + deflate.flush())


def parse(data: bytes) -> None:
    way, data = data[:1], data[1:]
    if way in (b"f", b"d") and len(data) >= HEADER.size:
        data = fitting(data) if way == b"f" else deflated(data)
    head = Header.peek(data)
    rows = decode(data)
    assert (head.rows, head.columns) == (len(rows.quality), len(rows.columns))
    try:
        again = decode(encode(rows))
    except BadValue:
        return  # a body that inflates to more than one chunk of ours would hold
    assert again == rows


TARGET = Target(
    parse,
    allowed=(MalformedChunk,),
    words=(
        b"\x00\x00",
        b"\x01\x00",
        b"\xff\xff",
        b"\x10\x0e",
        b"\x00\x00\x00\x80",
        b"\x7f" * 8,
        b"\x80" * 8,
        b"\x04\x02\x01",
    ),
    max_size=66_000,
)
