"""A text is one program for one number, however a control reads it."""

import pytest

from cnc.domain.programs.canonical import begins, canonical
from cnc.domain.programs.single import faults


@pytest.mark.parametrize(
    "text",
    [
        b"O1234(NEW)\nG0X1.\nM30",
        b"O1234 (A : O5)\nGOTO10\nDO1\nIF[#1EQ1OR#2EQ2]GOTO 10\nEND1\nROUND[1]\nM98P5(O5)\nM30",
        b"O01234\nM30",
    ],
)
def test_one_program_of_that_number_has_no_fault(text: bytes) -> None:
    assert faults(canonical(text), number=1234) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"O1234\nM30\nO7\nM99", 4),
        (b"O1234\nM30\no7\nM99", 4),
        (b"O1234\nM30\n:7\nM99", 4),
        (b"O1234\nG1X1.O5678\nM30", 3),
        (b"O1234\nM30\nO#1\nM99", 4),
        (b"O1234\nM30\n<OTHER>\nM99", 4),
        (b"O1234\n((A) O5)\nM30", 3),
        (b"O1234\n(\nO5\n)\nM30", 4),
        (b"O1234O5678\nM30", 2),
        (b"O1234 G0X1.\nM30", 2),
        (b"O5678\nM30", 2),
        (b"o1234\nM30", 2),
        (b"/O1234\nM30", 2),
        (b"N1O1234\nM30", 2),
        (b"(FIRST)\nO1234\nM30", 2),
        (b"<PART>\nM30", 2),
        (b"O1234\nG0X1.%G1X5.\nM30", 3),
        (b"O1234\nG0X1.(100%)\nM30", 3),
    ],
)
def test_what_a_control_may_read_as_several_programs_is_a_fault(text: bytes, line: int) -> None:
    assert line in {fault[0] for fault in faults(canonical(text), number=1234)}


def test_a_cut_transfer_is_the_beginning_of_the_whole_and_nothing_else_is() -> None:
    whole = canonical(b"O1234(NEW)\nG0X1.\nM30")
    for cut in range(1, len(whole)):
        assert begins(whole[:cut], whole=whole)
    assert not begins(b"O1234(OLD)", whole=whole)
    assert not begins(whole[:-3] + b"M99", whole=whole)
