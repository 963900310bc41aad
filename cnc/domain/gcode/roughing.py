"""G70 to G73 of a lathe (system B numbers): the contour between two sequence numbers, roughed and finished."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from cnc.domain.gcode.facts import Kind, Position, Severity, Step
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.state import State, changed
from cnc.domain.gcode.words import Words

_PASSES: Final = 2_000
Point = tuple[float, float]


def prepare(state: State, words: Words, code: int) -> None:
    """First block: depth of cut and retract (G71 U R, G72 W R), or distance and count of patterns (G73 U W R)."""
    state.prepared["retract"] = words.values.get("R", 0.0) if code == 730 else state.length(words, "R")
    state.prepared["x"] = state.length(words, "U")
    state.prepared["z"] = state.length(words, "W")


def rough(state: State, words: Words, code: int, contour: Sequence[Step]) -> Iterator[Step]:
    """G71, G72, G73 over the contour, which the caller has read; ends where it began."""
    points = _outline(state, contour)
    start = state.local()
    x, z = state.index["X"], state.index["Z"]
    if len(points) < 2 or any(v != v for point in [*points, start] for v in point):
        state.note("contour.unknown", Severity.UNKNOWN, seen=state.where.text, expected="a contour with known points")
        return
    half = 0.5 if state.dialect.diameter else 1.0
    allowance = (state.length(words, "U") * half, state.length(words, "W"))
    shape = [(px + allowance[0], pz + allowance[1]) for px, pz in points]
    if code == 730:
        yield from _pattern(state, start, shape, (x, z))
        return
    deep, along = (x, z) if code == 710 else (z, x)
    yield from _layers(state, start, shape, deep=deep, along=along, axes=(x, z))


def finish(state: State, contour: Sequence[Step]) -> Iterator[Step]:
    """G70: the contour itself, with its own feeds, and back to the start at rapid."""
    start = state.at
    for step in contour:
        state.modal = state.modal._replace(
            feed=step.modal.feed, feed_mode=step.modal.feed_mode, motion=step.modal.motion
        )
        if step.kind != Kind.NONE:
            yield state.step(step.kind, step.end, arc=step.arc, dwell_s=step.dwell_s)
    yield state.step(Kind.RAPID, start)


def _outline(state: State, contour: Sequence[Step]) -> list[Point]:
    """Corner points of the contour as (X radius, Z); arcs become chords of at most 5 degrees."""
    x, z = state.index["X"], state.index["Z"]
    points: list[Point] = []
    for step in contour:
        if step.kind == Kind.NONE or step.kind == Kind.DWELL:
            continue
        if step.arc is not None and math.isfinite(step.arc.sweep):
            points += _arc_points(step, x, z)
        points.append((step.end[x] - state.shift[x], step.end[z] - state.shift[z]))
    return points


def _arc_points(step: Step, x: int, z: int) -> list[Point]:
    arc = step.arc
    assert arc is not None
    pieces = max(1, math.ceil(abs(arc.sweep) / math.radians(5)))
    begin = math.atan2(step.start[arc.axes[1]] - arc.center[1], step.start[arc.axes[0]] - arc.center[0])
    points = []
    for piece in range(1, pieces):
        turned = begin + arc.sweep * piece / pieces
        place = list(step.start)
        place[arc.axes[0]] = arc.center[0] + arc.radius * math.cos(turned)
        place[arc.axes[1]] = arc.center[1] + arc.radius * math.sin(turned)
        points.append((place[x], place[z]))
    return points


def _layers(
    state: State, start: Position, shape: list[Point], *, deep: int, along: int, axes: tuple[int, int]
) -> Iterator[Step]:
    """G71, G72: cuts parallel to `along`, each `depth` deeper, up to where the shape begins; then once round it."""
    depth = abs(state.prepared.get("x" if deep == axes[0] else "z", 0.0))
    retract = state.prepared.get("retract", 0.0) or state.dialect.retract_mm
    side, length = axes.index(deep), axes.index(along)
    begin, goal = start[deep], shape[0][side]
    if not depth > 0:
        raise GcodeError(
            "cycle.depth", seen=state.where.text, expected="a depth of cut in the first block of the cycle"
        )
    count = math.ceil(abs(begin - goal) / depth - 1e-9)
    if count > _PASSES:
        raise GcodeError("cycle.passes", seen=f"{count} cuts of {depth:g} mm", expected=f"at most {_PASSES}")
    inward = math.copysign(1.0, goal - begin)
    for number in range(1, count + 1):
        level = begin + inward * min(number * depth, abs(goal - begin))
        stop = _crossing(shape, side, length, level, inward)
        out = level - inward * retract
        yield state.go(Kind.RAPID, _at(state, {deep: level, along: start[along]}))
        yield state.go(Kind.LINE, _at(state, {deep: level, along: stop}))
        away = stop + math.copysign(retract, start[along] - stop)
        yield state.go(Kind.LINE, _at(state, {deep: out, along: away}))
        yield state.go(Kind.RAPID, _at(state, {deep: out, along: start[along]}))
    yield state.go(Kind.RAPID, _at(state, {axes[0]: shape[0][0], axes[1]: shape[0][1]}))
    for px, pz in shape[1:]:
        yield state.go(Kind.LINE, _at(state, {axes[0]: px, axes[1]: pz}))
    yield state.go(Kind.RAPID, changed(state.local(), {deep: start[deep]}))
    yield state.go(Kind.RAPID, start)


def _crossing(shape: list[Point], side: int, length: int, level: float, inward: float) -> float:
    """Where along its length the shape first reaches out to `level`."""
    for a, b in pairwise(shape):
        if (b[side] - level) * inward < -1e-9:
            part = (level - a[side]) / (b[side] - a[side]) if b[side] != a[side] else 1.0
            return a[length] + (b[length] - a[length]) * min(1.0, max(0.0, part))
    return shape[-1][length]


def _pattern(state: State, start: Position, shape: list[Point], axes: tuple[int, int]) -> Iterator[Step]:
    """G73: the shape itself, R times, from the stock inwards."""
    times = int(state.prepared.get("retract", 1.0) or 1)
    if not 1 <= times <= _PASSES:
        raise GcodeError("cycle.passes", seen=f"R{times}", expected=f"1 to {_PASSES} repetitions")
    far = (state.prepared.get("x", 0.0), state.prepared.get("z", 0.0))
    for number in range(times):
        left = 1.0 - number / (times - 1) if times > 1 else 0.0
        kind = Kind.RAPID
        for px, pz in shape:
            yield state.go(kind, _at(state, {axes[0]: px + far[0] * left, axes[1]: pz + far[1] * left}))
            kind = Kind.LINE
        yield state.go(Kind.RAPID, start)


def _at(state: State, values: dict[int, float]) -> Position:
    return changed(state.local(), values)
