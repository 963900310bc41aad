"""Frames between broker and rules engine over loopback.

    [ size ][ header size ][ header, JSON ][ payload ]      broker -> rules
      u32        u16
    [ number ]                                              rules -> broker: handed on, may be forgotten
      u64

All integers big-endian; `size` counts the bytes after itself.
Header: {"n": number, "rule": str|null, "topic", "client", "principal": certificate, "ms": received, milliseconds UTC}.
"""

import asyncio
import json
import struct
from dataclasses import dataclass

MAX_FRAME_BYTES = 256 * 1024
SIZE = struct.Struct(">I")
HEADER = struct.Struct(">H")
ACK = struct.Struct(">Q")


class BadFrame(ValueError):
    """The other side does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as the rules engine sees it. `rule` is set for Basic Ingest: only that rule runs."""

    number: int
    rule: str | None
    topic: str
    client_id: str
    received_ms: int
    payload: bytes
    principal: str = ""

    def encode(self) -> bytes:
        fields: dict[str, str | int | None] = {
            "n": self.number,
            "rule": self.rule,
            "topic": self.topic,
            "client": self.client_id,
        }
        fields |= {"principal": self.principal, "ms": self.received_ms}
        header = json.dumps(fields, separators=(",", ":")).encode()
        size = HEADER.size + len(header) + len(self.payload)
        return SIZE.pack(size) + HEADER.pack(len(header)) + header + self.payload


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Raises BadFrame, and IncompleteReadError at the end of the connection."""
    (size,) = SIZE.unpack(await reader.readexactly(SIZE.size))
    if not HEADER.size < size <= MAX_FRAME_BYTES:
        raise BadFrame(f"frame of {size} bytes, expected 3..{MAX_FRAME_BYTES}")
    return decode(await reader.readexactly(size))


def decode(body: bytes) -> Frame:
    """The bytes after the size. Raises BadFrame."""
    (header_size,) = HEADER.unpack_from(body)
    header, payload = body[HEADER.size : HEADER.size + header_size], body[HEADER.size + header_size :]
    try:
        fields = json.loads(header)
        told = (fields["n"], fields["rule"], fields["topic"], fields["client"], fields["ms"])
        return Frame(*told, payload, fields.get("principal", ""))
    except (ValueError, KeyError, TypeError) as error:
        raise BadFrame(f"header {header[:80]!r}: {error!r}") from error
