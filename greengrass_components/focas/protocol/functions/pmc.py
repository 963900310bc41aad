"""PMC cells: pmc_rdpmcrng (0x8001) and the layout of pmc_wrpmcrng (0x8002), module 2.

a1 first, a2 last byte address, a3 area, a4 width (0 byte, 1 word, 2 long); the reply is the bytes themselves, words
and longs big-endian. a2 must cover the width: last = first + n x width - 1.
There is no request for writing here: nothing in the product writes to the ladder.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum

from greengrass_components.focas.protocol.blocks import PMC, Call, Request, exactly, one

READ, WRITE = 0x8001, 0x8002


class Area(IntEnum):
    """Kinds of PMC addresses (a3)."""

    G = 0
    F = 1
    Y = 2
    X = 3
    A = 4
    R = 5
    T = 6
    K = 7
    C = 8
    D = 9
    M = 10
    N = 11
    E = 12
    Z = 13


class Width(IntEnum):
    """Kinds of numbers (a4)."""

    BYTE = 0
    WORD = 1
    LONG = 2

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return 1 << self

    @property
    def letter(self) -> str:
        """struct letter; bytes are unsigned as a ladder shows them, words and longs signed."""
        return "Bhi"[self]


def rdpmcrng(area: Area, first: int, count: int, width: Width = Width.BYTE) -> Call[list[int]]:
    """`count` numbers from byte address `first` on."""
    size = count * width.size

    def read(payload: bytes) -> list[int]:
        return decode_cells(exactly(payload, size, f"PMC {area.name}{first}"), width=width)

    return one(Request(READ, first, first + size - 1, area, width, module=PMC), read)


def decode_cells(raw: bytes, *, width: Width) -> list[int]:
    """Numbers of one width."""
    return list(struct.unpack(f">{len(raw) // width.size}{width.letter}", raw))


def encode_cells(numbers: Sequence[int], *, width: Width) -> bytes:
    """Numbers of one width."""
    return struct.pack(f">{len(numbers)}{width.letter}", *numbers)
