"""Program transfer frames (transfer connection only).

Download, client -> control:  1101 start / 1102, 1204 data (no reply), 1301 end / 1302; errors of the text come as
1303, or earlier as 1401. Upload, control -> client: 1501 start / 1502, the control pushes 1604 data and ends with
1701, answered 1702; 1804 instead of reading on is the client's abort.

Start body, 516 bytes: u16 data type (0 program), u16 1, then 512 bytes of text: "N:" and a folder, a name or a full
path; in the old form without "N:": nothing (download) or `O100-O100` (upload).

A program on the wire starts with "%" and a line feed when it comes from the control, with a line feed when it goes
there, and ends with "%". What is between is its text, which starts with the O word.
"""

import struct

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.frame import Direction, Frame, Type

START = struct.Struct(">HH512s")
PIECE = 1280  # bytes of text per data frame, as the vendor's library cuts them
NC_PROGRAM = 0
PREFIX = b"N:"


def start_frame(kind: Type, target: bytes, *, data_type: int = NC_PROGRAM) -> Frame:
    """1101 or 1501. Raises ValueError when the target does not fit."""
    if len(target) > 511:
        raise ValueError(f"a transfer target holds at most 511 bytes, got {len(target)}")
    return Frame(kind, Direction.REQUEST, START.pack(data_type, 1, target))


def decode_start(body: bytes) -> tuple[int, bytes]:
    """(data type, target without padding). Raises MalformedReply."""
    if len(body) != START.size:
        raise MalformedReply(f"the start of a transfer has {START.size} bytes, got {len(body)}")
    data_type, _, target = START.unpack(body)
    return data_type, target.rstrip(b"\0")


def pieces(text: bytes, *, size: int = PIECE) -> list[bytes]:
    """Text cut for data frames."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def program_text(raw: bytes) -> str:
    """The program inside an uploaded or downloaded text: without `%` lines and carriage returns, lines ended by LF."""
    lines = raw.replace(b"\r", b"").replace(b"\0", b"").decode("latin-1").split("\n")
    kept = [line for line in lines if line.strip() not in ("", "%")]
    if kept and kept[-1].endswith("%"):
        kept[-1] = kept[-1][:-1]
    return "".join(line + "\n" for line in kept)
