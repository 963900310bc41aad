"""Blocks taken apart: numbers, units, comments, skips, and how problems are told."""

import pytest

from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import MILL, Bounds, Dialect
from cnc.domain.gcode.facts import Severity
from tests.domain.gcode.reading import codes, moves, path, steps

HEAD = "O1\nG21G90G17\n"


@pytest.mark.parametrize(
    ("dialect", "word", "mm"),
    [
        (MILL, "X1000", 1.0),
        (MILL, "X1000.", 1000.0),
        (MILL, "X-.5", -0.5),
        (MILL, "X+2.50", 2.5),
        (MILL, "X 1 0 . 5", 10.5),
        (Dialect(calculator=True), "X1000", 1000.0),
    ],
)
def test_a_number_without_point_counts_increments_unless_the_control_is_of_calculator_type(
    dialect: Dialect, word: str, mm: float
) -> None:
    assert moves(f"{HEAD}G0{word}\nM30", dialect=dialect)[0].end[0] == pytest.approx(mm)


@pytest.mark.parametrize(("word", "mm"), [("X1.", 25.4), ("X10000", 25.4)])
def test_inches_become_millimetres(word: str, mm: float) -> None:
    assert moves(f"O1\nG20 G90\nG0 {word}\nM30")[0].end[0] == pytest.approx(mm)


def test_a_feed_in_inches_is_told_in_mm_per_minute() -> None:
    assert moves("O1\nG20 G90\nG1 X1. F10.\nM30")[0].modal.feed == pytest.approx(254.0)


def test_every_step_knows_its_line_byte_and_sequence_number() -> None:
    text = "%\nO1234(X)\r\nN10 G21 G90\r\nN20 G0 X1.\r\n(REST)\nN30 X2.\nM30\n%"
    found = [(s.line, s.offset, s.sequence, s.program) for s in moves(text)]
    assert found == [(4, text.index("N20"), 20, "O1234"), (6, text.index("N30"), 30, "O1234")]


def test_comments_never_become_words() -> None:
    assert path(f"{HEAD}G0 (X9.) X1. (Y9.)\nM30")[0][1][0] == 1.0


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("G0 X1. (OPEN", "comment.unbalanced"),
        ("G0 X1. CLOSE)", "comment.unbalanced"),
        ("g0 x1.", "character.lower_case"),
        ("G0 X1. ~", "character.refused"),
        ("G0 X", "word.malformed"),
        ("G0 X1.2.3", "word.malformed"),
        ("G0 X--1.", "word.malformed"),
        ("G123 X1.", "code.unknown"),
        ("G0 G1 X1.", "code.two_of_group"),
        ("G2 X1. Y1.", "arc.center"),
        ("G1 X" + "1" * 20, "word.malformed"),
        ("M98 P7777", "program.unknown"),
        ("GOTO 77", "jump.missing"),
        ("G28", "reference.axes"),
        ("#0=1", "macro.readonly"),
        ("#1=1/0", "macro.arithmetic"),
        ("#1=SQRT[-1]", "macro.arithmetic"),
        ("#1=FOO[1]", "macro.function"),
        ("#1=[1", "macro.malformed"),
        ("END1", "loop.end"),
        ("WHILE[1 EQ 0]DO1", "loop.open"),
        ("G4 X-1.", "dwell.negative"),
    ],
)
def test_a_bad_block_is_told_with_its_line_and_reading_goes_on(block: str, code: str) -> None:
    found = steps(f"{HEAD}{block}\nG0 Z7.\nM30")
    told = [problem for step in found for problem in step.problems]
    assert code in [problem.code for problem in told]
    assert {problem.line for problem in told} == {3}
    assert found[-2].end[2] == 7.0


def test_a_problem_says_what_was_seen_and_what_was_expected() -> None:
    (problem,) = [p for step in steps(f"{HEAD}G0 X0 Y0\nG2 X10. R1.\nM30") for p in step.problems]
    assert problem.severity == Severity.ERROR
    assert problem.seen == "R1 for a chord of 10.0000 mm"
    assert problem.expected == "a radius of at least half the chord"


def test_a_line_beyond_the_bound_is_cut_and_told_and_the_next_one_has_its_right_place() -> None:
    text = f"{HEAD}G0 X1. ({'A' * 300_000})\nG0 Y2.\nM30"
    found = steps(text)
    assert "line.too_long" in [p.code for s in found for p in s.problems]
    assert [s.offset for s in found if s.text == "G0 Y2."] == [text.index("G0 Y2.")]


@pytest.mark.parametrize(
    ("switches", "x", "told"), [({}, 9.0, ["skip.unknown"]), ({2: True}, 1.0, []), ({2: False}, 9.0, [])]
)
def test_block_skip_follows_the_switch_and_an_unknown_one_is_told(
    switches: dict[int, bool], x: float, told: list[str]
) -> None:
    text = f"{HEAD}G0 X1.\n/2 X9.\nM30"
    assert moves(text, control=Known(skips=switches))[-1].end[0] == x
    assert codes(text, control=Known(skips=switches)) == told


def test_a_semicolon_ends_a_block() -> None:
    assert path(f"{HEAD}G0 X1.; X2. ;\nM30")[-1][1][0] == 2.0


@pytest.mark.parametrize("end", ["", "%", "O2\nM30"])
def test_a_program_without_end_is_told(end: str) -> None:
    assert codes(f"{HEAD}G0 X1.\n{end}") == ["program.no_end"]


def test_reading_an_empty_file_tells_that_nothing_ends_it() -> None:
    assert codes("") == ["program.no_end"]


def test_lines_have_a_bound() -> None:
    assert codes(f"{HEAD}N1 #1=#1+1\nGOTO 1\nM30", bounds=Bounds(lines=50)) == ["bound.lines"]
