"""cnc_statinfo and cnc_statinfo2.

Three blocks each: 0x19 (7 words) or 0xe2 (11 words), 0xe1 (handle retrace, 4 bytes), 0x98 (T or M mode, 2 bytes).
A control may refuse the last two; they then read as 0.

    word  0 aut   1 run   2 motion   3 mstb   4 emergency   5 alarm   6 edit
    0xe2  7 warning   8 o3dchk   9 extended option   10 restart
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from greengrass_components.focas.protocol.blocks import Call, Request, exactly

STATUS, STATUS2, RETRACE, TM_MODE = 0x19, 0xE2, 0xE1, 0x98
WORDS = struct.Struct(">7h")
WORDS2 = struct.Struct(">11h")
WORD = struct.Struct(">h")


@dataclass(frozen=True, slots=True)
class Status:
    """What the control is doing, in FANUC's own numbers."""

    aut: int
    run: int
    motion: int
    mstb: int
    emergency: int
    alarm: int
    edit: int
    tmmode: int = 0
    hdck: int = 0
    warning: int = 0
    o3dchk: int = 0
    ext_opt: int = 0
    restart: int = 0


def statinfo() -> Call[Status]:
    """State of the present path."""
    return Call((Request(STATUS), Request(RETRACE), Request(TM_MODE)), _read, optional=(1, 2))


def statinfo2() -> Call[Status]:
    """The same with warning and restart words."""
    return Call((Request(STATUS2), Request(RETRACE), Request(TM_MODE)), _read2, optional=(1, 2))


def _first_word(payload: bytes) -> int:
    return int(WORD.unpack_from(payload)[0]) if len(payload) >= WORD.size else 0


def _read(payloads: Sequence[bytes]) -> Status:
    aut, run, motion, mstb, emergency, alarm, edit = WORDS.unpack(exactly(payloads[0], WORDS.size, "statinfo"))
    tmmode, hdck = _first_word(payloads[2]), _first_word(payloads[1])
    return Status(aut, run, motion, mstb, emergency, alarm, edit, tmmode, hdck)


def _read2(payloads: Sequence[bytes]) -> Status:
    exactly(payloads[0], WORDS2.size, "statinfo2")
    short = _read([payloads[0][: WORDS.size], *payloads[1:]])
    warning, o3dchk, ext_opt, restart = struct.unpack_from(">4h", payloads[0], WORDS.size)
    return replace(short, warning=warning, o3dchk=o3dchk, ext_opt=ext_opt, restart=restart)


def encode_status(s: Status) -> bytes:
    """Payload of 0x19."""
    return WORDS.pack(s.aut, s.run, s.motion, s.mstb, s.emergency, s.alarm, s.edit)


def encode_status2(s: Status) -> bytes:
    """Payload of 0xe2."""
    return encode_status(s) + struct.pack(">4h", s.warning, s.o3dchk, s.ext_opt, s.restart)


def encode_retrace(s: Status) -> bytes:
    """Payload of 0xe1."""
    return struct.pack(">2h", s.hdck, 0)


def encode_tm_mode(s: Status) -> bytes:
    """Payload of 0x98."""
    return WORD.pack(s.tmmode)
