"""Circular moves: centre and sweep from I, J, K or R; chords where a map leaves no circle."""

import math
from collections.abc import Iterator
from typing import Final

from cnc.domain.gcode.facts import Arc, Kind, Position, Severity, Step
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import PLANES, State, changed
from cnc.domain.gcode.words import Words

_CENTERS: Final = {"X": "I", "Y": "J", "Z": "K", "C": "J", "A": "I", "B": "J"}
_CHORDS: Final = 180
#: Below this distance in mm start and end of an arc are one point.
_SAME_MM: Final = 1e-7


def run(state: State, words: Words, end: Position) -> Iterator[Step]:
    """An arc from the present position to the programmed `end`."""
    start = state.local()
    axes = plane_axes(state)
    try:
        arc = _arc(state, words, start, end, axes)
    except GcodeError as problem:
        state.problems.append(problem.at(state.where.line))
        yield state.go(Kind.LINE, end)
        return
    if state.modal.interpolation == "G7.1":
        factor: float | None = None
    else:
        factor = state.map.scale_in(*axes) if state.map and max(axes) < 3 and state.axes[:3] == "XYZ" else 1.0
        if state.map and state.axes[:3] != "XYZ":
            factor = None
    if factor is None:
        yield from _chords(state, arc, start, end)
        return
    placed = state.place(changed(start, dict(zip(axes, arc.center, strict=True))))
    center = (placed[axes[0]], placed[axes[1]])
    sweep = -arc.sweep if factor < 0 else arc.sweep
    yield state.go(Kind.ARC, end, arc=Arc(axes, center, arc.radius * abs(factor), sweep))


def plane_axes(state: State) -> tuple[int, int]:
    """Indices of the two axes that circles lie in. Raises GcodeError when the machine lacks one."""
    names = PLANES[state.modal.plane]
    if state.modal.interpolation == "G12.1":
        names = ("X", "C")
    elif state.modal.interpolation == "G7.1":
        rotary = next((axis for axis in state.axes if axis in "CAB"), "C")
        names = ("Z", rotary) if state.modal.plane == "G18" else (rotary, "Z")
    if any(axis not in state.index for axis in names):
        raise GcodeError("arc.plane", seen=f"{state.modal.plane} with axes {state.axes}", expected="axes of the plane")
    return state.index[names[0]], state.index[names[1]]


def _arc(state: State, words: Words, start: Position, end: Position, axes: tuple[int, int]) -> Arc:
    """The arc in programmed coordinates (millimetres along a cylinder for G7.1)."""
    stretch = _stretch(state, axes)
    s = (start[axes[0]] * stretch[0], start[axes[1]] * stretch[1])
    e = (end[axes[0]] * stretch[0], end[axes[1]] * stretch[1])
    names = _CENTERS[state.axes[axes[0]]], _CENTERS[state.axes[axes[1]]]
    if state.modal.interpolation == "G12.1":
        names = "I", "J"
    clockwise = state.modal.motion == "G2"
    if "R" in words.values:
        center = by_radius(
            s, e, state.length(words, "R"), clockwise=clockwise, tolerance=state.dialect.arc_tolerance_mm
        )
    elif names[0] in words.values or names[1] in words.values:
        center = (s[0] + state.length(words, names[0]), s[1] + state.length(words, names[1]))
    else:
        raise GcodeError("arc.center", seen=state.where.text, expected=f"{names[0]} and {names[1]}, or R")
    arc = through(s, e, center, clockwise=clockwise, axes=axes)
    last = math.dist(e, center)
    if abs(last - arc.radius) > state.dialect.arc_tolerance_mm:
        seen = f"radius {arc.radius:.4f} at the start, {last:.4f} mm at the end"
        state.note("arc.radius", Severity.ERROR, seen=seen, expected="equal radii (parameter 3410)")
    if arc.radius != arc.radius:
        state.note("arc.start", Severity.UNKNOWN, seen="start of the arc unknown", expected="a known position")
    return arc


def _stretch(state: State, axes: tuple[int, int]) -> tuple[float, float]:
    if state.modal.interpolation != "G7.1":
        return 1.0, 1.0
    arc_mm = math.radians(1.0) * state.modal.cylinder
    first, second = (arc_mm if state.axes[axis] in "ABC" else 1.0 for axis in axes)
    return first, second


def through(
    start: tuple[float, float],
    end: tuple[float, float],
    center: tuple[float, float],
    *,
    clockwise: bool,
    axes: tuple[int, int],
) -> Arc:
    """The arc about `center`; equal start and end are one full turn."""
    a, b = start[0] - center[0], start[1] - center[1]
    c, d = end[0] - center[0], end[1] - center[1]
    sweep = math.atan2(a * d - b * c, a * c + b * d)
    full = abs(end[0] - start[0]) < _SAME_MM and abs(end[1] - start[1]) < _SAME_MM
    if clockwise and (sweep > 0 or full):
        sweep -= math.tau
    elif not clockwise and (sweep < 0 or full):
        sweep += math.tau
    if full:
        sweep = math.copysign(math.tau, sweep)
    return Arc(axes, center, math.hypot(a, b), sweep)


def by_radius(
    start: tuple[float, float], end: tuple[float, float], radius: float, *, clockwise: bool, tolerance: float
) -> tuple[float, float]:
    """Centre of the arc of this radius; a negative radius takes the longer way round. Raises GcodeError."""
    u, v = end[0] - start[0], end[1] - start[1]
    chord = math.hypot(u, v)
    if chord < _SAME_MM:
        raise GcodeError(
            "arc.full_circle", seen=f"R{radius:g} with end = start", expected="I, J or K for a full circle"
        )
    if chord / 2 > abs(radius) + tolerance:
        seen = f"R{radius:g} for a chord of {chord:.4f} mm"
        raise GcodeError("arc.radius", seen=seen, expected="a radius of at least half the chord")
    height = math.sqrt(max(0.0, radius * radius - chord * chord / 4))
    side = height / chord if clockwise == (radius < 0) else -height / chord
    return (start[0] + end[0]) / 2 - v * side, (start[1] + end[1]) / 2 + u * side


def _chords(state: State, arc: Arc, start: Position, end: Position) -> Iterator[Step]:
    """Lines along an arc that a map turns into another curve (2 degrees each)."""
    pieces = max(1, math.ceil(abs(arc.sweep) / math.tau * _CHORDS)) if math.isfinite(arc.sweep) else 1
    first, second = arc.axes
    stretch = _stretch(state, arc.axes)
    s = (start[first] * stretch[0], start[second] * stretch[1])
    angle = math.atan2(s[1] - arc.center[1], s[0] - arc.center[0])
    for piece in range(1, pieces):
        part = piece / pieces
        turned = angle + arc.sweep * part
        point = [a + (b - a) * part for a, b in zip(start, end, strict=True)]
        point[first] = (arc.center[0] + arc.radius * math.cos(turned)) / (stretch[0] or 1.0)
        point[second] = (arc.center[1] + arc.radius * math.sin(turned)) / (stretch[1] or 1.0)
        yield state.go(Kind.LINE, tuple(point))
    yield state.go(Kind.LINE, end)
