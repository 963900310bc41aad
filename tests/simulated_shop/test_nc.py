import math

import pytest

from simulated_shop.kinds import KINDS
from simulated_shop.nc.arcs import chords
from simulated_shop.nc.blocks import BadProgram, read_block, read_program
from simulated_shop.nc.interpreter import Interpreter
from simulated_shop.nc.steps import Step, StepKind
from simulated_shop.nc.stock import BarStock, MillStock
from simulated_shop.nc.tools import STEEL, Tool

END_MILL = Tool(2, "end mill", 16, 8, 4, 3_600)
DRILL = Tool(4, "drill", 10, 10, 10, 3_600)
INSERT = Tool(1, "insert", 0, 1, 2, 3_600)


def run_mill(*lines: str) -> list[Step]:
    interpreter = Interpreter(kind=KINDS["mill"], tools={2: END_MILL, 4: DRILL}, material=STEEL, stock=MillStock())
    return list(interpreter.run(read_program("\n".join(("O1 (TEST)", *lines)))[1]))


def run_lathe(*lines: str) -> list[Step]:
    stock = BarStock(diameter_mm=40, length_mm=60)
    interpreter = Interpreter(kind=KINDS["lathe"], tools={1: INSERT}, material=STEEL, stock=stock)
    return list(interpreter.run(read_program("\n".join(("O2 (TEST)", *lines)))[1]))


def feeds(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.kind is StepKind.FEED]


def test_a_block_keeps_its_words_in_order_and_drops_comments() -> None:
    block = read_block("N10 G1 X-1.5 (TO THE CORNER) F200", line=3)
    assert block.words == (("N", 10.0), ("G", 1.0), ("X", -1.5), ("F", 200.0))


def test_something_that_is_no_word_is_refused_with_its_line() -> None:
    with pytest.raises(BadProgram, match=r"line 7: .*found '='"):
        read_block("N10 X1 =", line=7)


def test_a_program_without_its_number_is_refused() -> None:
    with pytest.raises(BadProgram, match="O number"):
        read_program("N10 G0 X1\nM30")


def test_a_program_that_never_ends_is_refused() -> None:
    with pytest.raises(BadProgram, match="M30"):
        run_mill("G0 X0 Y0")


def test_a_feed_move_takes_its_length_at_its_feed() -> None:
    move = feeds(run_mill("T2 M6", "S1000 M3", "G0 X0 Y0 Z5", "G1 X30 Y40 F600", "M30"))[-1]
    assert move.seconds == pytest.approx(5.0)


def test_a_feed_move_without_feed_is_refused_with_its_block() -> None:
    with pytest.raises(BadProgram, match=r"G1 X10.*F above 0"):
        run_mill("T2 M6", "S1000 M3", "G1 X10", "M30")


def test_cutting_power_grows_with_depth_up_to_what_the_tool_takes() -> None:
    def power(z: float) -> float:
        return feeds(run_mill("T2 M6", "S1000 M3", f"G0 X0 Y0 Z{z}", "G1 X50 F600", "M30"))[-1].power_w

    assert power(1.0) == 0.0
    assert power(-2.0) == pytest.approx(2 * power(-1.0))
    assert power(-40.0) == power(-4.0)
    assert power(-1.0) == pytest.approx(2_100 * 1 * 8 * 600 / 60_000)


def test_a_still_spindle_cuts_nothing() -> None:
    assert feeds(run_mill("T2 M6", "G0 X0 Y0 Z-2", "G1 X50 F600", "M30"))[-1].power_w == 0.0


def test_a_tool_change_goes_home_and_stops_the_spindle() -> None:
    steps = run_mill("T2 M6", "S1000 M3", "G0 Z5", "T4 M6", "M30")
    change = [step for step in steps if step.m_code == 6][-1]
    assert change.tool == 4
    assert change.end[2] == pytest.approx(356.2)
    assert change.rpm == 0.0


def test_a_tool_that_is_not_in_the_magazine_is_refused() -> None:
    with pytest.raises(BadProgram, match="T9 is not in"):
        run_mill("T9 M6", "M30")


def test_pecking_goes_deeper_each_time_and_out_in_between() -> None:
    steps = run_mill("T4 M6", "S900 M3", "G0 X0 Y0 Z10", "G83 X5 Y5 Z-14 R2 Q6 F100", "G80", "M30")
    assert [step.end[2] for step in feeds(steps)] == [-4.0, -10.0, -14.0]
    assert all(step.cuts for step in feeds(steps))


def test_constant_cutting_speed_turns_faster_at_a_smaller_diameter_up_to_the_limit() -> None:
    steps = run_lathe("G50 S2000", "T0101", "G96 S200 M3 G95", "G0 X40 Z1", "G1 Z-5 F0.2", "G0 X20", "G1 Z-9", "M30")
    first, second = feeds(steps)
    assert first.rpm == pytest.approx(1000 * 200 / (math.pi * 40))
    assert second.rpm == 2_000
    assert first.feed == pytest.approx(0.2 * first.rpm)


def test_turning_the_same_path_again_removes_nothing() -> None:
    lines = ("T0101", "G97 S800 M3 G95", "G0 X36 Z1", "G1 Z-20 F0.2", "G0 X40 Z1", "G0 X36", "G1 Z-20", "M30")
    first, second = feeds(run_lathe(*lines))
    assert first.power_w > 0.0
    assert second.power_w == 0.0


def test_chords_of_a_full_circle_keep_their_distance_from_the_centre() -> None:
    points = chords((10.0, 0.0), (10.0, 0.0), clockwise=False, centre=(0.0, 0.0), radius=None)
    assert len(points) == 24
    assert all(math.hypot(*point) == pytest.approx(10.0) for point in points)


@pytest.mark.parametrize(("clockwise", "expected"), [(True, (0.0, 5.0)), (False, (0.0, -5.0))])
def test_a_half_circle_by_radius_bends_to_the_side_it_says(clockwise: bool, expected: tuple[float, float]) -> None:
    points = chords((-5.0, 0.0), (5.0, 0.0), clockwise=clockwise, centre=None, radius=5.0)
    assert points[len(points) // 2 - 1] == pytest.approx(expected, abs=1e-6)


def test_an_arc_that_cannot_reach_is_refused() -> None:
    with pytest.raises(BadProgram, match="at least 5"):
        chords((-5.0, 0.0), (5.0, 0.0), clockwise=True, centre=None, radius=4.0)
