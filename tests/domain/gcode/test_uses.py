"""Time, reach and tool list, by figures worked out by hand."""

import math

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import LATHE, MILL
from cnc.domain.gcode.limits import limits
from cnc.domain.gcode.time_estimate import Estimate, Rates, estimate, trapezoid_s
from cnc.domain.gcode.tools import tools
from tests.domain.gcode.reading import steps

HEAD = "O1\nG21 G90 G17 G94\nG0 X0 Y0 Z0\n"
#: 6,000 mm/min = 100 mm/s, reached in 0.1 s over 5 mm.
RATES = Rates(other_rapid=6_000.0, other_acceleration=1_000.0, feed_limit=60_000.0, tool_change_s=5.0)


def time_of(block: str) -> Estimate:
    return estimate(steps(f"{HEAD}{block}\nM30"), dialect=MILL, rates=RATES)


@pytest.mark.parametrize(
    ("distance", "speed", "enter", "leave", "seconds"),
    [
        (100.0, 100.0, 0.0, 0.0, 1.1),
        (100.0, 100.0, 100.0, 100.0, 1.0),
        (2.5, 100.0, 0.0, 0.0, 0.1),
        (5.0, 100.0, 0.0, 100.0, 0.1),
        (1.0, 100.0, 100.0, 0.0, 2 / (100 + math.sqrt(8000))),
        (0.0, 100.0, 0.0, 0.0, 0.0),
    ],
)
def test_a_trapezoid_takes_its_ramps(distance: float, speed: float, enter: float, leave: float, seconds: float) -> None:
    assert trapezoid_s(distance, speed, 1_000.0, enter, leave) == pytest.approx(seconds)


def test_a_cut_takes_distance_over_feed_and_its_ramps() -> None:
    assert time_of("G1 X100. F6000").total_s == pytest.approx(1.1)


def test_a_straight_line_in_pieces_takes_no_longer_and_a_corner_does() -> None:
    whole = time_of("G1 X100. F6000").total_s
    assert time_of("G1 X50. F6000\nX100.").total_s == pytest.approx(whole)
    assert time_of("G1 X50. F6000\nY50.").total_s == pytest.approx(whole + 0.1)


def test_a_tangent_arc_is_run_through() -> None:
    length = 50 + 10 * math.pi / 2
    assert time_of("G1 X50. F6000\nG3 X60. Y10. J10.").total_s == pytest.approx(length / 100 + 0.1)


def test_a_rapid_takes_its_slowest_axis() -> None:
    rates = Rates(rapid={"Z": 3_000.0}, other_rapid=6_000.0, other_acceleration=1_000.0)
    found = estimate(steps(f"{HEAD}G0 X50. Z50.\nM30"), dialect=MILL, rates=rates)
    assert found.total_s == pytest.approx(50 / 50 + 0.05)


def test_dwells_tool_changes_and_stops_are_counted_by_tool() -> None:
    found = time_of("T1 M6\nG4 P2000\nM0\nT2 M6\nG4 X1.\nM1")
    assert [(t.tool, t.dwell_s, t.change_s) for t in found.tools] == [(1, 2.0, 5.0), (2, 1.0, 5.0)]
    assert (found.total_s, found.stops) == (13.0, 2)


def test_feed_per_revolution_and_inverse_time() -> None:
    assert time_of("G95 S600 M3\nG1 X20. F.1").tools[0].cutting_s == pytest.approx(20.0, abs=0.01)
    assert time_of("G93\nG1 X20. F2.").tools[0].cutting_s == pytest.approx(30.0, abs=0.02)


def test_constant_surface_speed_turns_faster_inwards_up_to_its_limit() -> None:
    text = "O1\nG50 S1000\nG99 G96 S314.15926 M3\nG0 X100. Z0\nG1 Z-10. F.1\nG0 X10. Z0\nG1 Z-10.\nM30"
    found = estimate(steps(text, dialect=LATHE), dialect=LATHE, rates=RATES)
    assert found.tools[0].cutting_s == pytest.approx(6.0 + 6.0, abs=0.02)
    slower = estimate(steps(text.replace("S1000", "S500"), dialect=LATHE), dialect=LATHE, rates=RATES)
    assert slower.tools[0].cutting_s == pytest.approx(24.0, abs=0.05)


def test_what_is_not_known_is_left_out_and_said() -> None:
    found = time_of("G1 X#500 F100\nX5.\nG41 D1 X6.\nM60")
    assert found.unknown_moves == 3  # the first approach, the move to the unknown place, and the one away from it
    said = " | ".join(found.error_sources)
    for word in ("3 moves", "cutter compensation", "other M codes", "100 %"):
        assert word in said


def test_rates_must_be_possible() -> None:
    with pytest.raises(BadValue, match="above 0"):
        Rates(rapid={"X": 0.0})


SHOP = Known(offsets={"G54": {"X": -300.0, "Y": -200.0, "Z": -400.0}}, lengths={1: 100.0})
TRAVEL = {"X": (-500.0, 0.0), "Y": (-300.0, 0.0), "Z": (-350.0, 0.0)}


def test_the_box_takes_in_the_bulge_of_an_arc() -> None:
    found = limits(steps(f"{HEAD}G3 X0 Y20. R10. F1\nM30"), dialect=MILL, control=SHOP)
    box = found.boxes["G54"]
    assert (box.low["X"], box.high["X"], box.high["Y"]) == (0.0, 10.0, 20.0)
    assert box.cut_high["X"] == 10.0


def test_boxes_are_apart_by_work_system() -> None:
    found = limits(steps(f"{HEAD}G1 X5. F1\nG55 G0 X7.\nM30"), dialect=MILL, control=Known())
    assert (found.boxes["G54"].high["X"], found.boxes["G55"].high["X"]) == (5.0, 7.0)
    assert found.boxes["G55"].cut_high == {}


def test_leaving_the_travel_is_told_with_the_place_on_the_machine() -> None:
    text = "O1\nG21 G90\nG43 H1 G0 X310. Y0 Z10.\nZ-60.\nM30"
    found = limits(steps(text, control=SHOP), dialect=MILL, control=SHOP, travel=TRAVEL)
    assert [(o.line, o.axis, o.at, o.limit) for o in found.outside] == [(3, "X", 10.0, 0.0), (4, "Z", -360.0, -350.0)]
    assert found.unknown == ()


def test_travel_without_a_known_zero_is_said_to_be_unknown() -> None:
    found = limits(steps(f"{HEAD}M30"), dialect=MILL, control=Known(), travel=TRAVEL)
    assert found.outside == ()
    assert set(found.unknown) == {("G54", "X"), ("G54", "Y"), ("G54", "Z")}


def test_a_machine_move_is_judged_by_its_own_coordinates() -> None:
    found = limits(steps(f"{HEAD}G53 Z5.\nM30"), dialect=MILL, control=Known(), travel=TRAVEL)
    assert [(o.axis, o.at) for o in found.outside] == [("Z", 5.0)]


def test_tools_come_in_order_of_use_with_depth_feeds_and_speeds() -> None:
    text = (
        f"{HEAD}T1 M6\nS1000 M3\nG43 H1 Z5. M8\nG1 Z-3. F100\nX10. F250\nZ-2.\nT2 M6\nG43 H2 Z5.\nS3000\nG1 Z-1. F50\n"
        "T1 M6\nG43 H1 Z5.\nG1 G41 D11 Z-9.\nM30"
    )
    used = tools(steps(text), dialect=MILL)
    assert [use.tool for use in used] == [1, 2, 1]
    first = used[0]
    assert (first.length_offset, first.lowest_z_mm, first.feeds, first.speeds) == (1, -3.0, (100, 250), (1000, 1000))
    assert (first.cutting_mm, first.cuts, first.works, first.coolant) == (19.0, 3, ("G54",), True)
    assert (used[2].radius_offset, used[2].lowest_z_mm) == (11, -9.0)
