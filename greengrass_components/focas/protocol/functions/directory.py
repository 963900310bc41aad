"""Program directory by O number: cnc_rdprogdir2, cnc_rdprogdir3, cnc_rdproginfo, cnc_search, cnc_delete.

0x06 (a1 first O number, a2 most records, a3 form), 72 bytes per program in rising number:
    i32 number   i32 length in characters   char[52] comment   i16 year month day hour minute 0
An empty payload is the end; the next page starts at the last number + 1. Some controls give 8 per reply.
0x07: four i32: registered, unregistered, used, unused.
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, nothing, one, records
from greengrass_components.focas.protocol.text import decode_text, encode_text

DIRECTORY, INFO, SEARCH, DELETE = 0x06, 0x07, 0x03, 0x05
RECORD = struct.Struct(">2i52s6h")
COUNTS = struct.Struct(">4i")
PAGE = 8
ALL_FACTS = 2
FORMS = {0: 0, 1: 1, 2: 3}  # type of cnc_rdprogdir3 -> a3


@dataclass(frozen=True, slots=True)
class ProgramEntry:
    """One program of the directory; `modified` is year, month, day, hour, minute by the control's clock."""

    number: int
    length: int
    comment: str
    modified: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class ProgramMemory:
    """Programs registered and still possible; characters used and free."""

    registered: int
    unregistered: int
    used: int
    unused: int


def rdprogdir3(first: int = 0, count: int = PAGE, *, kind: int = ALL_FACTS) -> Call[list[ProgramEntry]]:
    """One page of the directory from O number `first` on."""
    return one(Request(DIRECTORY, first, count, FORMS[kind]), decode_directory)


def rdprogdir2(first: int = 0, count: int = PAGE, *, kind: int = ALL_FACTS) -> Call[list[ProgramEntry]]:
    """The same by the older form."""
    return one(Request(DIRECTORY, first, count, kind), decode_directory)


def decode_directory(payload: bytes) -> list[ProgramEntry]:
    """Payload of 0x06. Raises MalformedReply unless numbers rise (a page that does not would never end)."""
    found: list[ProgramEntry] = []
    for record in records(payload, RECORD.size, "program directory"):
        number, length, comment, year, month, day, hour, minute, _ = RECORD.unpack(record)
        if found and number <= found[-1].number:
            raise MalformedReply(f"program {number} follows {found[-1].number} in a directory that must rise")
        found.append(ProgramEntry(number, length, decode_text(comment), (year, month, day, hour, minute)))
    return found


def encode_directory(entries: list[ProgramEntry]) -> bytes:
    """Payload of 0x06."""
    return b"".join(RECORD.pack(e.number, e.length, encode_text(e.comment, 52), *e.modified, 0) for e in entries)


def rdproginfo() -> Call[ProgramMemory]:
    """How full the program memory is."""
    return one(Request(INFO), lambda payload: ProgramMemory(*COUNTS.unpack(exactly(payload, 16, "program memory"))))


def encode_memory(m: ProgramMemory) -> bytes:
    """Payload of 0x07."""
    return COUNTS.pack(m.registered, m.unregistered, m.used, m.unused)


def delete(number: int) -> Call[None]:
    """Delete one program: refused with 5 when it does not exist."""
    return one(Request(DELETE, number), nothing)
