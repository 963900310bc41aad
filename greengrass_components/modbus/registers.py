"""Registers, types and orders.

A register is 16 bits, sent high byte first. A value of more registers is read as the bytes A B C D …; `byte_order`
little swaps inside each register (B A D C), `word_order` little reverses the registers (C D A B), both give D C B A.
"""

import struct
from enum import Enum
from typing import Final

MOST_REGISTERS: Final = 125
"""Most registers in one read (Modbus application protocol 1.1b3, 6.3 and 6.4)."""
MOST_BITS: Final = 2_000


class RegisterKind(Enum):
    HOLDING = "holding"
    INPUT = "input"
    COIL = "coil"
    DISCRETE = "discrete"

    @property
    def is_bit(self) -> bool:
        return self in (RegisterKind.COIL, RegisterKind.DISCRETE)

    @property
    def most(self) -> int:
        """Most of them in one read."""
        return MOST_BITS if self.is_bit else MOST_REGISTERS


class ValueType(Enum):
    """Types by the letter `struct` has for them."""

    U16 = "H"
    I16 = "h"
    U32 = "I"
    I32 = "i"
    F32 = "f"
    U64 = "Q"
    I64 = "q"
    F64 = "d"

    @property
    def words(self) -> int:
        return struct.calcsize(">" + self.value) // 2

    @property
    def is_float(self) -> bool:
        return self in (ValueType.F32, ValueType.F64)


class Order(Enum):
    BIG = "big"
    LITTLE = "little"


def permutation(words: int, *, byte_order: Order, word_order: Order) -> list[int]:
    """For each byte of the big-endian value, where it lies among the bytes received."""
    registers = range(words) if word_order is Order.BIG else reversed(range(words))
    first, second = (0, 1) if byte_order is Order.BIG else (1, 0)
    return [2 * register + part for register in registers for part in (first, second)]


def encode(value: float, kind: ValueType, *, byte_order: Order, word_order: Order) -> list[int]:
    """The registers of one value, as a device holds them. Raises struct.error when it does not fit."""
    plain = struct.pack(">" + kind.value, value if kind.is_float else round(value))
    sent = bytearray(len(plain))
    for at, place in enumerate(permutation(kind.words, byte_order=byte_order, word_order=word_order)):
        sent[place] = plain[at]
    return list(struct.unpack(f">{kind.words}H", sent))
