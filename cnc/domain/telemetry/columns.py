"""Columns of integers as bytes, before they are deflated.

    [ tags ][ runs? ][ quality? ][ nulls ][ first 4b ][ first 8b ][ deltas 1b ][ 2b ][ 4b ][ 8b ]

All integers little-endian. One tag byte per column:

    bits 0-3  width of its signed deltas in bytes: 0 (constant), 1, 2, 4 or 8
    bit 4     a null bitmap of ceil(n/8) bytes exists; bit i of byte i//8 set = row i has no value
    bit 5     first values take 8 bytes instead of 4
    bit 6     second order: the deltas are of the deltas (n-2 of them); the first delta follows the first value
    bit 7     must be 0

A row without a value repeats the value before it (leading ones the first value), so that its delta is 0.
Deltas wider than one byte are split into byte planes, which deflate better. `runs` (u16) and quality (runs of
quality u8, length u16) exist only when the caller says that not all rows are GOOD.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from operator import sub
from struct import Struct
from typing import Final

from cnc.domain.base.errors import BadValue, MalformedChunk

Column = list[int | None]

#: Values must stay below 2^62 in size, so that every delta fits into 8 bytes.
VALUE_LIMIT: Final = 1 << 62

NULLS: Final = 0x10
WIDE: Final = 0x20
SECOND_ORDER: Final = 0x40
_WIDTH: Final = 0x0F
_WIDTHS: Final = (1, 2, 4, 8)
_TYPECODE: Final = {1: "b", 2: "h", 4: "i", 8: "q"}
_RUN: Final = Struct("<BH")
_RUNS: Final = Struct("<H")
_LITTLE: Final = sys.byteorder == "little"


@dataclass(slots=True)
class _Body:
    """The parts of the body while they are collected, in the order in which they are written."""

    tags: bytearray = field(default_factory=bytearray)
    nulls: bytearray = field(default_factory=bytearray)
    narrow: array[int] = field(default_factory=lambda: array("i"))
    wide: array[int] = field(default_factory=lambda: array("q"))
    deltas: dict[int, bytearray] = field(default_factory=lambda: {width: bytearray() for width in _WIDTHS})


def pack_columns(columns: Sequence[Sequence[int | None]], *, rows: int, quality: Sequence[int] | None = None) -> bytes:
    """The body of `columns`, each `rows` long. Raises BadValue for a value of 2^62 or more, or another length."""
    body = _Body()
    for column in columns:
        if len(column) != rows:
            raise BadValue(seen=f"a column of {len(column)} values", expected=f"{rows} values, one per row")
        _pack_column(column, rows=rows, body=body)
    parts: list[bytes | bytearray] = [body.tags]
    if quality is not None:
        parts.append(_pack_quality(quality))
    parts += [body.nulls, _bytes(body.narrow), _bytes(body.wide), *body.deltas.values()]
    return b"".join(parts)


def _pack_column(column: Sequence[int | None], *, rows: int, body: _Body) -> None:
    tag = 0
    if None in column:
        tag = NULLS
        body.nulls += _null_bitmap(column)
        column = _filled(column)
    low, high = min(column), max(column)  # type: ignore[type-var]
    if not -VALUE_LIMIT < low <= high < VALUE_LIMIT:  # type: ignore[operator]
        raise BadValue(seen=f"{low} … {high}", expected="values of less than 2^62 in size")
    first = [column[0]]
    if low != high:
        deltas = list(map(sub, column[1:], column))
        # No step is larger than the range, and most columns stay within a byte of it.
        width = 1 if high - low < 0x80 else _width(deltas)  # type: ignore[operator]
        if width > 1 and rows > 2:
            bends = list(map(sub, deltas[1:], deltas))
            narrower = _width(bends)
            if narrower < width:
                tag |= SECOND_ORDER
                first.append(deltas[0])
                deltas, width = bends, narrower
        tag |= width
        body.deltas[width] += _planes(deltas, width)
    # Where the range fits into 31 bits and its ends into 32, so do the first value and the first step.
    fits = low >= -0x8000_0000 and high < 0x8000_0000 and high - low < 0x8000_0000  # type: ignore[operator]
    if fits or all(-0x8000_0000 <= value < 0x8000_0000 for value in first):  # type: ignore[operator]
        body.narrow.extend(first)  # type: ignore[arg-type]
    else:
        tag |= WIDE
        body.wide.extend(first)  # type: ignore[arg-type]
    body.tags.append(tag)


def _width(deltas: list[int]) -> int:
    low, high = min(deltas), max(deltas)
    for width, limit in ((1, 0x80), (2, 0x8000), (4, 0x8000_0000)):
        if -limit <= low and high < limit:
            return width
    return 8 if low >= -(1 << 63) and high < 1 << 63 else 16


def _null_bitmap(column: Sequence[int | None]) -> bytes:
    bits = 0
    for index, value in enumerate(column):
        if value is None:
            bits |= 1 << index
    return bits.to_bytes((len(column) + 7) // 8, "little")


def _filled(column: Sequence[int | None]) -> list[int]:
    last = next((value for value in column if value is not None), 0)
    filled = []
    for value in column:
        if value is not None:
            last = value
        filled.append(last)
    return filled


def _planes(deltas: list[int], width: int) -> bytes:
    raw = _bytes(array(_TYPECODE[width], deltas))
    return raw if width == 1 else b"".join(raw[plane::width] for plane in range(width))


def _bytes(values: array[int]) -> bytes:
    if not _LITTLE:
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _pack_quality(quality: Sequence[int]) -> bytes:
    runs: list[list[int]] = []
    for value in quality:
        if runs and runs[-1][0] == value:
            runs[-1][1] += 1
        else:
            runs.append([value, 1])
    return _RUNS.pack(len(runs)) + b"".join(_RUN.pack(value, length) for value, length in runs)


def prefix_size(*, columns: int, with_quality: bool) -> int:
    """Bytes that must be inflated before `body_size` can say how long the body is."""
    return columns + (_RUNS.size if with_quality else 0)


def body_size(prefix: bytes, *, columns: int, rows: int, with_quality: bool) -> int:
    """The exact length of the whole body, from its first `prefix_size` bytes. Raises MalformedChunk."""
    size = len(prefix)
    if with_quality:
        runs = _RUNS.unpack_from(prefix, columns)[0]
        if not 1 <= runs <= rows:
            raise MalformedChunk(seen=f"{runs} quality runs", expected=f"1 to {rows}")
        size += runs * _RUN.size
    for tag in prefix[:columns]:
        size += _column_size(tag, rows)
    return size


@lru_cache(maxsize=1024)  # a message of 20 machines has 600 columns of a few kinds, all of 60 rows
def _column_size(tag: int, rows: int) -> int:
    width, second = tag & _WIDTH, bool(tag & SECOND_ORDER)
    deltas = rows - 1 - second
    if tag & 0x80 or width not in (0, *_WIDTHS) or (second and width == 0) or (width and deltas < 1):
        raise MalformedChunk(seen=f"column tag {tag:#04x} with {rows} rows", expected="a tag of this version")
    firsts = (1 + second) * (8 if tag & WIDE else 4)
    return firsts + ((rows + 7) // 8 if tag & NULLS else 0) + width * deltas


def unpack_columns(
    body: bytes, *, columns: int, rows: int, with_quality: bool = False
) -> tuple[list[Column], list[int] | None]:
    """The columns and the quality of a body of exactly `body_size` bytes. Raises MalformedChunk."""
    tags = body[:columns]
    at = columns
    quality = None
    if with_quality:
        quality, at = _unpack_quality(body, at, rows)
    nulls_at = at
    bitmap = (rows + 7) // 8
    sizes = _Sizes.of(tags, rows)
    at += bitmap * sizes.nulls
    narrow, at = _firsts(body, at, sizes.narrow, "i")
    wide, at = _firsts(body, at, sizes.wide, "q")
    delta_at = {1: at, 2: at + sizes.deltas[1]}
    delta_at[4] = delta_at[2] + sizes.deltas[2]
    delta_at[8] = delta_at[4] + sizes.deltas[4]
    narrows, wides = iter(narrow), iter(wide)
    unpacked: list[Column] = []
    for tag in tags:
        values = _unpack_column(body, tag, rows=rows, firsts=wides if tag & WIDE else narrows, delta_at=delta_at)
        if tag & NULLS:
            _set_nulls(values, body[nulls_at : nulls_at + bitmap])
            nulls_at += bitmap
        unpacked.append(values)
    return unpacked, quality


@dataclass(slots=True)
class _Sizes:
    """How many null bitmaps, first values and bytes of deltas the tags imply."""

    nulls: int = 0
    narrow: int = 0
    wide: int = 0
    deltas: list[int] = field(default_factory=lambda: [0] * 9)

    @classmethod
    def of(cls, tags: bytes, rows: int) -> _Sizes:
        sizes = cls()
        deltas = sizes.deltas
        for tag in tags:
            second = 1 if tag & SECOND_ORDER else 0
            width = tag & _WIDTH
            deltas[width] += width * (rows - 1 - second)
            if tag & NULLS:
                sizes.nulls += 1
            if tag & WIDE:
                sizes.wide += 1 + second
            else:
                sizes.narrow += 1 + second
        return sizes


def _firsts(body: bytes, at: int, count: int, typecode: str) -> tuple[array[int], int]:
    values = array(typecode)
    end = at + count * values.itemsize
    values.frombytes(body[at:end])
    if not _LITTLE:
        values.byteswap()
    return values, end


def _unpack_column(body: bytes, tag: int, *, rows: int, firsts: Iterator[int], delta_at: dict[int, int]) -> Column:
    first = next(firsts)
    width = tag & _WIDTH
    values: Column
    if width == 0:
        values = [first] * rows
    else:
        start = delta_at[width]
        delta_at[width] = end = start + width * (rows - (2 if tag & SECOND_ORDER else 1))
        deltas = _deltas(body[start:end], width)
        if tag & SECOND_ORDER:
            steps = accumulate(deltas, initial=next(firsts))
            values = list(accumulate(steps, initial=first))
        else:
            values = list(accumulate(deltas, initial=first))
    if width > 2 or tag & (WIDE | SECOND_ORDER):
        _check_limit(values)
    return values


def _check_limit(values: Column) -> None:
    low, high = min(values), max(values)  # type: ignore[type-var]
    if not -VALUE_LIMIT < low <= high < VALUE_LIMIT:  # type: ignore[operator]
        raise MalformedChunk(seen=f"{low} … {high}", expected="values of less than 2^62 in size")


def _deltas(raw: bytes, width: int) -> array[int]:
    if width > 1:
        woven = bytearray(len(raw))
        count = len(raw) // width
        for plane in range(width):
            woven[plane::width] = raw[plane * count : (plane + 1) * count]
        raw = bytes(woven)
    values = array(_TYPECODE[width])
    values.frombytes(raw)
    if not _LITTLE:
        values.byteswap()
    return values


def _set_nulls(values: Column, bitmap: bytes) -> None:
    bits = int.from_bytes(bitmap, "little")
    if bits >> len(values):
        raise MalformedChunk(seen="a null bit beyond the last row", expected=f"{len(values)} rows")
    while bits:
        lowest = bits & -bits
        values[lowest.bit_length() - 1] = None
        bits ^= lowest


def _unpack_quality(body: bytes, at: int, rows: int) -> tuple[list[int], int]:
    runs = _RUNS.unpack_from(body, at)[0]
    at += _RUNS.size
    quality: list[int] = []
    for _ in range(runs):
        value, length = _RUN.unpack_from(body, at)
        at += _RUN.size
        if value > 3 or length == 0 or len(quality) + length > rows:
            raise MalformedChunk(seen=f"a run of {length} x quality {value}", expected=f"0 to 3, {rows} rows in all")
        quality += [value] * length
    if len(quality) != rows:
        raise MalformedChunk(seen=f"quality of {len(quality)} rows", expected=f"{rows} rows")
    return quality, at
