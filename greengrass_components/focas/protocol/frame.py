"""Frames: the outermost layer of FOCAS2 over TCP, the same in both directions.

    [ a0 a0 a0 a0 ][ version ][ type ][ direction ][ length ][ body      ]
          4b            2b       1b        1b          2b      length b

All integers are big-endian. A client always sends version 1; a control answers with its own (2 to 4 are known).
Direction: 1 request, 2 reply, 3 error reply, 4 data that nobody answers.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from greengrass_components.focas.errors import Incomplete, MalformedFrame

MAGIC = b"\xa0\xa0\xa0\xa0"
HEADER = struct.Struct(">4sHBBH")
CLIENT_VERSION = 1


class Type(IntEnum):
    """Byte 6 of a frame."""

    OPEN = 0x01
    CLOSE = 0x02
    START_DOWNLOAD = 0x11  # client -> control
    DOWNLOAD_DATA = 0x12
    END_DOWNLOAD = 0x13
    ABORT_DOWNLOAD = 0x14  # control -> client
    START_UPLOAD = 0x15  # control -> client
    UPLOAD_DATA = 0x16
    END_UPLOAD = 0x17
    ABORT_UPLOAD = 0x18
    COMMAND = 0x21


class Direction(IntEnum):
    """Byte 7 of a frame."""

    REQUEST = 1
    REPLY = 2
    ERROR = 3
    DATA = 4


@dataclass(frozen=True, slots=True)
class Header:
    """The ten bytes before a body of `length` bytes."""

    version: int
    type: int
    direction: int
    length: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole message."""

    type: int
    direction: int
    body: bytes = b""
    version: int = CLIENT_VERSION

    def encode(self) -> bytes:
        """The bytes on the wire. Raises ValueError when the body cannot be counted in 16 bits."""
        if len(self.body) > 0xFFFF:
            raise ValueError(f"a frame body holds at most 65535 bytes, not {len(self.body)}")
        return HEADER.pack(MAGIC, self.version, self.type, self.direction, len(self.body)) + self.body

    @property
    def kind(self) -> str:
        """Type and direction as the four hex digits of a capture, e.g. `2102`."""
        return f"{self.type:02x}{self.direction:02x}"


def body_limit(version: int) -> int:
    """Largest body in bytes that a client of this PDU version takes from a control."""
    if version <= 2:
        return 1450
    return 2910 if version == 3 else 3470


def decode_header(raw: bytes) -> Header:
    """Read ten bytes. Raises Incomplete on fewer, MalformedFrame on a wrong magic."""
    if len(raw) < HEADER.size:
        raise Incomplete(HEADER.size - len(raw))
    magic, version, kind, direction, length = HEADER.unpack_from(raw)
    if magic != MAGIC:
        raise MalformedFrame(f"expected a frame to start with a0a0a0a0, got {magic.hex()}")
    return Header(version, kind, direction, length)


def decode(raw: bytes) -> Frame:
    """Decode exactly one frame from the start of `raw`; bytes behind it are not looked at."""
    header = decode_header(raw)
    missing = HEADER.size + header.length - len(raw)
    if missing > 0:
        raise Incomplete(missing)
    body = raw[HEADER.size : HEADER.size + header.length]
    return Frame(header.type, header.direction, body, header.version)
