"""Canned cycles of mills and lathes as the moves they stand for."""

import pytest

from cnc.domain.gcode.dialect import LATHE, Dialect
from cnc.domain.gcode.facts import Kind
from tests.domain.gcode.reading import codes, moves, path

HEAD = "O1\nG21 G90 G17 G94\nG0 X0 Y0 Z50. F100\nS1000 M3\n"
TURN = "O1\nG21 G40 G99\nG0 X60. Z5.\n"
LATHE_B = Dialect(kind="lathe", system="B", axes="XZ")
LATHE_C = Dialect(kind="lathe", system="C", axes="XZ")


def z(block: str) -> list[tuple[str, float]]:
    return [(kind, end[2]) for kind, end in path(f"{HEAD}{block}\nM30")[1:]]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("G99 G81 X1. Z-5. R2.", [("RAPID", 50), ("RAPID", 2), ("LINE", -5), ("RAPID", 2)]),
        ("G98 G81 X1. Z-5. R2.", [("RAPID", 50), ("RAPID", 2), ("LINE", -5), ("RAPID", 50)]),
        ("G99 G82 Z-5. R2. P500", [("RAPID", 2), ("LINE", -5), ("DWELL", -5), ("RAPID", 2)]),
        ("G99 G85 Z-5. R2.", [("RAPID", 2), ("LINE", -5), ("LINE", 2)]),
        ("G98 G89 Z-5. R2.", [("RAPID", 2), ("LINE", -5), ("LINE", 2), ("RAPID", 50)]),
        ("G99 G84 Z-5. R2.", [("RAPID", 2), ("THREAD", -5), ("THREAD", 2)]),
        ("G99 G73 Z-4. R0 Q2.", [("RAPID", 0), ("LINE", -2), ("RAPID", -1.5), ("LINE", -4), ("RAPID", 0)]),
        (
            "G99 G83 Z-4. R0 Q2.",
            [("RAPID", 0), ("LINE", -2), ("RAPID", 0), ("RAPID", -1.5), ("LINE", -4), ("RAPID", 0)],
        ),
        ("G99 G76 Z-4. R0 Q1.", [("RAPID", 0), ("LINE", -4), ("RAPID", -4), ("RAPID", 0), ("RAPID", 0)]),
        (
            "G87 Z2. R-4. Q1.",
            [("RAPID", 50), ("RAPID", -4), ("LINE", -4), ("LINE", 2), ("RAPID", 2)] + [("RAPID", 50)] * 2,
        ),
    ],
)
def test_a_hole_of_every_kind(block: str, expected: list[tuple[str, float]]) -> None:
    assert z(block) == expected


def test_a_cycle_holds_until_it_is_cancelled() -> None:
    holes = path(f"{HEAD}G99 G81 X1. Z-5. R2.\nX2.\nM8\nY3. Z-6.\nG80 X9.\nX10.\nM30")[1:]
    assert [end for kind, end in holes if kind == "LINE"] == [(1, 0, -5), (2, 0, -5), (2, 3, -6)]
    assert holes[-1] == ("RAPID", (10.0, 3.0, 2.0))


def test_repeats_walk_on_by_increments() -> None:
    holes = path(f"{HEAD}G91 G99 G81 X10. Z-5. R-48. K3\nM30")[1:]
    assert [end for kind, end in holes if kind == "LINE"] == [(10, 0, -3), (20, 0, -3), (30, 0, -3)]


def test_no_repeat_stores_and_drills_nothing() -> None:
    assert path(f"{HEAD}G99 G81 X1. Z-5. R2. K0\nM30")[1:] == []


def test_a_ring_of_holes_in_polar_coordinates() -> None:
    holes = path(f"{HEAD}G16 G99 G81 X10. Y0 Z-1. R1.\nY90.\nG15 G80\nM30")[1:]
    assert [end for kind, end in holes if kind == "LINE"] == [(10, 0, -1), (0, 10, -1)]


def test_another_plane_drills_along_another_axis() -> None:
    holes = path(f"{HEAD}G18 G99 G81 X1. Z2. Y-5. R2.\nM30")[1:]
    assert [end for kind, end in holes if kind == "LINE"] == [(1, -5, 2)]


def test_a_cycle_without_depth_or_peck_is_told() -> None:
    assert codes(f"{HEAD}G81 X1. R1.\nM30") == ["cycle.depth"]
    assert codes(f"{HEAD}G83 X1. Z-1. R1.\nM30") == ["cycle.peck"]


@pytest.mark.parametrize(
    ("dialect", "code", "feed"), [(LATHE, "G90", "G99"), (LATHE_B, "G77", "G95"), (LATHE_C, "G20", "G95")]
)
def test_a_turning_cycle_goes_round_its_rectangle_in_every_code_system(dialect: Dialect, code: str, feed: str) -> None:
    text = f"O1\n{feed}\nG0 X60. Z5.\n{code} X50. Z-30. F.2\nX40.\nM30"
    assert path(text, dialect=dialect)[1:] == [
        ("RAPID", (25.0, 5.0)), ("LINE", (25.0, -30.0)), ("LINE", (30.0, -30.0)), ("RAPID", (30.0, 5.0)),
        ("RAPID", (20.0, 5.0)), ("LINE", (20.0, -30.0)), ("LINE", (30.0, -30.0)), ("RAPID", (30.0, 5.0)),
    ]  # fmt: skip


def test_threading_binds_the_feed_to_the_spindle() -> None:
    found = moves(f"{TURN}G92 X58. Z-20. F1.5\nG32 Z-30. F2.\nM30", dialect=LATHE)
    threads = [step for step in found if step.kind == Kind.THREAD]
    assert [(t.end, t.modal.feed) for t in threads] == [((29.0, -20.0), 1.5), ((30.0, -30.0), 2.0)]


def test_roughing_cuts_to_the_allowance_and_goes_on_after_the_contour() -> None:
    text = f"{TURN}G71 U5. R1.\nG71 P10 Q20 U1. W.1 F.3\nN10 G0 X40.\nG1 Z-20. F.1\nN20 X60.\nG0 X70.\nM30"
    found = moves(text, dialect=LATHE)
    cuts = [step for step in found if step.kind == Kind.LINE]
    assert [round(c.end[0], 3) for c in cuts if c.start[0] == c.end[0]] == [25.0, 20.5, 20.5]
    assert {round(c.end[1], 3) for c in cuts if c.start[0] == c.end[0]} == {-19.9}
    assert min(c.end[0] for c in cuts) == pytest.approx(20.5)
    assert found[-1].end == (35.0, 5.0)
    assert found[-2].end == (30.0, 5.0)


def test_finishing_runs_the_contour_with_its_own_feeds_and_returns() -> None:
    text = f"{TURN}GOTO 30\nN10 G0 X40.\nG1 Z-20. F.1\nG2 X50. Z-25. R5. F.08\nN20 X60.\nN30 G70 P10 Q20\nM30"
    found = moves(text, dialect=LATHE)
    assert [s.kind.name for s in found[1:]] == ["RAPID", "LINE", "ARC", "LINE", "RAPID"]
    assert (found[2].modal.feed, found[3].modal.feed) == (0.1, 0.08)
    assert found[-1].end == (30.0, 5.0)


def test_a_pattern_is_repeated_from_the_stock_inwards() -> None:
    text = f"{TURN}G73 U4. W0 R3\nG73 P10 Q20 U0 W0 F.3\nN10 G0 X40. Z2.\nG1 Z-20.\nN20 X60.\nM30"
    starts = [s.end[0] for s in moves(text, dialect=LATHE)[1:] if s.kind == Kind.RAPID and s.end[1] == 2.0]
    assert starts == pytest.approx([24.0, 22.0, 20.0])


def test_a_thread_cycle_takes_cuts_of_shrinking_depth() -> None:
    text = f"{TURN}G0 X20. Z5.\nG76 P020060 Q100 R.05\nG76 X17.6 Z-20. P1200 Q600 F1.5\nM30"
    bottoms = [round(s.end[0], 4) for s in moves(text, dialect=LATHE) if s.kind == Kind.THREAD]
    # Height 1.2 above the root at radius 8.8; first cut 0.6, then 0.6 * sqrt(n), the last 0.05 in two finishing passes.
    assert bottoms == [9.4, 9.1515, 8.9608, 8.85, 8.8, 8.8]


def test_face_pecks_and_grooves() -> None:
    drilled = moves(f"{TURN}G0 X0 Z5.\nG74 R1.\nG74 Z-10. Q10000 F.1\nM30", dialect=LATHE)
    assert [round(s.end[1], 3) for s in drilled if s.kind == Kind.LINE] == [-5.0, -10.0]
    grooves = moves(f"{TURN}G0 X52. Z-5.\nG75 R.5\nG75 X40. Z-9. P3000 Q2000\nM30", dialect=LATHE)
    assert [(s.end[0], s.end[1]) for s in grooves if s.kind == Kind.LINE] == [
        (23.0, -5.0), (20.0, -5.0), (23.0, -7.0), (20.0, -7.0), (23.0, -9.0), (20.0, -9.0),
    ]  # fmt: skip


def test_increments_of_system_a_are_letters_and_diameters_are_halved() -> None:
    assert path(f"{TURN}G1 U-10. W-2. F.1\nM30", dialect=LATHE)[1] == ("LINE", (25.0, 3.0))


def test_a_lathe_takes_a_tool_with_its_offset_at_once() -> None:
    step = moves("O1\nT0203\nG0 X1. Z1.\nM30", dialect=LATHE)[0]
    assert (step.modal.tool, step.modal.h) == (2, 3)


@pytest.mark.parametrize(("dialect", "block"), [(LATHE, "G50 S2500"), (LATHE_B, "G92 S2500")])
def test_the_highest_speed_is_no_speed(dialect: Dialect, block: str) -> None:
    modal = moves(f"O1\n{block}\nG96 S200 M3\nG0 X1.\nM30", dialect=dialect)[0].modal
    assert (modal.speed_limit, modal.speed, modal.constant_surface) == (2500.0, 200.0, True)


def test_a_contour_that_is_not_there_is_told() -> None:
    assert codes(f"{TURN}G71 U2. R1.\nG71 P10 Q20 U1. W.1\nM30", dialect=LATHE) == ["jump.missing"]
    assert codes(f"{TURN}G71 U2. R1.\nG71 P10 Q20 U1. W.1\nN10 G0 X9.\nM30", dialect=LATHE) == ["contour.end"]
