"""Moves, arcs and coordinates, by figures worked out by hand."""

import math

import pytest

from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import LATHE_C_AXIS, MILL, MILL_5_AXIS, Dialect
from cnc.domain.gcode.facts import Kind, Step
from tests.domain.gcode.reading import codes, moves, path

HEAD = "O1\nG21 G90 G17 G94\nG0 X0 Y0 Z0\n"
SHOP = Known(
    offsets={"G54": {"X": -300.0, "Y": -200.0, "Z": -400.0}, "G55": {"X": -100.0, "Y": -200.0, "Z": -400.0}},
    references={1: {"X": 0.0, "Y": 0.0, "Z": 0.0}},
    lengths={1: 100.0, 2: 150.0},
)


def after(block: str, dialect: Dialect = MILL, control: Known | None = None) -> list[Step]:
    return moves(f"{HEAD}{block}\nM30", dialect=dialect, control=control)[1:]


def test_increments_add_up_and_absolutes_do_not() -> None:
    assert path(f"{HEAD}G91 G1 X1. F100\nX1. Y2.\nG90 X5.\nM30")[1:] == [
        ("LINE", (1.0, 0.0, 0.0)),
        ("LINE", (2.0, 2.0, 0.0)),
        ("LINE", (5.0, 2.0, 0.0)),
    ]


@pytest.mark.parametrize(
    ("block", "center", "sweep"),
    [
        ("G3 X0 Y20. J10. F1", (0.0, 10.0), math.pi),
        ("G2 X0 Y20. J10. F1", (0.0, 10.0), -math.pi),
        ("G3 X10. Y10. R10. F1", (0.0, 10.0), math.pi / 2),
        ("G3 X10. Y10. R-10. F1", (10.0, 0.0), 1.5 * math.pi),
        ("G2 X10. Y10. R10. F1", (10.0, 0.0), -math.pi / 2),
        ("G2 X10. Y10. R-10. F1", (0.0, 10.0), -1.5 * math.pi),
        ("G2 I5. F1", (5.0, 0.0), -math.tau),
        ("G3 X0 Y0 Z-3. I5. F1", (5.0, 0.0), math.tau),
    ],
)
def test_an_arc_has_centre_and_sweep(block: str, center: tuple[float, float], sweep: float) -> None:
    (step,) = after(block)
    assert step.kind == Kind.ARC
    assert step.arc is not None
    assert step.arc.center == pytest.approx(center)
    assert step.arc.sweep == pytest.approx(sweep)


@pytest.mark.parametrize("block", ["G18 G3 X10. Z10. I10. F1", "G19 G3 Y10. Z10. K10. F1"])
def test_counter_clockwise_is_from_z_to_x_in_g18_and_from_y_to_z_in_g19(block: str) -> None:
    (step,) = after(block)
    assert step.arc is not None
    assert step.arc.sweep == pytest.approx(math.pi / 2)


def test_unequal_radii_are_told() -> None:
    assert codes(f"{HEAD}G2 X10. Y0 I4. F1\nM30") == ["arc.radius"]


def test_what_is_not_known_stays_unknown_and_no_further() -> None:
    first = moves("O1\nG90 G0 X1.\nY2.\nM30")
    assert [math.isnan(v) for v in first[0].start] == [True, True, True]
    assert first[1].start[0] == 1.0
    assert math.isnan(first[1].end[2])


def test_another_work_system_moves_the_coordinates_when_both_zeros_are_known() -> None:
    assert after("G55 G0 Z5.", control=SHOP)[0].start[0] == pytest.approx(-200.0)
    assert math.isnan(after("G55 G0 Z5.")[0].start[0])


def test_the_same_work_system_again_moves_nothing() -> None:
    assert after("G54 G0 Z5.")[0].start == (0.0, 0.0, 0.0)


def test_a_machine_move_and_a_reference_return_end_in_machine_coordinates() -> None:
    step = after("G53 X-10. Z-5.", control=SHOP)[0]
    assert step.machine is not None
    assert (step.machine[0], step.machine[2]) == (-10.0, -5.0)
    assert step.start == (0.0, 0.0, 0.0)
    assert step.end[0] == pytest.approx(290.0)
    home = after("G91 G28 Z0", control=SHOP)[0]
    assert home.end == pytest.approx((0.0, 0.0, 400.0))
    assert math.isnan(after("G91 G28 Z0")[0].end[2])


def test_a_return_goes_by_its_intermediate_point() -> None:
    assert [s.end[2] for s in after("G28 Z50.", control=SHOP)] == pytest.approx([50.0, 400.0])


def test_tool_lengths_move_the_tip_when_known_and_hide_it_when_not() -> None:
    text = "G43 H1\nG0 X1.\nG43 H2\nG0 X2."
    assert [s.start[2] for s in after(text, control=SHOP)] == pytest.approx([-100.0, -150.0])
    assert math.isnan(after(text)[0].start[2])
    assert after(text)[0].start[0] == 0.0


def test_local_zero_and_position_setting_shift_what_follows() -> None:
    assert after("G52 X100. Y50.\nG0 X1. Y1.\nG52 X0 Y0\nX1. Y1.")[-2].end[:2] == (101.0, 51.0)
    assert after("G0 X10.\nG92 X0\nG0 X5.")[-1].end[0] == 15.0


def test_position_setting_from_nowhere_is_told_and_read_on() -> None:
    text = "O1\nG90\nG92 X0 Y0 Z0\nG0 X5.\nM30"
    assert "position.unknown" in codes(text)
    assert moves(text)[0].start == (0.0, 0.0, 0.0)


def test_rotation_turns_targets_and_arcs() -> None:
    turned = after("G68 X0 Y0 R90.\nG1 X10. Y0 F1\nG3 X20. Y10. R10.\nG69")
    assert turned[0].end == pytest.approx((0.0, 10.0, 0.0))
    assert turned[1].end == pytest.approx((-10.0, 20.0, 0.0))
    assert turned[1].arc is not None
    assert turned[1].arc.center == pytest.approx((-10.0, 10.0))
    assert turned[1].arc.sweep == pytest.approx(math.pi / 2)


def test_scale_and_mirror_change_arcs_with_them() -> None:
    scaled = after("G51 X0 Y0 Z0 P2000\nG3 X10. Y10. R10. F1\nG50")
    assert scaled[0].arc is not None
    assert scaled[0].arc.radius == pytest.approx(20.0)
    mirrored = after("G51.1 X0\nG3 X10. Y10. R10. F1\nG50.1 X0")
    assert mirrored[0].end == pytest.approx((-10.0, 10.0, 0.0))
    assert mirrored[0].arc is not None
    assert mirrored[0].arc.sweep == pytest.approx(-math.pi / 2)


def test_an_arc_under_unequal_scale_is_drawn_by_chords_to_its_right_end() -> None:
    ellipse = after("G51 X0 Y0 Z0 I2. J1. K1.\nG3 X10. Y10. R10. F1")
    assert len(ellipse) > 20
    assert {s.kind for s in ellipse} == {Kind.LINE}
    assert ellipse[-1].end == pytest.approx((20.0, 10.0, 0.0))
    middle = ellipse[len(ellipse) // 2 - 1].end
    assert (middle[0] / 2) ** 2 + (middle[1] - 10) ** 2 == pytest.approx(100.0)


def test_a_tilted_plane_maps_to_work_coordinates() -> None:
    (step,) = after("G68.2 X10. Y0 Z5. I0 J90. K0\nG1 X1. Y2. Z3. F1")[-1:]
    assert step.end == pytest.approx((11.0, -3.0, 7.0))


def test_polar_coordinates_are_radius_and_angle() -> None:
    assert after("G16 G0 X10. Y30.\nY90.\nG15")[-2].end[:2] == pytest.approx((10 * math.cos(math.pi / 6), 5.0))
    assert after("G16 G0 X10. Y30.\nY90.\nG15")[-1].end[:2] == pytest.approx((0.0, 10.0))


def test_a_face_turned_by_polar_interpolation_has_arcs_in_x_and_c() -> None:
    text = "O1\nG21 G40 G98\nG0 X40. C0 Z5.\nG12.1\nG1 X20. F100\nG3 X0 C10. R10.\nG13.1\nM30"
    step = moves(text, dialect=LATHE_C_AXIS)[2]
    assert step.arc is not None
    assert (step.arc.axes, step.arc.center) == ((0, 2), pytest.approx((0.0, 0.0)))


def test_a_probe_ends_where_only_the_control_knows() -> None:
    assert after("G31 Z-10. F50")[0].kind == Kind.PROBE
    assert codes(f"{HEAD}G31 Z-10. F50\nM30") == ["probe.end"]


@pytest.mark.parametrize(("block", "seconds"), [("G4 X1.5", 1.5), ("G4 P500", 0.5), ("G4 X1500", 1.5), ("G4 U2.", 2.0)])
def test_dwell_times(block: str, seconds: float) -> None:
    assert after(block)[0].dwell_s == seconds


def test_five_axes_move_together_in_millimetres_and_degrees() -> None:
    step = moves("O1\nG20 G90\nG1 X1. A10. C-20. F10.\nM30", dialect=MILL_5_AXIS)[0]
    assert (step.end[0], step.end[3], step.end[4]) == (25.4, 10.0, -20.0)


def test_after_a_tool_change_the_height_of_the_tip_is_unknown() -> None:
    step = after("G0 Z100.\nT1 M6\nG0 X1.")[-1]
    assert (step.start[0], math.isnan(step.start[2])) == (0.0, True)


def test_tools_spindle_and_coolant_are_part_of_the_state() -> None:
    step = after("T5\nT7 M6\nT8\nG96 S150 M3\nM8\nG43 H7 G0 Z5.")[-1].modal
    assert (step.tool, step.next_tool, step.speed, step.constant_surface) == (7, 8, 150.0, True)
    assert (step.spindle, step.coolant, step.length, step.h) == ("M3", "flood", "G43", 7)


def test_an_offset_written_by_the_program_is_followed() -> None:
    text = "G10 L2 P1 X-290.\nG0 Y1."
    assert after(text, control=SHOP)[0].start[0] == pytest.approx(-10.0)


@pytest.mark.parametrize("block", ["G22 X9. Y9. Z9. I1. J1. K1.", "G5.1 Q1 X9.", "G10 L2 P2 X9."])
def test_axis_words_of_settings_are_no_moves(block: str) -> None:
    assert after(f"{block}\nG0 Y1.")[-1].start == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("block", ["G123 X9.", "G65 P9810 X9."])
def test_after_a_code_or_program_that_is_not_known_the_axes_may_be_anywhere(block: str) -> None:
    step = after(f"{block}\nG0 Z1.")[-1]
    assert math.isnan(step.start[0])


def test_a_turn_to_the_tilted_plane_goes_where_the_kinematics_want() -> None:
    step = moves("O1\nG90 G0 X0 Y0 Z0 A0 C0\nG68.2 X0 Y0 Z0 I0 J30. K0\nG53.1\nG1 X1. F1\nM30", dialect=MILL_5_AXIS)[-1]
    assert math.isnan(step.start[3])
    assert step.start[:3] == (0.0, 0.0, 0.0)


def test_an_axis_that_the_machine_is_not_known_to_have_is_told() -> None:
    assert codes(f"{HEAD}G0 X1. A90.\nM30") == ["axis.unknown"]
    assert codes(f"{HEAD}G0 X1. A90.\nM30", dialect=MILL_5_AXIS) == []


def test_a_curve_that_is_not_known_is_told_and_drawn_as_its_chord() -> None:
    assert codes(f"{HEAD}G2.2 X1. Y1. I1. J1. R2. F1\nM30") == ["motion.curve"]
