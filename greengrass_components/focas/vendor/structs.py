"""Memory layout of the library's structures, as it fills them: little-endian, `long` is 4 bytes on every platform.

Nothing in them is wider than 4 bytes, so natural alignment is the library's own; sizes are held by a test.
"""

from ctypes import Structure, c_char, c_int16, c_int32, c_uint8
from typing import Final

MOST_AXES: Final = 32
MOST_SPINDLES: Final = 8


class OdbSys(Structure):
    """Type plate, 18 bytes."""

    _fields_ = (
        ("addinfo", c_int16), ("max_axis", c_int16), ("cnc_type", c_char * 2), ("mt_type", c_char * 2),
        ("series", c_char * 4), ("version", c_char * 4), ("axes", c_char * 2),
    )  # fmt: skip


class OdbSt(Structure):
    """State words, 18 bytes."""

    _fields_ = tuple(
        (name, c_int16)
        for name in ("hdck", "tmmode", "aut", "run", "motion", "mstb", "emergency", "alarm", "edit")
    )  # fmt: skip


class AlarmMessage(Structure):
    """ODBALMMSG2, 76 bytes."""

    _fields_ = (
        ("number", c_int32), ("type", c_int16), ("axis", c_int16), ("dummy", c_int16), ("length", c_int16),
        ("text", c_char * 64),
    )  # fmt: skip


class Number(Structure):
    """ODBSEQ and ODBACT, 8 bytes."""

    _fields_ = (("dummy", c_int16 * 2), ("data", c_int32))


class Timer(Structure):
    """IODBTIME, 8 bytes."""

    _fields_ = (("minute", c_int32), ("msec", c_int32))


class ProgramName(Structure):
    """ODBEXEPRG, 40 bytes."""

    _fields_ = (("name", c_char * 36), ("number", c_int32))


class Dynamic(Structure):
    """Head of ODBDY2 and room for four positions of every axis: the part after the head is packed by axis count."""

    _fields_ = (
        ("dummy", c_int16), ("axis", c_int16), ("alarm", c_int32), ("running", c_int32), ("main", c_int32),
        ("sequence", c_int32), ("feed", c_int32), ("speed", c_int32), ("positions", c_int32 * (4 * MOST_AXES)),
    )  # fmt: skip


class Element(Structure):
    """POSELM and LOADELM, 12 bytes."""

    _fields_ = (
        ("data", c_int32), ("dec", c_int16), ("unit", c_int16), ("flag", c_int16), ("name", c_char),
        ("suffix", c_char),
    )  # fmt: skip


class Load(Structure):
    """LOADELM, 12 bytes."""

    _fields_ = (
        ("data", c_int32), ("dec", c_int16), ("unit", c_int16), ("name", c_char), ("suffix1", c_char),
        ("suffix2", c_char), ("reserve", c_char),
    )  # fmt: skip


class Position(Structure):
    """ODBPOS, 48 bytes."""

    _fields_ = (("absolute", Element), ("machine", Element), ("relative", Element), ("distance", Element))


class SpindleLoad(Structure):
    """ODBSPLOAD, 24 bytes."""

    _fields_ = (("load", Load), ("speed", Load))


class Name(Structure):
    """ODBAXISNAME, 2 bytes."""

    _fields_ = (("name", c_char), ("suffix", c_char))


class SpindleName(Structure):
    """ODBSPDLNAME, 4 bytes."""

    _fields_ = (("name", c_char), ("suffix1", c_char), ("suffix2", c_char), ("suffix3", c_char))


class Numbers(Structure):
    """ODBACT2, 4 + 4n bytes."""

    _fields_ = (("spindle", c_int16), ("dummy", c_int16), ("data", c_int32 * MOST_SPINDLES))


class Record(Structure):
    """IODBPSD and ODBDGN: 4 bytes and data of 1, 2, 4 or 8 bytes for each axis."""

    _fields_ = (("number", c_int16), ("axis", c_int16), ("data", c_uint8 * (8 * MOST_AXES)))


class Macro(Structure):
    """ODBM; 10 bytes are filled."""

    _fields_ = (("number", c_int16), ("dummy", c_int16), ("value", c_int32), ("dec", c_int16))


class Command(Structure):
    """ODBCMD, 12 bytes."""

    _fields_ = (
        ("address", c_char), ("number", c_uint8), ("flag", c_int16), ("value", c_int32), ("dec", c_int32)
    )  # fmt: skip


class Modal(Structure):
    """Head of ODBMDL and the word it carries; the union is much larger."""

    _fields_ = (
        ("number", c_int16), ("type", c_int16), ("value", c_int32), ("flag1", c_uint8), ("flag2", c_uint8),
        ("room", c_uint8 * 1018),
    )  # fmt: skip


class Cells(Structure):
    """IODBPMC: 8 bytes and the cells."""

    _fields_ = (
        ("area", c_int16), ("width", c_int16), ("first", c_int16), ("last", c_int16), ("data", c_uint8 * 1440)
    )  # fmt: skip


class ProgramEntry(Structure):
    """PRGDIR3, 88 bytes; page and creation date are not filled."""

    _fields_ = (
        ("number", c_int32), ("length", c_int32), ("page", c_int32), ("comment", c_char * 52),
        ("modified", c_int16 * 6), ("created", c_int16 * 6),
    )  # fmt: skip
