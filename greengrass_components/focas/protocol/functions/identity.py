"""cnc_sysinfo, cnc_rdcncid, cnc_rdetherinfo, cnc_getfigure, cnc_getcncmodel.

sysinfo (0x18, 18 bytes): i16 additional information, i16 max axes, then text, right-aligned with blanks:
char[2] type, char[2] machine type, char[4] series, char[4] version, char[2] axes.
The vendor's library asks it once per path when a session opens and answers cnc_sysinfo from memory.
"""

import struct
from dataclasses import dataclass

from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one
from greengrass_components.focas.protocol.text import decode_text

SYSINFO, CNC_ID, ETHERNET, FIGURE, MODEL = 0x18, 0xE8, 0x159, 0x1B, 0x16F
SYSTEM = struct.Struct(">hh2s2s4s4s2s")
ID = struct.Struct(">4I")
MODELS = {1: "A", 2: "B", 3: "C", 4: "D", 6: "F"}


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Type plate of one path of a control; text without its blanks."""

    info: int
    max_axes: int
    cnc_type: str  # "31", "30", "0", "16" ...
    mt_type: str  # "M" machining, "T" turning, "TT", "MM" ...
    series: str  # of the software, e.g. "G421"
    version: str
    axes: int

    @property
    def model(self) -> str:
        """`31i-B` style name, as far as the control tells."""
        letter = MODELS.get(self.info >> 8 & 0xFF, "")
        return f"{self.cnc_type}{'i' if self.info & 2 else ''}{'-' + letter if letter else ''}"


@dataclass(frozen=True, slots=True)
class Figure:
    """Decimals that one axis (or offset, macro, feed) has on input and on output."""

    inputs: int
    outputs: int


def sysinfo() -> Call[SystemInfo]:
    """Type plate of the present path."""
    return one(Request(SYSINFO), decode_system)


def decode_system(payload: bytes) -> SystemInfo:
    """Payload of 0x18."""
    info, max_axes, *texts = SYSTEM.unpack(exactly(payload, SYSTEM.size, "sysinfo"))
    cnc_type, mt_type, series, version, axes = (decode_text(text) for text in texts)
    return SystemInfo(info, max_axes, cnc_type, mt_type, series, version, int(axes) if axes.isdigit() else 0)


def encode_system(s: SystemInfo) -> bytes:
    """Payload of 0x18."""
    texts = (
        s.cnc_type.rjust(2),
        s.mt_type.rjust(2),
        s.series.rjust(4),
        s.version.rjust(4),
        f"{s.axes:02d}",
    )
    return SYSTEM.pack(s.info, s.max_axes, *(text.encode("ascii") for text in texts))


def rdcncid() -> Call[tuple[int, ...]]:
    """Four 32-bit words that are unique to the control."""
    return one(Request(CNC_ID), lambda payload: ID.unpack(exactly(payload, ID.size, "rdcncid")))


def encode_cnc_id(words: tuple[int, int, int, int]) -> bytes:
    """Payload of 0xe8."""
    return ID.pack(*words)


def rdetherinfo() -> Call[tuple[int, int]]:
    """(type, device) of the Ethernet port in use."""
    return one(Request(ETHERNET), _read_ethernet)


def _read_ethernet(payload: bytes) -> tuple[int, int]:
    kind, device = struct.unpack(">hh", exactly(payload, 4, "rdetherinfo"))
    return kind, device


def encode_ethernet(kind: int, device: int) -> bytes:
    """Payload of 0x159."""
    return struct.pack(">hh", kind, device)


def getfigure(what: int = 0) -> Call[list[Figure]]:
    """Decimals; `what` is 0 axes, 1 tool offset, 2 macro, 3 work offset, 4 feed."""
    return one(Request(FIGURE, what), _read_figures)


def _read_figures(payload: bytes) -> list[Figure]:
    count = int.from_bytes(payload[:4], "big")
    exactly(payload, 4 + 4 * count, f"getfigure of {count}")
    return [Figure(*struct.unpack_from(">HH", payload, 4 + 4 * n)) for n in range(count)]


def encode_figures(figures: list[Figure]) -> bytes:
    """Payload of 0x1b."""
    return struct.pack(">i", len(figures)) + b"".join(struct.pack(">HH", f.inputs, f.outputs) for f in figures)


def getcncmodel() -> Call[int]:
    """The control's model number."""
    return one(Request(MODEL), lambda payload: int.from_bytes(exactly(payload, 4, "getcncmodel"), "big"))
