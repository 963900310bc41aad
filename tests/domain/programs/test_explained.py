"""What of a table may change without anybody having set the machine up anew."""

import pytest

from cnc.domain.programs.tables import WORK_OFFSETS, Table, explained, table_bytes, table_from
from cnc.domain.programs.targets import OffsetTarget, ParameterTarget


@pytest.mark.parametrize(
    ("kind", "before", "after", "holds"),
    [
        ("parameters", {6711: {0: "10"}, 6750: {0: "900"}}, {6711: {0: "11"}, 6750: {0: "901"}}, True),
        ("parameters", {6713: {0: "100"}}, {6713: {0: "150"}}, False),
        ("parameters", {1320: {1: "500.0"}}, {1320: {1: "500.000"}}, True),
        ("parameters", {1320: {1: "500.0"}}, {1320: {1: "600.0"}}, False),
        ("offsets", {1: {0: "0.000"}}, {1: {0: "-0.012"}}, True),
        ("offsets", {1: {3: "120.0"}}, {1: {3: "119.0"}}, False),
        ("offsets", {WORK_OFFSETS + 1: {2: "0.0"}}, {WORK_OFFSETS + 1: {2: "1.0"}}, False),
        ("offsets", {1: {0: "0.000"}}, {}, True),
        ("parameters", {6713: {0: "100"}}, {}, False),
    ],
)
def test_counts_hours_and_wear_change_by_themselves_and_nothing_else(
    kind: str, before: Table, after: Table, holds: bool
) -> None:
    assert explained(kind, before, after, []) is holds


def test_what_was_released_is_explained_and_what_came_with_it_is_not() -> None:
    target = ParameterTarget(6713, 0, "2-word", "150")
    before, after = {6713: {0: "100"}, 20: {0: "4"}}, {6713: {0: "150"}, 20: {0: "4"}}
    assert explained("parameters", before, after, [target])
    assert not explained("parameters", before, {**after, 20: {0: "5"}}, [target])
    assert explained("offsets", {1: {3: "1.0"}}, {1: {3: "1.50"}}, [OffsetTarget(1, 3, "1.5")])


def test_a_table_comes_back_as_it_was_written() -> None:
    table = {6713: {0: "100"}, WORK_OFFSETS + 1: {1: "-12.5", 2: ""}}
    assert table_from(table_bytes(table)) == table
