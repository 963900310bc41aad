import itertools
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greengrass_components.modbus.blocks import plan_blocks
from greengrass_components.modbus.device_map import Item
from greengrass_components.modbus.registers import Order, RegisterKind, ValueType, encode

ORDERS = st.sampled_from(Order)
WHOLE = {
    ValueType.U16: (0, 2**16 - 1),
    ValueType.I16: (-(2**15), 2**15 - 1),
    ValueType.U32: (0, 2**32 - 1),
    ValueType.I32: (-(2**31), 2**31 - 1),
    ValueType.U64: (0, 2**53),
    ValueType.I64: (-(2**53), 2**53),
}


def item(
    key: str = "a.b",
    *,
    address: int = 0,
    kind: RegisterKind = RegisterKind.HOLDING,
    type_: ValueType = ValueType.U16,
    byte_order: Order = Order.BIG,
    word_order: Order = Order.BIG,
    low: float = -1e300,
    high: float = 1e300,
) -> Item:
    return Item(key, kind, address, type_, byte_order, word_order, 1.0, "", "", low, high, 1.0)


def decoded(found: Item, registers: list[int]) -> int | None:
    values: list[int | None] = [None]
    (block,) = plan_blocks([(0, found)], most=125, max_gap=0)
    block.decode(struct.pack(f">{len(registers)}H", *registers), values)
    return values[0]


@pytest.mark.parametrize(
    ("byte_order", "word_order", "registers"),
    [
        (Order.BIG, Order.BIG, [0x0A0B, 0x0C0D]),
        (Order.LITTLE, Order.BIG, [0x0B0A, 0x0D0C]),
        (Order.BIG, Order.LITTLE, [0x0C0D, 0x0A0B]),
        (Order.LITTLE, Order.LITTLE, [0x0D0C, 0x0B0A]),
    ],
)
def test_the_four_orders_of_a_32_bit_value(byte_order: Order, word_order: Order, registers: list[int]) -> None:
    found = item(type_=ValueType.U32, byte_order=byte_order, word_order=word_order)
    assert encode(0x0A0B0C0D, ValueType.U32, byte_order=byte_order, word_order=word_order) == registers
    assert decoded(found, registers) == 0x0A0B0C0D


@given(type_=st.sampled_from(sorted(WHOLE, key=lambda kind: kind.name)), byte=ORDERS, word=ORDERS, data=st.data())
def test_every_whole_number_comes_back_in_every_order(
    type_: ValueType, byte: Order, word: Order, data: st.DataObject
) -> None:
    value = data.draw(st.integers(*WHOLE[type_]))
    registers = encode(value, type_, byte_order=byte, word_order=word)
    assert decoded(item(type_=type_, byte_order=byte, word_order=word), registers) == value


@given(value=st.floats(-1e15, 1e15), byte=ORDERS, word=ORDERS, type_=st.sampled_from([ValueType.F32, ValueType.F64]))
def test_every_float_comes_back_in_every_order(value: float, byte: Order, word: Order, type_: ValueType) -> None:
    (held,) = struct.unpack(">" + type_.value, struct.pack(">" + type_.value, value))
    registers = encode(value, type_, byte_order=byte, word_order=word)
    assert decoded(item(type_=type_, byte_order=byte, word_order=word), registers) == round(held)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_value(value: float) -> None:
    found = item(type_=ValueType.F32, low=-1e30, high=1e30)
    assert decoded(found, encode(value, ValueType.F32, byte_order=Order.BIG, word_order=Order.BIG)) is None


SPACED = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([ValueType.U16, ValueType.F32, ValueType.U64]), ORDERS, ORDERS),
    min_size=1,
    max_size=40,
)


def laid_out(gaps: list[tuple[int, ValueType, Order, Order]]) -> list[Item]:
    items, address = [], 0
    for number, (gap, type_, byte, word) in enumerate(gaps):
        address += gap
        items.append(item(f"a.b{number}", address=address, type_=type_, byte_order=byte, word_order=word))
        address += type_.words
    return items


@given(gaps=SPACED, most=st.integers(4, 125), max_gap=st.integers(0, 30))
def test_reads_cover_every_item_once_within_the_limits(
    gaps: list[tuple[int, ValueType, Order, Order]], most: int, max_gap: int
) -> None:
    items = laid_out(gaps)
    blocks = plan_blocks(enumerate(items), most=most, max_gap=max_gap)
    assert sorted(number for block in blocks for number, _ in block.items) == list(range(len(items)))
    for block in blocks:
        assert block.count <= most
        inside = [found for _, found in block.items]
        assert (inside[0].address, inside[-1].end) == (block.address, block.address + block.count)
        assert all(b.address - a.end <= max_gap for a, b in itertools.pairwise(inside))


@given(gaps=SPACED, max_gap=st.integers(0, 30))
def test_no_two_neighbouring_reads_could_have_been_one(
    gaps: list[tuple[int, ValueType, Order, Order]], max_gap: int
) -> None:
    blocks = plan_blocks(enumerate(laid_out(gaps)), most=125, max_gap=max_gap)
    for before, after in itertools.pairwise(blocks):
        first = after.items[0][1]
        gap = first.address - (before.address + before.count)
        assert gap > max_gap or first.end - before.address > 125


@given(gaps=SPACED, data=st.data())
def test_a_merged_read_gives_the_same_as_single_ones(
    gaps: list[tuple[int, ValueType, Order, Order]], data: st.DataObject
) -> None:
    items = laid_out(gaps)
    wanted = [data.draw(st.integers(0, 60_000)) for _ in items]
    memory = [0xDEAD] * (items[-1].end + 1)
    for found, value in zip(items, wanted, strict=True):
        words = encode(value, found.type, byte_order=found.byte_order, word_order=found.word_order)
        memory[found.address : found.end] = words
    values: list[int | None] = [None] * len(items)
    for block in plan_blocks(enumerate(items), most=125, max_gap=30):
        held = memory[block.address : block.address + block.count]
        assert block.decode(struct.pack(f">{len(held)}H", *held), values)
    assert values == wanted


def test_kinds_are_never_read_together() -> None:
    kinds = [RegisterKind.HOLDING, RegisterKind.INPUT, RegisterKind.COIL, RegisterKind.DISCRETE]
    items = [item(f"a.b{number}", address=number, kind=kind) for number, kind in enumerate(kinds)]
    assert len(plan_blocks(enumerate(items), most=125, max_gap=30)) == 4
