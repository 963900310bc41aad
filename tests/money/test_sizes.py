"""Two figures of the benchmarks that are sizes and no times: what a value weighs on the wire, and what it writes."""

from collections.abc import Sequence
from statistics import mean

import pytest

from benchmarks import wire, write_units
from benchmarks.figures import Figure, table
from benchmarks.readings import ROWS, SIGNALS, Minute, minutes


@pytest.fixture(scope="module")
def read() -> Sequence[Minute]:
    """Eight minutes of each of the six machines of the demo, over their working day."""
    return minutes(6, 8)


def test_the_minutes_have_thirty_signals_of_real_controls(read: Sequence[Minute]) -> None:
    assert {len(minute.rows.columns) for minute in read} == {SIGNALS}
    assert {len(column) for minute in read for column in minute.rows.columns} == {ROWS}
    moving = [sum(len(set(column)) > 1 for column in minute.rows.columns) for minute in read]
    assert max(moving) > SIGNALS / 2  # somebody cuts


def test_a_value_weighs_less_than_half_a_byte(read: Sequence[Minute]) -> None:
    body, whole, packed = wire.sizes(read)
    assert body <= 0.45
    assert whole <= 0.50
    assert packed < whole


def test_chunks_alone_stay_below_the_write_units_of_a_thousand_values(read: Sequence[Minute]) -> None:
    assert mean(write_units.chunk_writes(read)) / (ROWS * SIGNALS / 1000) <= 0.84  # 0.06 is left to rollups


def test_a_put_costs_a_unit_per_kilobyte_begun() -> None:
    assert write_units.units({"p": {"S": "x" * 1023}}) == 1
    assert write_units.units({"p": {"S": "x" * 1024}}) == 2
    assert write_units.item_bytes({"b": {"B": b"1234"}, "n": {"N": "120"}}) == 1 + 4 + 1 + 3


def test_a_figure_that_misses_its_limit_says_so() -> None:
    few, many = Figure("b", "w", 3, "x", 2), Figure("b", "w", 3, "x", 2, at_least=True)
    assert (few.verdict, many.verdict) == ("MISSED", "reached")
    assert "MISSED" in table([few, many])
