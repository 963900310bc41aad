"""The path for a preview: on the arc, within its limit, and the same after packing."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.gcode.dialect import LATHE_C_AXIS, MILL
from cnc.domain.gcode.facts import Kind
from cnc.domain.gcode.thin import thinned
from cnc.domain.gcode.toolpath import Toolpath, toolpath, unpack
from tests.domain.gcode.reading import steps

HEAD = "O1\nG21 G90 G17\nG0 X0 Y0 Z0\n"


def drawn(block: str, **options: float) -> Toolpath:
    return toolpath(steps(f"{HEAD}{block}\nM30"), dialect=MILL, **options)  # type: ignore[arg-type]


def test_moves_of_one_kind_are_one_run_and_a_break_begins_another() -> None:
    runs = drawn("G0 X1.\nG1 X2. F1\nX3.\nT1 M6\nG43 H1 G0 Z5.\nG1 X9.").runs
    assert [(run.kind, run.tool, len(run.points)) for run in runs] == [
        (Kind.RAPID, None, 2),
        (Kind.LINE, None, 3),
        (Kind.LINE, 1, 2),
    ]
    assert runs[1].points == [(1.0, 0.0, 0.0), (2.0, 0.0, 0.0), (3.0, 0.0, 0.0)]
    assert runs[1].lines == [5, 5, 6]


@pytest.mark.parametrize("tolerance", [0.001, 0.05, 1.0])
def test_chords_keep_to_the_tolerance_of_an_arc(tolerance: float) -> None:
    (run,) = [run for run in drawn("G2 I50. F1", tolerance_mm=tolerance).runs if run.kind == Kind.LINE]
    for (ax, ay, _), (bx, by, _) in pairwise(run.points):
        middle = math.dist(((ax + bx) / 2, (ay + by) / 2), (50.0, 0.0))
        assert 50.0 - middle <= tolerance * 1.0001
    assert run.points[-1] == pytest.approx((0.0, 0.0, 0.0))


def test_a_helix_rises_evenly() -> None:
    run = drawn("G2 I50. Z-10. F1").runs[-1]
    assert run.points[len(run.points) // 2][2] == pytest.approx(-5.0, abs=0.2)


def test_a_long_path_is_thinned_to_its_limit_and_keeps_its_ends() -> None:
    text = "G1 F100\n" + "\n".join(f"X{n / 10:.1f} Y{math.sin(n / 100) * 10:.3f}" for n in range(1, 5_000))
    path = drawn(text, limit=200)
    assert path.count <= 200
    assert path.complete
    assert path.runs[-1].points[-1][0] == pytest.approx(499.9)
    assert path.tolerance_mm < 1.0


def test_more_runs_than_points_are_said_to_be_incomplete() -> None:
    path = drawn("\n".join(f"G0 X{n}.\nG1 Y{n}. F1" for n in range(1, 100)), limit=20)
    assert not path.complete
    assert path.count <= 20
    assert not unpack(path.pack()).complete


def test_packing_keeps_points_lines_kinds_and_tools() -> None:
    path = drawn("T7 M6\nG43 H7 G0 Z2.\nG1 X1. Z-2. F1\nG2 X2. R5.")
    back = unpack(path.pack())
    assert [(r.kind, r.tool, r.lines) for r in back.runs] == [(r.kind, r.tool, r.lines) for r in path.runs]
    for run, other in zip(path.runs, back.runs, strict=True):
        assert [tuple(p) for p in other.points] == [pytest.approx(p, abs=1e-4) for p in run.points]
    assert len(path.pack()) == 20 + 16 * path.count + 12 * len(path.runs)


def test_an_empty_path_packs() -> None:
    assert unpack(toolpath([], dialect=MILL).pack()).runs == ()


@settings(max_examples=60)
@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 255))
def test_bytes_that_are_no_path_are_refused(noise: bytes, at: int, value: int) -> None:
    data = bytearray(drawn("G1 X1. F1\nG0 X2.").pack())
    if at < len(data):
        data[at] = value
    for candidate in (noise, bytes(data), bytes(data[: at % len(data)])):
        try:
            unpack(candidate)
        except MalformedMessage:
            continue


def test_polar_interpolation_is_drawn_in_the_plane_of_the_face() -> None:
    text = "O1\nG21 G98\nG0 X40. C0 Z5.\nG12.1\nG1 X20. C10. F100\nG13.1\nM30"
    assert toolpath(steps(text, dialect=LATHE_C_AXIS), dialect=LATHE_C_AXIS).runs[-1].points[-1] == (10.0, 10.0, 5.0)


def test_limits_of_a_path_must_be_possible() -> None:
    with pytest.raises(BadValue, match="tolerance"):
        drawn("G0 X1.", tolerance_mm=0.0)


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.floats(-10, 10)] * 3), min_size=1, max_size=40), st.floats(0.01, 5))
def test_dropped_points_are_near_the_line_that_is_left(points: list[tuple[float, float, float]], most: float) -> None:
    keep = thinned(points, tolerance=most)
    assert (keep[0], keep[-1]) == (0, len(points) - 1)
    for a, b in pairwise(keep):
        for point in points[a + 1 : b]:
            assert _away(point, points[a], points[b]) <= most + 1e-9


def _away(p: tuple[float, ...], a: tuple[float, ...], b: tuple[float, ...]) -> float:
    best = math.inf
    for n in range(201):
        part = n / 200
        best = min(best, math.dist(p, [u + (v - u) * part for u, v in zip(a, b, strict=True)]))
    return best - math.dist(a, b) / 400
