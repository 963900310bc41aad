"""The static check: every rule once, a clean program without a word, and what is unknown said as such."""

import pytest

from cnc.domain.gcode.check import Policy, Report, check
from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import LATHE
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.source import Source

GOOD = """%
O1234 (PLATE)
G21 G90 G17 G40 G49 G80
T1 M6
G54 G0 X0 Y0 S2000 M3
G43 H1 Z50. M8
Z2.
G1 Z-1. F300
X10.
G0 Z50. M9
M5
G91 G28 Z0
G90
M30
%
"""


def judged(text: str, **options: object) -> Report:
    return check(Source.of_text(text), **options)  # type: ignore[arg-type]


def told(text: str, **options: object) -> list[str]:
    return [problem.code for problem in judged(text, **options).findings]


def test_a_good_program_is_clean_and_described() -> None:
    report = judged(GOOD, policy=Policy(program="O1234", clearance_mm=1.0))
    assert report.findings == ()
    assert report.clean
    assert (report.program, report.size, [use.tool for use in report.tools]) == ("O1234", len(GOOD), [1])
    assert report.time.total_s > 6
    assert report.reach.boxes["G54"].cut_low["Z"] == -1.0


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("M30\n", "", "program.no_end"),
        (" F300", "", "feed.missing"),
        ("S2000 M3", "S2000", "spindle.off"),
        ("S2000 M3", "M3", "spindle.off"),
        ("G43 H1 Z50.", "Z50.", "length.missing"),
        ("G43 H1", "G43 H2", "length.other_tool"),
        ("Z2.\n", "Z-.5\nG0 X3.\n", "rapid.low"),
        ("(PLATE)", "(PLATE", "comment.unbalanced"),
        ("(PLATE)", "(PLÄTTE)", "file.character"),
        ("M9", "M88", "code.machine"),
        ("M5\n", "G10 L2 P1 X5.\n", "code.data_setting"),
        ("M5\n", "#3003=1\n", "code.system_variable"),
        ("G21 ", "", "units.unstated"),
        ("G1 Z-1.", "G1 G41 Z-1.", "cutter.no_offset"),
        ("X10.\n", "G41 D1 X10.\n", "end.left_on"),
        ("G90\nM30", "M30", "end.left_on"),
        ("O1234", "O1235", "program.name"),
        ("S2000", "S20000", "spindle.fast"),
        ("F300", "F9000", "feed.high"),
        ("X10.\n", "X10.\nG1 X#500\n", "travel.unknown"),
        ("X10.\n", "X900.\n", "travel.outside"),
        ("G1 Z-1. F300", "G95 G1 Z-1. F.1\nG93 X1.", "feed.inverse_time"),
        ("Z2.\n", "G81 X1. Z-1. R1. F9.\nG80\nG93\nG94\nG41\nM6\n", "tool.compensated"),
    ],
)
def test_each_rule_finds_its_fault(was: str, becomes: str, code: str) -> None:
    assert was in GOOD
    policy = Policy(
        program="O1234", clearance_mm=1.0, highest_speed=12_000, highest_feed_mm_min=5_000,
        travel={"X": (-500.0, 0.0)} if code.startswith("travel") else {},
    )  # fmt: skip
    control = Known(offsets={"G54": {"X": -300.0}})
    assert code in told(GOOD.replace(was, becomes, 1), policy=policy, control=control)


def test_a_feed_or_speed_that_is_unknown_is_no_error() -> None:
    assert told(GOOD.replace("F300", "F#500")) == ["word.unknown"]
    assert told(GOOD.replace("S2000", "S#500")) == ["word.unknown"]


def test_a_report_holds_no_number_that_is_unknown() -> None:
    report = judged(GOOD.replace("F300", "F#500").replace("S2000", "S#501").replace("M5\n", "G4 P#502\nG1 X#503\n"))
    assert "nan" not in str((report.tools, report.time, report.reach))
    assert report.time.unknown_moves >= 3


def test_an_error_behind_many_remarks_is_kept() -> None:
    remarks = "".join(f"M{code}\n" for code in range(100, 120)) + "G0 X1. ~\ng0 x1.\n" * 20
    report = judged(GOOD.replace("X10.\n", f"{remarks}G2 X5. R.1\n"), policy=Policy(most_findings=10))
    assert "arc.radius" in [problem.code for problem in report.findings]


def test_size_and_line_length_have_a_limit() -> None:
    assert told(GOOD, policy=Policy(most_bytes=100)) == ["file.size"]
    assert "line.too_long" in told(GOOD.replace("(PLATE)", f"({'A' * 5_000})"))


def test_a_lathe_with_constant_surface_speed_needs_a_highest_speed() -> None:
    text = "O1\nG21 G40 G99\nT0101\nG96 S200 M3\nG0 X50. Z1.\nG1 Z-5. F.2\nM5\nM30"
    assert told(text, dialect=LATHE) == ["spindle.no_limit"]
    assert told(text.replace("T0101", "G50 S3000\nT0101"), dialect=LATHE) == []


def test_errors_make_a_program_unclean_and_the_rest_do_not() -> None:
    assert not judged(GOOD.replace(" F300", "")).clean
    report = judged(GOOD.replace("M9", "M88"))
    assert report.clean
    assert report.counts == {Severity.NOTE: 1}


def test_many_findings_are_counted_and_few_are_kept() -> None:
    report = judged(GOOD.replace("X10.\n", "G1 X\n" * 1_000))
    assert report.counts[Severity.ERROR] == 1_000
    assert len(report.findings) == 20
