"""The program under execution: cnc_rdprgnum(o8), cnc_rdseqnum, cnc_rdblkcount, cnc_exeprgname(2), cnc_pdf_rdmain,
cnc_rdexecprog.

exeprgname: i32 O number, char[36] name. exeprgname2 and pdf_rdmain: char[256] full path.
rdexecprog: i32 block number within, then text from the executing block on, lines ended by LF.
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one
from greengrass_components.focas.protocol.text import decode_text, encode_text

NUMBERS, SEQUENCE, BLOCK_COUNT, NAME, PATH_NAME, MAIN_PATH, TEXT = 0x1C, 0x1D, 0x35, 0xCF, 0xFC, 0xB9, 0x20
PATH_SIZE, NAME_SIZE = 256, 36
PAIR = struct.Struct(">2i")
LONG = struct.Struct(">i")


@dataclass(frozen=True, slots=True)
class ProgramNumbers:
    """O numbers of the running and of the main program."""

    running: int
    main: int


@dataclass(frozen=True, slots=True)
class ProgramName:
    """Name of the running program; number 0 when it has a name without O."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class ExecutingText:
    """Program text from the executing block on."""

    block: int
    text: str


def rdprgnumo8() -> Call[ProgramNumbers]:
    """O numbers with up to eight digits (cnc_rdprgnum is the low 16 bits of the same)."""
    return one(Request(NUMBERS), lambda payload: ProgramNumbers(*PAIR.unpack(exactly(payload, 8, "rdprgnum"))))


def encode_numbers(running: int, main: int) -> bytes:
    """Payload of 0x1c."""
    return PAIR.pack(running, main)


def _long(request: Request, what: str) -> Call[int]:
    return one(request, lambda payload: int(LONG.unpack(exactly(payload, LONG.size, what))[0]))


def rdseqnum() -> Call[int]:
    """N number of the executing block."""
    return _long(Request(SEQUENCE), "rdseqnum")


def rdblkcount() -> Call[int]:
    """Blocks executed since the program started."""
    return _long(Request(BLOCK_COUNT), "rdblkcount")


def encode_long(number: int) -> bytes:
    """Payload of 0x1d and 0x35."""
    return LONG.pack(number)


def exeprgname() -> Call[ProgramName]:
    """Name and O number of the running program."""
    return one(Request(NAME), _read_name)


def _read_name(payload: bytes) -> ProgramName:
    exactly(payload, LONG.size + NAME_SIZE, "exeprgname")
    return ProgramName(decode_text(payload[LONG.size :]), int(LONG.unpack_from(payload)[0]))


def encode_name(number: int, name: str) -> bytes:
    """Payload of 0xcf."""
    return LONG.pack(number) + encode_text(name, NAME_SIZE)


def exeprgname2() -> Call[str]:
    """Full path of the running program."""
    return one(Request(PATH_NAME), _read_path)


def pdf_rdmain() -> Call[str]:
    """Full path of the main program."""
    return one(Request(MAIN_PATH), _read_path)


def _read_path(payload: bytes) -> str:
    return decode_text(exactly(payload, PATH_SIZE, "program path"))


def encode_path(path: str) -> bytes:
    """256 bytes: payload of 0xfc, 0xb9, 0xb0, and the extra data of requests that name a file or folder."""
    return encode_text(path, PATH_SIZE)


def rdexecprog(length: int = 256) -> Call[ExecutingText]:
    """At most `length` bytes of text from the executing block on."""
    return one(Request(TEXT, length), _read_executing)


def _read_executing(payload: bytes) -> ExecutingText:
    if len(payload) < LONG.size:
        raise MalformedReply(f"rdexecprog: expected at least 4 bytes, got {len(payload)}")
    return ExecutingText(int(LONG.unpack_from(payload)[0]), decode_text(payload[LONG.size :]))


def encode_executing(block: int, text: str, *, length: int) -> bytes:
    """Payload of 0x20; the text is cut to `length` bytes."""
    return LONG.pack(block) + text.encode("ascii", "replace")[: max(length, 0)]
