"""Two versions of a program: what changed in meaning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.gcode.align import differences
from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.diff import Difference, diff
from cnc.domain.gcode.source import Source

BASE = "O1\nG21 G90\nT1 M6\nS1000 M3\nG0 X0 Y0\nG1 Z-1. F100\nX10. Y5.\nG0 Z5.\nM30\n"


def compared(new: str, old: str = BASE, **options: Dialect) -> Difference:
    return diff(Source.of_text(old), Source.of_text(new), **options)  # type: ignore[arg-type]


def test_the_same_text_has_no_difference() -> None:
    assert compared(BASE) == Difference((), only_form=False, more=0)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("G0 X0 Y0", "N5 G00 X0.0 Y0."), ("X10. Y5.", "X10.000Y5."), ("Z5.\n", "Z5.\r\n"), ("X10.", "X10000")],
)
def test_another_way_of_writing_is_form_only(was: str, becomes: str) -> None:
    assert compared(BASE.replace(was, becomes, 1)) == Difference((), only_form=True, more=0)


def test_a_number_without_point_is_another_one_on_a_calculator_control() -> None:
    assert compared(BASE.replace("X10.", "X10000"), dialect=Dialect(calculator=True)).changes != ()


@pytest.mark.parametrize(
    ("was", "becomes", "meaning"),
    [
        ("X10. Y5.", "X12. Y5.", ("coordinate", "X", "X10", "X12")),
        ("F100", "F120", ("feed", "F", "F100", "F120")),
        ("S1000", "S1200", ("speed", "S", "S1000", "S1200")),
        ("T1", "T2", ("tool", "T", "T1", "T2")),
        ("M3", "M4", ("code", "M", "M3", "M4")),
        ("G0 Z5.", "G1 Z5.", ("code", "G", "G0", "G1")),
        ("O1\n", "O2\n", ("program", "O", "O0001", "O0002")),
        ("X10. Y5.", "X10. Y5. (NEW)", ("comment", "(", None, "NEW")),
        ("X10. Y5.", "X10. Y5. D3", ("offset", "D", None, "D3")),
    ],
)
def test_a_changed_word_is_named(was: str, becomes: str, meaning: tuple[str, ...]) -> None:
    (change,) = compared(BASE.replace(was, becomes, 1)).changes
    assert change.kind == "changed"
    assert [(m.what, m.address, m.old, m.new) for m in change.meaning] == [meaning]


def test_several_codes_of_a_block_are_told_apart_whatever_their_order() -> None:
    (change,) = compared(BASE.replace("G21 G90", "G91 G21")).changes
    assert [(m.address, m.old, m.new) for m in change.meaning] == [("G", "G90", "G91")]


def test_added_and_removed_blocks_have_their_lines() -> None:
    longer = BASE.replace("G0 Z5.", "X20.\nX30.\nG0 Z5.")
    assert [(c.kind, c.old_line, c.new_line) for c in compared(longer).changes] == [
        ("added", None, 8),
        ("added", None, 9),
    ]
    assert [(c.kind, c.old_line, c.new_line) for c in compared(BASE, longer).changes] == [
        ("removed", 8, None),
        ("removed", 9, None),
    ]


def test_macro_blocks_are_compared_as_they_stand() -> None:
    (change,) = compared(BASE.replace("X10. Y5.", "X#1"), BASE.replace("X10. Y5.", "X#2")).changes
    assert change.meaning[0].what == "macro"


def test_changes_beyond_the_limit_are_counted() -> None:
    old, new = ("\n".join(f"X{n}.{tail}" for n in range(50)) for tail in ("1", "2"))
    found = diff(Source.of_text(old), Source.of_text(new), most=10)
    assert (len(found.changes), found.more) == (10, 40)


LINES = st.lists(st.sampled_from("abcdefghij"), max_size=30)


@settings(max_examples=100)
@given(LINES, LINES)
def test_putting_the_differences_in_makes_the_new_text_of_the_old(old: list[str], new: list[str]) -> None:
    made, at = [], 0
    for a, b, c, d in differences(old, new):
        made += old[at:a] + new[c:d]
        at = b
    assert made + old[at:] == new
