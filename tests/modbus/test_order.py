"""The order a device uses, found from plausible values, and honestly not found."""

import itertools
import struct

import pytest

from greengrass_components.modbus import order
from greengrass_components.modbus.order import Entry, judge, table
from greengrass_components.modbus.registers import Order, RegisterKind, ValueType, encode
from greengrass_components.modbus.simulator import ModbusSimulator

from .devices import METER, usual

BOTH = (Order.BIG, Order.LITTLE)
ORDERS = list(itertools.product(BOTH, BOTH))
LETTERS = {(Order.BIG, Order.BIG): "ABCD", (Order.BIG, Order.LITTLE): "CDAB",
           (Order.LITTLE, Order.BIG): "BADC", (Order.LITTLE, Order.LITTLE): "DCBA"}  # fmt: skip


def sent(value: float, kind: ValueType, byte: Order, word: Order) -> bytes:
    registers = encode(value, kind, byte_order=byte, word_order=word)
    return struct.pack(f">{len(registers)}H", *registers)


def entry(kind: ValueType | None = None, *, low: float = 0.0, high: float = 250_000.0, **more: object) -> Entry:
    return Entry(RegisterKind.INPUT, 12, low, high, kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("byte", "word"), ORDERS)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ValueType.F32, 1523.7),
        (ValueType.F32, -12.5),
        (ValueType.F64, 987.125),
        (ValueType.U32, 70_123),
        (ValueType.I32, -4_321),
        (ValueType.U64, 123_456),
        (ValueType.I64, -9_876),
    ],
)
def test_a_plausible_range_tells_the_order(kind: ValueType, value: float, byte: Order, word: Order) -> None:
    verdict = judge([sent(value, kind, byte, word)], entry(kind, low=-20_000.0))
    assert verdict.proposed is not None, table(verdict)
    assert (verdict.proposed.byte_order, verdict.proposed.word_order) == (byte, word)
    if kind.words == 2:
        assert verdict.proposed.letters == LETTERS[byte, word]
    assert verdict.proposed.values[0] == pytest.approx(value, rel=1e-6)
    assert len(verdict.candidates) == 4


def test_the_four_orders_are_shown_side_by_side_with_their_reasons() -> None:
    verdict = judge([sent(1523.7, ValueType.F32, Order.BIG, Order.LITTLE)], entry(ValueType.F32))
    assert [candidate.letters for candidate in verdict.candidates] == ["ABCD", "CDAB", "BADC", "DCBA"]
    assert [candidate.fits for candidate in verdict.candidates] == [False, True, False, False]
    shown = table(verdict)
    assert "word_order: little" in shown
    assert shown.count("\n") > 6


def test_an_unknown_type_is_found_with_its_order() -> None:
    verdict = judge([sent(1523.7, ValueType.F32, Order.LITTLE, Order.LITTLE)], entry(high=5_000.0))
    assert verdict.proposed is not None
    assert (verdict.proposed.type, verdict.proposed.letters) == (ValueType.F32, "DCBA")
    assert len(verdict.candidates) == 12


def test_a_positive_whole_number_may_be_of_either_sign_and_is_said_to() -> None:
    verdict = judge([sent(1_500, ValueType.U32, Order.BIG, Order.BIG)], entry(low=-5_000.0, high=5_000.0))
    assert verdict.proposed is not None
    assert verdict.proposed.letters == "ABCD"
    assert "u32" in verdict.why
    assert "i32" in verdict.why
    assert "another one" in verdict.todo


def test_two_plausible_values_are_undecided_until_the_display_is_read() -> None:
    reading = sent(0x0102, ValueType.U16, Order.BIG, Order.BIG)  # 258, or 513 the other way round
    verdict = judge([reading], entry(ValueType.U16, high=10_000.0))
    assert verdict.proposed is None
    assert "undecided" in table(verdict)
    assert "display" in verdict.todo
    told = judge([reading], entry(ValueType.U16, high=10_000.0, expected=510.0))
    assert told.proposed is not None
    assert told.proposed.letters == "BA"


def test_zero_decides_nothing() -> None:
    for kind in ValueType:
        verdict = judge([bytes(2 * kind.words)] * 3, entry(kind))
        assert verdict.proposed is None
        assert "zero" in verdict.why
        assert "not zero" in verdict.todo


def test_nothing_plausible_says_what_to_check() -> None:
    verdict = judge([b"\xff\xff\xff\xff"], entry(ValueType.F32))
    assert verdict.proposed is None
    assert "address" in verdict.todo


def test_every_reading_must_be_plausible() -> None:
    good = sent(1500.0, ValueType.F32, Order.BIG, Order.BIG)
    assert judge([good, good], entry(ValueType.F32)).proposed is not None
    assert judge([good, b"\x7f\xc0\x00\x00"], entry(ValueType.F32)).proposed is None


@pytest.mark.parametrize("readings", [[], [b"\x00"], [b"\x00" * 4, b"\x00" * 8]])
def test_readings_of_another_size_are_refused(readings: list[bytes]) -> None:
    with pytest.raises(ValueError, match="expected 4 each"):
        judge(readings, entry(ValueType.F32))


async def test_the_order_of_a_live_device_is_found() -> None:
    values = usual(METER)
    item = next(found for found in METER.items if found.key == "electric.wattage")
    about = Entry(item.kind, item.address, item.low, item.high, item.type, expected=values[item.key])
    async with ModbusSimulator(METER, lambda: values) as simulator:
        readings = await order.read_registers("127.0.0.1", simulator.port, unit=1, entry=about, reads=1)
    verdict = judge(readings, about)
    assert verdict.proposed is not None
    assert verdict.proposed.letters == "ABCD"


def test_a_device_that_is_not_there_is_an_error_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert order.main(["127.0.0.1:1", "--address", "0", "--range", "0", "1"]) == 2
    assert "no connection to 127.0.0.1:1" in capsys.readouterr().err
