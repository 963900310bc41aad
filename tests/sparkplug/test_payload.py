"""Payloads are what Google's protobuf reads, and no command breaks the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greengrass_components.sparkplug.payload import BadPayload, DataType, Metric, decode_commands, encode
from tests.sparkplug.decoder import command, decode, value_of


def test_every_kind_of_value_is_read_back_by_another_decoder() -> None:
    metrics = [
        Metric(DataType.INT64, 5, 1000, "count", 1),
        Metric(DataType.DOUBLE, -12.5, 1001, "x/position/actual", 2, unit="MILLIMETER"),
        Metric(DataType.BOOLEAN, False, 1002, "state/fault", 3),
        Metric(DataType.STRING, "Grüße €", 1003, "alarm/text", 4),
        Metric(DataType.DOUBLE, None, 1004, "gone", 300),
        Metric(DataType.DOUBLE, 0.0, 1005, "zero", 5, historical=True),
    ]
    payload = decode(encode(metrics, timestamp_ms=1_764_000_000_000, seq=255))
    assert (payload.timestamp, payload.seq) == (1_764_000_000_000, 255)
    found = [(m.name, m.alias, m.timestamp, value_of(m)) for m in payload.metrics]
    assert found == [(m.name, m.alias, m.timestamp_ms, m.value) for m in metrics]
    assert [m.is_historical for m in payload.metrics] == [False] * 5 + [True]
    assert list(payload.metrics[1].properties.keys) == ["engUnit"]
    assert payload.metrics[1].properties.values[0].string_value == "MILLIMETER"


def test_a_negative_integer_is_two_s_complement_of_64_bits() -> None:
    payload = decode(encode([Metric(DataType.INT64, -2, 1, "n")], timestamp_ms=1, seq=0))
    assert payload.metrics[0].long_value == 2**64 - 2


def test_a_death_has_no_sequence_number() -> None:
    payload = decode(encode([Metric(DataType.INT64, 7, 1, "bdSeq")], timestamp_ms=1, seq=None))
    assert not payload.HasField("seq")
    assert value_of(payload.metrics[0]) == 7


@given(st.floats(allow_nan=False), st.integers(0, 2**63), st.text(max_size=40))
def test_any_number_time_and_text_survive(number: float, time_ms: int, text: str) -> None:
    metrics = [Metric(DataType.DOUBLE, number, time_ms, "n"), Metric(DataType.STRING, text, time_ms, "t")]
    payload = decode(encode(metrics, timestamp_ms=time_ms, seq=1))
    assert payload.metrics[0].double_value == number
    assert payload.metrics[1].string_value == text.encode("utf-8", "replace").decode()


def test_commands_are_read_by_name_and_by_alias() -> None:
    [named] = decode_commands(command("Node Control/Rebirth", True))
    assert (named.name, named.value) == ("Node Control/Rebirth", True)
    [by_alias] = decode_commands(command("", True, alias=0))
    assert (by_alias.name, by_alias.alias, by_alias.value) == ("", 0, True)


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_read_and_never_more(data: bytes) -> None:
    try:
        decode_commands(data)
    except BadPayload:
        return


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_command_that_is_cut_is_refused_or_has_no_value(cut: int) -> None:
    whole = command("Node Control/Rebirth", True)
    try:
        found = decode_commands(whole[:-cut])
    except BadPayload:
        return
    assert not any(each.value for each in found)
