"""The 8-byte value that positions, loads, macros, offsets, parameters and diagnoses share.

    [ data ][ base ][ dec ]      value = data / base ** dec
       4b      2b      2b

base is 10, or 2 on old controls. dec -1 means "no value" (a vacant macro). Unused array elements are zero with
base 10. Writes without decimals send base 0, dec -1 (`0000 ffff`), which is a value and not a vacancy.
"""

import math
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.blocks import exactly, records

RAW = struct.Struct(">ihh")
I32_MAX = 2**31 - 1
POWERS = tuple(10**n for n in range(10))
DIGITS = 9  # what an i32 always holds


class Value(NamedTuple):
    """data / base ** dec, as it stands on the wire."""

    data: int
    dec: int = 0
    base: int = 10

    @property
    def vacant(self) -> bool:
        """No value at all."""
        return self.dec == -1 and self.base != 0

    @property
    def number(self) -> float | None:
        """The number itself, None when vacant."""
        if self.base == 0:
            return float(self.data)
        return None if self.vacant else self.data / self.base**self.dec

    def encode(self) -> bytes:
        """Eight bytes."""
        return RAW.pack(self.data, self.base, self.dec)

    def decimal(self) -> "Value":
        """The same number in base 10; base 2 becomes as many decimals as an i32 can hold."""
        if self.base == 2:
            number = self.number
            return self if number is None else nearest(number)
        return Value(self.data, 0, 10) if self.base == 0 else self


VACANT = Value(0, -1)
ZERO = Value(0)


def scaled(number: float, dec: int) -> Value:
    """A number with a fixed count of decimals. Raises OverflowError beyond 32 bits."""
    data = round(number * 10**dec)
    if abs(data) > I32_MAX:
        raise OverflowError(f"{number} with {dec} decimals does not fit 32 bits")
    return Value(data, dec)


def nearest(number: float) -> Value:
    """A number with at most nine significant digits and no trailing zeros, as a macro variable keeps it."""
    if not math.isfinite(number) or abs(number) >= 10**DIGITS:
        raise OverflowError(f"{number} does not fit nine digits")
    whole = len(str(abs(int(number)))) if abs(number) >= 1 else 0
    dec = DIGITS - whole
    data = round(number * 10**dec)
    while dec > 0 and data % 10 == 0:
        data, dec = data // 10, dec - 1
    return Value(data, dec)


def decode_value(raw: bytes) -> Value:
    """Eight bytes. Raises MalformedReply on another size, an unknown base or absurd decimals."""
    data, base, dec = RAW.unpack(exactly(raw, RAW.size, "value"))
    if base not in (0, 2, 10) or not -1 <= dec <= 31:
        raise MalformedReply(f"a value has base 2 or 10 and decimals -1..31, got base {base} and dec {dec}")
    return Value(data, dec, base)


def decode_values(raw: bytes) -> list[Value]:
    """An array of values, unused elements included."""
    return [decode_value(part) for part in records(raw, RAW.size, "array of values")]


def encode_values(values: Iterable[Value]) -> bytes:
    """An array exactly as long as `values`."""
    return b"".join(value.encode() for value in values)


def padded(values: Sequence[Value], length: int) -> bytes:
    """An array of `length` elements, the unused ones zero. Raises ValueError when it does not fit."""
    if len(values) > length:
        raise ValueError(f"{len(values)} values do not fit an array of {length}")
    return encode_values(values) + ZERO.encode() * (length - len(values))


@cache
def _leading(count: int) -> struct.Struct:
    return struct.Struct(">" + "ihh" * count)


def leading_numbers(raw: bytes, count: int) -> list[float | None]:
    """The first `count` numbers of an array; the rest is neither decoded nor checked.

    This is the polling path: an array of 32 axis slots of which three are in use costs three values.
    Raises MalformedReply when the array is shorter, or an element is no value.
    """
    if len(raw) % RAW.size or len(raw) < RAW.size * count:
        raise MalformedReply(f"expected an array of at least {count} values, got {len(raw)} bytes")
    words = _leading(count).unpack_from(raw)
    return [_number(*words[at : at + 3]) for at in range(0, 3 * count, 3)]


def _number(data: int, base: int, dec: int) -> float | None:
    if base == 10 and 0 <= dec <= 9:
        return float(data / POWERS[dec])
    if base not in (0, 2, 10) or not -1 <= dec <= 31:
        raise MalformedReply(f"a value has base 2 or 10 and decimals -1..31, got base {base} and dec {dec}")
    return Value(data, dec, base).number
