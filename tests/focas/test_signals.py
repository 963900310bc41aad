"""Units, overrides and keys: what stands between a control's numbers and a signal."""

import pytest

from greengrass_components.focas.driver.machine import DEGREE, INCH, MILLIMETRE, AxisFacts, Machine, _keys
from greengrass_components.focas.driver.overrides import FIRST, LAST, Overrides, decode_overrides
from greengrass_components.focas.driver.sample import Sample
from greengrass_components.focas.driver.signals import Description, descriptions
from greengrass_components.focas.protocol.functions.program import ProgramName
from greengrass_components.focas.protocol.session import MODERN
from greengrass_components.focas.protocol.values import Value


def machine(*axes: AxisFacts, path: int = 1) -> Machine:
    return Machine(MODERN, "31", axes, ("s1",), (), path)


def described(of: Machine, key: str) -> Description:
    return next(description for description in descriptions(of) if description.signal.key == key)


def cells(*, feed: int = 155, rapid: int = 100, spindle: int = 100) -> list[int]:
    found = [0] * (LAST - FIRST + 1)
    found[0], found[14 - FIRST], found[-1] = feed, rapid, spindle
    return found


@pytest.mark.parametrize(("byte", "percent"), [(155, 100), (254, 1), (55, 200), (255, 0), (0, 0)])
def test_the_feed_override_is_inverted_and_all_on_or_all_off_is_none(byte: int, percent: float) -> None:
    assert decode_overrides(cells(feed=byte)).feed == percent


@pytest.mark.parametrize(("byte", "percent"), [(100, 100), (50, 50), (25, 25), (0, 100), (1, 50), (2, 25), (3, None)])
def test_the_rapid_override_is_a_percentage_or_a_code(byte: int, percent: float | None) -> None:
    assert decode_overrides(cells(rapid=byte)).rapid == percent


def test_the_spindle_override_is_a_percentage() -> None:
    assert decode_overrides(cells(spindle=120)) == Overrides(100, 100, 120)


def test_an_inch_control_is_converted_and_its_native_unit_kept() -> None:
    inch = machine(AxisFacts("X", "x", INCH))
    position, feed = described(inch, "x.position.actual"), described(inch, "path1.path_feedrate.actual")
    assert position.value([2.0]) == pytest.approx(50.8)
    assert (position.signal.unit, position.signal.native_unit) == ("MILLIMETER", "inch")
    assert feed.value(Value(60)) == pytest.approx(25.4)
    assert (feed.signal.unit, feed.signal.native_unit) == ("MILLIMETER/SECOND", "inch/min")


def test_one_step_of_the_feed_is_what_the_control_shows() -> None:
    feed = described(machine(AxisFacts("X", "x", MILLIMETRE)), "path1.path_feedrate.actual").signal
    assert [feed.value(feed.scaled(mm_min / 60)) for mm_min in (1500, 1)] == [25.0, 1 / 60]


def test_a_rotary_axis_is_an_angle_that_is_not_converted() -> None:
    angle = described(machine(AxisFacts("B", "b", DEGREE), AxisFacts("X", "x", INCH)), "b.angle.actual")
    assert (angle.value([90.0, 1.0]), angle.signal.unit) == (90.0, "DEGREE")


def test_keys_of_another_path_say_so() -> None:
    keys = {description.signal.key for description in descriptions(machine(AxisFacts("X", "x"), path=2))}
    assert {"path2.program", "path2.path_feedrate.actual"} <= keys
    assert not [key for key in keys if key.startswith("path1.")]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["X", "Y", "Z"], ["x", "y", "z"]),
        (["X1", "X2"], ["x1", "x2"]),
        (["X", "X"], ["x", "axis2"]),
        (["é", "9"], ["axis1", "axis2"]),
    ],
)
def test_every_axis_has_a_key_of_its_own(names: list[str], keys: list[str]) -> None:
    assert _keys(names) == keys


def test_every_signal_of_a_large_machine_has_its_own_key() -> None:
    axes = [AxisFacts(f"A{n}", f"a{n}") for n in range(24)]
    keys = [description.signal.key for description in descriptions(machine(*axes))]
    assert len(keys) == len(set(keys)) == 24 * 6 + 23


def test_a_program_is_named_by_its_path_or_else_by_its_name() -> None:
    sample = Sample(results={"program_path": "//CNC_MEM/USER/PATH1/BRACKET.NC"})
    assert sample.program_name == "BRACKET.NC"
    assert Sample(results={"program_name": ProgramName("O0007", 7)}).program_name == "O0007"
    assert Sample().program_name == ""
