"""From items to few reads, and from the registers of a read to columns.

A block is compiled once: one `struct` for all its values, with pad bytes over the gaps. Per tick it costs one
unpack and one comparison per value; no object is made for a tag.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import le, mul
from typing import Final, NamedTuple

from greengrass_components.modbus.device_map import DeviceMap, Item
from greengrass_components.modbus.frames import Ask
from greengrass_components.modbus.registers import RegisterKind, permutation

MAX_BIT_GAP: Final = 256
"""Bits travel eight to a byte: reading some more along is nearly free."""


class Column(NamedTuple):
    """Where a value goes: `number` of the column, and raw -> scaled integer = round(raw * factor)."""

    number: int
    factor: float
    low: float
    high: float
    """Believable raw values."""


@dataclass(frozen=True, slots=True)
class Block:
    """One read of `count` registers or bits."""

    kind: RegisterKind
    address: int
    count: int
    items: tuple[tuple[int, Item], ...]
    columns: tuple[Column, ...]
    layout: struct.Struct
    shuffle: tuple[int, ...] | None
    """Order of the received bytes that makes every value big-endian; None when they are already."""
    bits: tuple[tuple[int, int], ...]
    """Where each item's bit is: (byte, bit); empty for registers."""
    ask: Ask
    """The request."""
    run: slice | None
    """The columns, where they follow each other as the values do."""
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    factors: tuple[float, ...]

    def decode(self, data: bytes, values: list[int | None]) -> bool:
        """Put the values of one answer into their columns. False when one of them is not believable (then None)."""
        if self.kind.is_bit:
            raws: Sequence[float] = [data[at] >> bit & 1 for at, bit in self.bits]
        elif self.shuffle is None:
            raws = self.layout.unpack(data)
        else:
            raws = self.layout.unpack(bytes([data[place] for place in self.shuffle]))
        # Nearly always everything is believable: then no step is taken per value outside of C.
        if self.run is not None and all(map(le, self.lows, raws)) and all(map(le, raws, self.highs)):
            values[self.run] = map(round, map(mul, raws, self.factors))
            return True
        believable = True
        for raw, (number, factor, low, high) in zip(raws, self.columns, strict=True):
            # NaN fails both comparisons, so it is never believed.
            if low <= raw <= high:
                values[number] = round(raw * factor)
            else:
                values[number] = None
                believable = False
        return believable

    @property
    def split(self) -> "list[Block]":
        """The same items in one block per run without gaps: for devices that refuse registers they do not have."""
        return plan_blocks(self.items, most=self.count, max_gap=0)

    @property
    def has_gaps(self) -> bool:
        return sum(item.count for _, item in self.items) < self.count


def blocks_of(device: DeviceMap) -> list[Block]:
    """The reads of a whole device."""
    return list(_blocks_of(device))


@lru_cache(maxsize=64)
def _blocks_of(device: DeviceMap) -> tuple[Block, ...]:
    """Compiled once for all devices of a kind."""
    numbered = tuple(enumerate(device.items))
    return tuple(plan_blocks(numbered, most=device.max_registers, max_gap=device.max_gap))


def plan_blocks(items: Iterable[tuple[int, Item]], *, most: int, max_gap: int) -> list[Block]:
    """Fewest reads in order of address: items join while the gap and the whole stay within the limits."""
    blocks: list[Block] = []
    run: list[tuple[int, Item]] = []
    for number, item in sorted(items, key=lambda pair: (pair[1].kind.value, pair[1].address)):
        if run and not _joins(run, item, most=most, max_gap=max_gap):
            blocks.append(_compile(run))
            run = []
        run.append((number, item))
    if run:
        blocks.append(_compile(run))
    return blocks


def _joins(run: list[tuple[int, Item]], item: Item, *, most: int, max_gap: int) -> bool:
    first, last = run[0][1], run[-1][1]
    if first.kind is not item.kind:
        return False
    bits = item.kind.is_bit
    allowed_gap = MAX_BIT_GAP if bits and max_gap else max_gap
    longest = item.kind.most if bits else min(most, item.kind.most)
    return item.address - last.end <= allowed_gap and item.end - first.address <= longest


def _compile(run: list[tuple[int, Item]]) -> Block:
    first, last = run[0][1], run[-1][1]
    count = last.end - first.address
    layout, shuffle, at = ">", list(range(2 * count)), first.address
    for _, item in run:
        if item.kind.is_bit:
            continue
        layout += "xx" * (item.address - at) + item.type.value
        start = 2 * (item.address - first.address)
        places = permutation(item.count, byte_order=item.byte_order, word_order=item.word_order)
        shuffle[start : start + 2 * item.count] = [start + place for place in places]
        at = item.end
    ordered = shuffle == list(range(2 * count))
    columns = tuple(_column(number, item) for number, item in run)
    start = columns[0].number
    follow = [column.number for column in columns] == list(range(start, start + len(columns)))
    return Block(
        kind=first.kind,
        address=first.address,
        count=count,
        items=tuple(run),
        columns=columns,
        layout=struct.Struct(layout),
        shuffle=None if ordered else tuple(shuffle),
        bits=tuple(divmod(item.address - first.address, 8) for _, item in run) if first.kind.is_bit else (),
        ask=Ask.of(first.kind, first.address, count),
        run=slice(start, start + len(columns)) if follow else None,
        lows=tuple(column.low for column in columns),
        highs=tuple(column.high for column in columns),
        factors=tuple(column.factor for column in columns),
    )


def _column(number: int, item: Item) -> Column:
    low, high = sorted((item.low / item.scale, item.high / item.scale))
    factor = 1.0 if item.texts else item.scale / item.resolution
    return Column(number, factor, low, high)
