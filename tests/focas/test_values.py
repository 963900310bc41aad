"""The 8-byte value, texts and timers."""

import struct
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greengrass_components.focas.errors import MalformedReply
from greengrass_components.focas.protocol.functions.clock import decode_timer, encode_timer
from greengrass_components.focas.protocol.text import decode_text, encode_text
from greengrass_components.focas.protocol.transfer import program_text
from greengrass_components.focas.protocol.values import (
    VACANT,
    Value,
    decode_value,
    decode_values,
    encode_values,
    leading_numbers,
    nearest,
    padded,
    scaled,
)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("0001e240 000a 0003", 123.456),
        ("ffff4d92 000a 0003", -45.678),
        ("00000000 000a 0000", 0.0),
        ("00000000 000a ffff", None),
        ("00000007 0002 0001", 3.5),
        ("7b74bc6a 0002 0018", 123.456),
        ("ffffcfc7 0000 ffff", -12345.0),
    ],
)
def test_a_value_is_data_over_base_to_the_decimals(raw: str, number: float | None) -> None:
    found = decode_value(bytes.fromhex(raw)).number
    assert found == number if number is None or found is None else isclose(found, number, abs_tol=1e-6)


def test_a_measured_zero_is_a_value_and_not_missing() -> None:
    assert Value(0).number == 0.0
    assert not Value(0).vacant
    assert VACANT.number is None


@pytest.mark.parametrize("raw", ["00000001 0003 0000", "00000001 000a 0040", "00000001 000a fffe", "00000001 000a"])
def test_what_is_no_value_is_malformed(raw: str) -> None:
    with pytest.raises(MalformedReply):
        decode_value(bytes.fromhex(raw))


def test_base_2_becomes_decimal_when_kept() -> None:
    assert decode_value(bytes.fromhex("7b74bc6a 0002 0018")).decimal() == Value(123456, 3)


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=8))
def test_leading_numbers_are_what_the_whole_array_says(data: list[int]) -> None:
    values = [Value(number, 3) for number in data]
    raw = padded(values, 32)
    assert leading_numbers(raw, len(data)) == [value.number for value in decode_values(raw)[: len(data)]]


def test_an_array_shorter_than_the_axes_is_malformed() -> None:
    with pytest.raises(MalformedReply, match="at least 3"):
        leading_numbers(encode_values([Value(1), Value(2)]), 3)


@given(st.floats(-999_999, 999_999))
def test_the_nearest_macro_value_is_near(number: float) -> None:
    found = nearest(number).number
    assert found is not None
    assert isclose(found, number, rel_tol=1e-8, abs_tol=1e-8)


def test_a_number_that_does_not_fit_says_so() -> None:
    with pytest.raises(OverflowError):
        scaled(3_000_000_000, 3)
    with pytest.raises(OverflowError):
        nearest(1e12)


@pytest.mark.parametrize("little_endian", [False, True])
@pytest.mark.parametrize("ms", [0, 1, 59_999, 60_000, 12_345 * 60_000 + 30_000, 525_600 * 60_000])
def test_timers_are_read_in_either_byte_order(ms: int, little_endian: bool) -> None:
    elapsed = decode_timer(encode_timer(ms, little_endian=little_endian))
    assert elapsed.seconds * 1000 == pytest.approx(ms)


def test_a_timer_without_milliseconds_is_read_in_the_order_another_timer_told() -> None:
    told = decode_timer(encode_timer(90_001, little_endian=True))
    ambiguous = decode_timer(encode_timer(256 * 60_000, little_endian=True))
    assert (told.order, ambiguous.order) == ("<", "")
    assert ambiguous.in_order(told.order).minutes == 256
    assert decode_timer(encode_timer(65_536 * 60_000)).in_order(">").minutes == 65_536


def test_a_timer_that_makes_no_sense_in_any_order_is_malformed() -> None:
    with pytest.raises(MalformedReply, match=r"0\.\.59999"):
        decode_timer(struct.pack(">2I", 5, 0xFEFEFEFE))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"SERVO ALARM\0\0\0junk", "SERVO ALARM"),
        ("サーボアラーム".encode("shift_jis") + b"\0", "サーボアラーム"),
        (b"\xff\xfe\xfd", "ÿþý"),
        (b"  A\x07B  \0", "AB"),
        (b"", ""),
    ],
)
def test_text_decodes_with_a_fallback_and_never_fails(raw: bytes, text: str) -> None:
    assert decode_text(raw) == text


@given(st.binary(max_size=64))
def test_any_bytes_decode_to_printable_text(raw: bytes) -> None:
    assert all(c == "\n" or c.isprintable() for c in decode_text(raw))


def test_text_is_cut_and_padded_to_its_field() -> None:
    assert encode_text("ABC", 5) == b"ABC\0\0"
    assert encode_text("ABCDEF", 3) == b"ABC"


@pytest.mark.parametrize(
    "raw", [b"%\nO0077(DL)\nG90\nM30\n%", b"%\r\nO0077(DL)\r\nG90\r\nM30\r\n%\r\n", b"O0077(DL)\nG90\nM30\n%\0\0"]
)
def test_a_transferred_program_has_one_form(raw: bytes) -> None:
    assert program_text(raw) == "O0077(DL)\nG90\nM30\n"
