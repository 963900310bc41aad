"""Two copies of a program compare equal when a control would run the same."""

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.programs.canonical import canonical, digest, transfer_text

PLAIN = b"%\nO1234(PART)\nG0 X1.\nM30\n%\n"


@pytest.mark.parametrize(
    "same",
    [
        b"O1234(PART)\nG0 X1.\nM30",
        b"%\r\nO1234(PART)\r\nG0 X1.\r\nM30\r\n%\r\n",
        b"\nO1234(PART)\nG0 X1.  \nM30\t\n%\x00\x00\x00",
        b"\n\n%\nO1234(PART)\nG0 X1.\nM30\n\n\n%\n\n",
        b"%\rO1234(PART)\rG0 X1.\rM30\r%",
    ],
)
def test_ends_of_lines_blanks_percents_and_padding_do_not_count(same: bytes) -> None:
    assert canonical(same) == PLAIN
    assert digest(same) == digest(PLAIN)


def test_canonical_bytes_stay_as_they_are() -> None:
    assert canonical(PLAIN) == PLAIN


@pytest.mark.parametrize("other", [b"%\nO1234(PART)\nG0 X1\nM30\n%", b"%\nO1234(PART)\n G0 X1.\nM30\n%"])
def test_a_point_or_an_inner_blank_counts(other: bytes) -> None:
    assert digest(other) != digest(PLAIN)


@pytest.mark.parametrize("bad", [b"", b"%\n%\n", b"\x00\x00", b"%\nO1\nM30\n%\nG0 X9.\n"])
def test_nothing_to_run_and_blocks_behind_the_end_are_refused(bad: bytes) -> None:
    with pytest.raises(BadValue):
        canonical(bad)


def test_a_transfer_begins_with_a_line_end_and_ends_with_percent() -> None:
    assert transfer_text(PLAIN) == b"\nO1234(PART)\nG0 X1.\nM30\n%"


def test_a_transfer_may_go_to_another_number() -> None:
    assert transfer_text(PLAIN, number=77).startswith(b"\nO0077(PART)\n")
    with pytest.raises(BadValue):
        transfer_text(b"G0 X1.\nM30", number=77)


def test_blocks_beside_the_opening_percent_are_refused() -> None:
    with pytest.raises(BadValue):
        canonical(b"%G0X999.\nO1\nM30\n%")
