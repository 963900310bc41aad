"""Parameters are denied unless a rule lets exactly this change through."""

from decimal import Decimal

import pytest

from cnc.domain.base.errors import CncError
from cnc.domain.programs.parameters import ALLOWED, NEVER, ParameterRule, check_parameter

FEED = ParameterRule(1420, "real", True, Decimal(1000), Decimal(30000), Decimal(500))


def test_the_required_parts_may_be_set() -> None:
    check_parameter(6713, axis=0, kind="2-word", value="148", present="0")


@pytest.mark.parametrize("number", sorted({n for first, last, _ in NEVER for n in (first, last)} | {1320, 1825}))
def test_what_guards_people_is_never_written_even_if_a_list_allows_it(number: int) -> None:
    rule = ParameterRule(number, "real", False, Decimal(0), Decimal(9), Decimal(9))
    with pytest.raises(CncError, match="never"):
        check_parameter(number, axis=0, kind="real", value="1", present="0", allowed={number: rule})


@pytest.mark.parametrize(
    ("number", "axis", "kind", "value", "present"),
    [
        (20, 0, "byte", "4", "0"),
        (6713, 1, "2-word", "5", "0"),
        (6713, 0, "word", "5", "0"),
        (6713, 0, "2-word", "-1", "0"),
        (6713, 0, "2-word", "100000000", "0"),
        (6713, 0, "2-word", "1.5", "0"),
        (6713, 0, "2-word", "five", "0"),
        (6713, 0, "2-word", "NaN", "0"),
        (6713, 0, "2-word", "5", "?"),
    ],
)
def test_other_numbers_axes_types_and_values_are_denied(
    number: int, axis: int, kind: str, value: str, present: str
) -> None:
    with pytest.raises(CncError) as denied:
        check_parameter(number, axis=axis, kind=kind, value=value, present=present)
    assert denied.value.code == "parameter.denied"


def test_a_change_may_not_go_further_than_its_step() -> None:
    allowed = {**ALLOWED, 1420: FEED}
    check_parameter(1420, axis=2, kind="real", value="12500.5", present="12000.5", allowed=allowed)
    with pytest.raises(CncError, match="at most 500"):
        check_parameter(1420, axis=2, kind="real", value="12501", present="12000.5", allowed=allowed)
