"""Calls, loops, jumps and variables."""

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import MILL, Bounds, Dialect
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source
from tests.domain.gcode.reading import codes, moves, steps

HEAD = "O1\nG21 G90 G17\nG0 X0 Y0 Z0\n"


def ends(text: str, axis: int = 0, **options: object) -> list[float]:
    return [round(step.end[axis], 6) for step in moves(text, **options)[1:]]


@pytest.mark.parametrize(
    ("call", "times"),
    [("M98 P2 L3", 3), ("M98 P30002", 3), ("M98 P2", 1), ("M98 P0002 L0", 0), ("M98<PART>", 1), ("M98 P<PART> L2", 2)],
)
def test_a_subprogram_runs_as_often_as_asked(call: str, times: int) -> None:
    subs = "O2\nG91 G0 X1.\nG90\nM99\n<PART>\nG91 G0 X1.\nG90\nM99\n"
    assert ends(f"{HEAD}{call}\nG0 Y1.\nM30\n{subs}", 0) == [*range(1, times + 1), times]


def test_steps_of_a_subprogram_say_where_they_stand() -> None:
    step = moves(f"{HEAD}M98 P2\nM30\nO2\nG0 X1.\nM99")[1]
    assert (step.program, step.depth, step.line) == ("O0002", 1, 7)


def test_a_program_of_another_file_is_asked_from_the_control() -> None:
    control = Known(programs={"O8000": Source.of_text("%\nO8000\nG0 X8.\nM99\n%")})
    assert ends(f"{HEAD}M98 P8000\nM30", control=control) == [8.0]


def test_a_macro_has_variables_of_its_own() -> None:
    text = f"{HEAD}#1=5.\nG65 P9 A1. B2. I3. J4. K5. I6. Z7.\nG0 X#1\nM30\nO9\nG0 X[#1+#2+#4+#5+#6+#7+#26]\n#1=99\nM99"
    assert ends(text) == [28.0, 5.0]


def test_arguments_without_point_count_increments() -> None:
    text = f"{HEAD}G65 P9 X1500 F20\nM30\nO9\nG0 X#24 Y#9\nM99"
    assert ends(text) == [1.5]
    assert ends(text, 1) == [20.0]
    assert ends(text, dialect=Dialect(calculator=True)) == [1500.0]


def test_a_subprogram_shares_the_variables_of_its_caller() -> None:
    assert ends(f"{HEAD}#1=4.\nM98 P9\nG0 X#1\nM30\nO9\n#1=#1+1\nM99") == [5.0]


def test_a_modal_macro_runs_after_every_move_until_cancelled() -> None:
    text = f"{HEAD}G66 P9 A2.\nG0 X1.\nM8\nG0 X2.\nG67\nG0 X3.\nM30\nO9\nG0 Z#1\nM99"
    assert ends(text) == [1.0, 1.0, 2.0, 2.0, 3.0]


def test_a_return_may_name_a_block() -> None:
    assert ends(f"{HEAD}M98 P9\nG0 X1.\nN50 G0 X2.\nM30\nO9\nM99 P50") == [2.0]


def test_the_end_in_a_subprogram_ends_all() -> None:
    assert ends(f"{HEAD}M98 P9\nG0 X1.\nM30\nO9\nG0 X2.\nM30") == [2.0]


def test_a_main_program_that_returns_is_read_once() -> None:
    assert ends(f"{HEAD}G0 X1.\nM99") == [1.0]


def test_a_main_program_may_go_on_at_a_later_block() -> None:
    assert ends(f"{HEAD}N1 G0 X1.\nM99 P5\nG0 X9.\nN5 G0 X2.\nM99 P1") == [1.0, 2.0]


def test_an_endless_loop_of_the_same_moves_is_read_twice_at_most_and_is_no_error() -> None:
    for text in ("N1 G0 X1.\nGOTO 1", "WHILE[1 EQ 1]DO1\nG0 X1.\nEND1", "N1 #1=5\nG0 X1.\nIF[#1 EQ 5]GOTO 1"):
        found = steps(f"{HEAD}{text}\nM30")
        assert [(p.code, p.severity) for s in found for p in s.problems] == [("program.endless", "note")]
        assert 1 <= sum(s.end[0] == 1.0 and s.kind == 1 for s in found) <= 3


def test_a_jump_back_in_every_repetition_of_a_subprogram_is_no_endless_loop() -> None:
    sub = "O2\nGOTO 10\nN5 G0 X1.\nM99\nN10 G0 X2.\nGOTO 5\n"
    assert ends(f"{HEAD}M98 P2 L2\nM30\n{sub}") == [2.0, 1.0, 2.0, 1.0]


def test_a_program_of_another_file_may_call_one_of_the_main_file() -> None:
    control = Known(programs={"O8000": Source.of_text("O8000\nM98 P9\nM99")})
    assert ends(f"{HEAD}M98 P8000\nM30\nO9\nG0 X9.\nM99", control=control) == [9.0]


def test_a_jump_looks_forward_first_and_then_from_the_start() -> None:
    text = f"{HEAD}#1=0\nN10 G0 X1.\n#1=#1+1\nIF[#1 LT 3]GOTO 10\nGOTO 20\nG0 X9.\nN20 G0 X2.\nM30"
    assert ends(text) == [1.0, 1.0, 1.0, 2.0]


@pytest.mark.parametrize("head", ["%\nO1\n", "\n%\nO1\n", "%\n", "", "TAPE 7\n%\nO1\n", "%\n(FIRST)\nO1\n"])
def test_a_jump_back_reaches_the_start_of_the_program_whatever_stands_before_it(head: str) -> None:
    text = f"{head}N5 G90 G0 X1.\n#1=#1+1\nIF[#1 LT 2]GOTO 5\nM30\n%"
    assert [step.end[0] for step in moves(text)] == [1.0, 1.0]


def test_a_jump_stays_in_its_program() -> None:
    assert codes(f"{HEAD}GOTO 77\nM30\nO2\nN77 M99") == ["jump.missing"]


def test_loops_nest_and_are_left_by_their_condition() -> None:
    text = f"{HEAD}#1=0\nWHILE[#1 LT 2]DO1\n#2=0\nWHILE[#2 LT 2]DO2\nG0 X[#1*10+#2]\n#2=#2+1\nEND2\n#1=#1+1\nEND1\nM30"
    assert ends(text) == [0.0, 1.0, 10.0, 11.0]


def test_a_loop_that_is_not_entered_is_passed_by_with_the_loops_in_it() -> None:
    text = f"{HEAD}WHILE[1 EQ 0]DO1\nWHILE[1 EQ 1]DO2\nG0 X9.\nEND2\nN7 END1 (X)\nG0 X1.\nM30"
    assert ends(text) == [1.0]


def test_a_jump_within_a_loop_leaves_the_loop_open() -> None:
    text = f"{HEAD}#1=0\nWHILE[#1 LT 2]DO1\n#1=#1+1\nIF[#1 EQ 1]GOTO 5\nG0 X1.\nN5\nEND1\nM30"
    assert ends(text) == [1.0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("WHILE[1 EQ 1]DO1\nEND1", "program.endless"),
        ("N1 G0 X1.\nGOTO 1", "program.endless"),
        ("WHILE[#1 LT 1000000]DO1\n#1=#1+1\nEND1", "bound.loop"),
        ("N1 #1=#1+1\nIF[#1 LT 1000000]GOTO 1", "bound.loop"),
        ("M98 P2\nM30\nO2\nM98 P2\nM99", "call.depth"),
        ("G65 P2\nM30\nO2\nG65 P2\nM99", "call.depth"),
        ("M98 P2 L99999999\nM30\nO2\nM99", "bound.lines"),
        ("#1=100\nWHILE[#1 LT 99999]DO1\n#[#1]=1\n#1=#1+1\nEND1", "bound.variables"),
        ("G91 G81 X1. Z-1. R1. F1 K9999", "bound.steps"),
        ("G91 G81 X1. Z-1. R1. F1 K150\n" * 30, "bound.expanded"),
        ("G83 X1. Z-1. R1. Q.0001 F1", "cycle.peck"),
        ("#1=" + "[" * 100 + "1" + "]" * 100, "macro.depth"),
        ("#1=" + "#" * 100 + "1", "macro.depth"),
        ("#1=ATAN" + "[ATAN" * 100 + "[1]", "macro.depth"),
    ],
)
def test_nothing_goes_on_without_end(text: str, code: str) -> None:
    bounds = Bounds(loop=300, lines=3_000, variables=200, steps_per_block=1_000, expanded=10_000)
    assert code in codes(f"{HEAD}{text}\nM30", bounds=bounds)


@pytest.mark.parametrize(("depth", "told"), [(5, []), (6, ["call.depth"])])
def test_macros_may_be_five_deep(depth: int, told: list[str]) -> None:
    macros = "".join(f"O{n}\nG65 P{n + 1}\nM99\n" for n in range(2, depth + 1))
    assert codes(f"{HEAD}G65 P2\nM30\n{macros}O{depth + 1}\nG0 X1.\nM99") == told


def test_calls_may_be_as_deep_as_the_control_allows() -> None:
    subs = "".join(f"O{n}\nM98 P{n + 1}\nM99\n" for n in range(2, 11))
    assert codes(f"{HEAD}M98 P2\nM30\n{subs}O11\nG0 X1.\nM99") == []
    assert codes(f"{HEAD}M98 P2\nM30\n{subs}O11\nM98 P12\nM99\nO12\nM99") == ["call.depth"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1+2*3", 7.0),
        ("[1+2]*3", 9.0),
        ("-[2-5]", 3.0),
        ("10/4", 2.5),
        ("7MOD3", 1.0),
        ("6AND3", 2.0),
        ("6OR3", 7.0),
        ("6XOR3", 5.0),
        ("SIN[30]", 0.5),
        ("ATAN[1]/[1]", 45.0),
        ("ATAN[-1]/[1]", 315.0),
        ("ATAN[1,-1]", 135.0),
        ("SQRT[16]+ABS[-3]", 7.0),
        ("ROUND[2.5]", 3.0),
        ("FIX[-2.7]", -2.0),
        ("FUP[2.1]", 3.0),
        ("POW[2,10]", 1024.0),
        ("BIN[16]+BCD[10]", 26.0),
        ("#0+5", 5.0),
        ("#0*5", 0.0),
        ("[[1EQ1]&&[2GT1]]", 1.0),
    ],
)
def test_expressions(expression: str, value: float) -> None:
    assert ends(f"{HEAD}#1={expression}\nG0 X#1\nM30") == [pytest.approx(value)]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("#1EQ#0", True),
        ("#1EQ0", False),
        ("#1NE0", True),
        ("#1GE0", True),
        ("#1LT1", True),
        ("#2EQ#0", False),
        ("#2EQ0", True),
    ],
)
def test_vacant_is_not_zero_for_equality_alone(condition: str, holds: bool) -> None:
    assert ends(f"{HEAD}#2=0\nIF[{condition}]THEN #3=1.\nG0 X[#3]\nM30") == ([1.0] if holds else [])


def test_a_word_with_a_vacant_variable_is_as_if_it_were_not_there() -> None:
    step = moves(f"{HEAD}G0 X#1 Y1.\nM30")[1]
    assert step.end[:2] == (0.0, 1.0)


def test_what_only_the_control_knows_is_told_and_never_guessed() -> None:
    text = f"{HEAD}IF[#500 GT 1]GOTO 9\nG0 X#501\nN9 G0 Y1.\nM30"
    found = steps(text)
    assert [p.code for s in found for p in s.problems] == ["branch.unknown", "word.unknown"]
    assert moves(text)[1].end[0] != moves(text)[1].end[0]
    assert ends(text, 1, control=Known(variables={500: 2.0})) == [1.0]


def test_a_loop_on_something_unknown_is_read_once() -> None:
    assert ends(f"{HEAD}WHILE[#500 LT 3]DO1\nG0 X1.\nEND1\nG0 X2.\nM30") == [1.0, 2.0]


def test_an_alarm_of_the_program_ends_it() -> None:
    assert codes(f"{HEAD}#3000=7(TOOL BROKEN)\nG0 X1.\nM30") == ["macro.alarm"]


def test_modal_state_and_positions_can_be_read_back() -> None:
    text = f"{HEAD}G91 G1 X4. F100\n#1=#4003\nG90\nG#1 G0 X1.\nG90 G0 Y[#5001+#4109]\nM30"
    assert moves(text)[-1].end[:2] == (5.0, 105.0)


def test_positions_are_read_back_in_programmed_units() -> None:
    text = "O1\nG20 G90\nG0 X2. Y0 Z0\nG0 Y[#5001]\nM30"
    assert moves(text)[-1].end[1] == pytest.approx(50.8)


def test_parameter_blocks_are_no_moves() -> None:
    assert ends(f"{HEAD}G10 L50\nN1020 P1 R88\nX9.\nG11\nG0 X1.\nM30") == [1.0]


def test_one_of_several_programs_of_a_file_is_read_by_name() -> None:
    source = Source.of_text("%\nO1\nG0 X1.\nM30\nO2\nG0 X2.\nM30\n%")
    assert source.programs() == ["O0001", "O0002"]
    assert [step.end[0] for step in read(source, program="O0002") if step.kind] == [2.0]
    with pytest.raises(BadValue, match="O0001, O0002"):
        read(source, program="O0003")


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(BadValue, match="different letters"):
        Dialect(axes="XX")
    assert MILL.axes == "XYZ"
