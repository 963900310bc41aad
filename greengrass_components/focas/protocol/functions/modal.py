"""Modal data: cnc_rdgcode, cnc_rdcommand, cnc_modal, cnc_rdopnlsgnl.

0x96 (a1 group or -1, a2 block), 12 bytes per group: i16 group (from 0), i16 flag, i32 code, i16 0, i16 f.
f not 0: the code has one decimal (401 is G40.1). a2: 0 previous, 1 active, 2 next block.
0x97 (a1 -1 all, a2 block), 12 bytes per word: char address, u8 number, i16 flag, i32 value, i32 decimals.
0x21 (a1 type), 2 bytes per group: u8 code, u8 flag. 0x22 (a1 index), 8 bytes per word: i32, u8, u8 flag, u8, u8 flag.
0x5d operator panel, 14 words; word 5 feed override / 10 %, word 6 spindle override / 10 %.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from greengrass_components.focas.protocol.blocks import Call, Request, exactly, one, records

G_CODES, COMMANDS, MODAL_G, MODAL_WORD, PANEL = 0x96, 0x97, 0x21, 0x22, 0x5D
ALL = -1
G_RECORD = struct.Struct(">hhihh")
COMMAND_RECORD = struct.Struct(">cBhii")
WORD_RECORD = struct.Struct(">i4B")
PANEL_WORDS = struct.Struct(">14h")
ACTIVE = 1

# a1 of 0x22 for the words of cnc_modal; the second and third M code of a block have places of their own
WORD_INDEX = {
    "A": 0, "B": 1, "C": 2, "D": 3, "E": 4, "F": 5, "H": 6, "I": 7, "J": 8, "K": 9, "L": 10, "M": 11, "M2": 12,
    "M3": 13, "N": 14, "O": 15, "P": 18, "Q": 19, "R": 20, "S": 21, "T": 22, "X": 24, "Y": 25, "Z": 26,
}  # fmt: skip
WORDS = 27


@dataclass(frozen=True, slots=True)
class GCode:
    """The active code of one group, e.g. group 13, `G54` or `G40.1`."""

    group: int
    flag: int
    code: int
    tenths: bool = False

    @property
    def text(self) -> str:
        """As a program writes it."""
        return f"G{self.code / 10:04.1f}" if self.tenths else f"G{self.code:02d}"


@dataclass(frozen=True, slots=True)
class Command:
    """A commanded word other than G: address letter, its number within the block, value and decimals."""

    address: str
    number: int
    flag: int
    data: int
    dec: int

    @property
    def value(self) -> float:
        """The commanded number."""
        return float(self.data / 10**self.dec)


@dataclass(frozen=True, slots=True)
class Panel:
    """Software operator's panel; overrides in percent."""

    feed_override_percent: int
    spindle_override_percent: int


def rdgcode(group: int = ALL, block: int = ACTIVE) -> Call[list[GCode]]:
    """Active G codes of all groups or of one."""
    return one(Request(G_CODES, group, block), decode_g_codes)


def decode_g_codes(payload: bytes) -> list[GCode]:
    """Payload of 0x96."""
    found = []
    for record in records(payload, G_RECORD.size, "G codes"):
        group, flag, code, _, tenths = G_RECORD.unpack(record)
        found.append(GCode(group, flag, code, bool(tenths)))
    return found


def encode_g_codes(codes: Sequence[GCode]) -> bytes:
    """Payload of 0x96."""
    return b"".join(G_RECORD.pack(c.group, c.flag, c.code, 0, int(c.tenths)) for c in codes)


def rdcommand(kind: int = ALL, block: int = ACTIVE) -> Call[list[Command]]:
    """Commanded words; the tool in use is the word with address T."""
    return one(Request(COMMANDS, kind, block), decode_commands)


def decode_commands(payload: bytes) -> list[Command]:
    """Payload of 0x97."""
    found = []
    for record in records(payload, COMMAND_RECORD.size, "commands"):
        address, number, flag, data, dec = COMMAND_RECORD.unpack(record)
        if address.isalpha() and 0 <= dec <= 9:
            found.append(Command(address.decode("ascii"), number, flag, data, dec))
    return found


def encode_commands(commands: Sequence[Command]) -> bytes:
    """Payload of 0x97."""
    return b"".join(COMMAND_RECORD.pack(c.address.encode(), c.number, c.flag, c.data, c.dec) for c in commands)


def modal_g(kind: int = ALL, block: int = 0) -> Call[list[int]]:
    """Codes of the G groups without decimals (prefer rdgcode)."""
    return one(Request(MODAL_G, kind, block), lambda payload: [raw[0] for raw in records(payload, 2, "modal G")])


def modal_word(index: int, block: int = 0) -> Call[list[int]]:
    """Commanded words by the index of WORD_INDEX; M stop codes are read here."""
    return one(
        Request(MODAL_WORD, index, block),
        lambda payload: [WORD_RECORD.unpack(raw)[0] for raw in records(payload, WORD_RECORD.size, "modal words")],
    )


def rdopnlsgnl(mask: int = 0x7FFF) -> Call[Panel]:
    """Overrides of the software operator's panel; an empty answer raises MalformedReply."""
    return one(Request(PANEL, mask), _read_panel)


def _read_panel(payload: bytes) -> Panel:
    words = PANEL_WORDS.unpack(exactly(payload, PANEL_WORDS.size, "operator's panel"))
    return Panel(10 * words[5], 10 * words[6])
