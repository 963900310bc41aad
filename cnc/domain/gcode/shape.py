"""Geometry of one step: how long it is, how far it reaches, and points along it."""

import math
from collections.abc import Iterator

from cnc.domain.gcode.dialect import ROTARY, Dialect
from cnc.domain.gcode.facts import Arc, Position, Step


def lengths(step: Step, dialect: Dialect) -> tuple[float, float]:
    """(mm of the linear axes, degrees of the rotary ones), each as one path; nan when an end is unknown."""
    virtual = step.modal.interpolation == "G12.1"
    linear = rotary = 0.0
    skip = step.arc.axes if step.arc else ()
    for number, axis in enumerate(dialect.axes):
        if number in skip:
            continue
        delta = step.end[number] - step.start[number]
        if delta != delta and step.start[number] != step.start[number] and step.end[number] != step.end[number]:
            continue  # an axis that was unknown and still is: it was not named
        if axis in ROTARY and not virtual:
            along = math.radians(step.modal.cylinder) if step.modal.interpolation == "G7.1" else 0.0
            linear, rotary = linear + (delta * along) ** 2, rotary + (0.0 if along else delta * delta)
        else:
            linear += delta * delta
    if step.arc:
        linear += (step.arc.radius * step.arc.sweep) ** 2
    return math.sqrt(linear), math.sqrt(rotary)


def reach(step: Step) -> tuple[Position, Position]:
    """Lowest and highest coordinate of every axis on the way; nan where an end is unknown."""
    low = [min(a, b) if a == a and b == b else a + b for a, b in zip(step.start, step.end, strict=True)]
    high = [max(a, b) if a == a and b == b else a + b for a, b in zip(step.start, step.end, strict=True)]
    if step.arc is not None and math.isfinite(step.arc.sweep) and math.isfinite(step.arc.radius):
        _extend(step, step.arc, low, high)
    return tuple(low), tuple(high)


def _extend(step: Step, arc: Arc, low: list[float], high: list[float]) -> None:
    """Add the outermost points of the circle that the arc passes."""
    first, second = arc.axes
    begin = math.atan2(step.start[second] - arc.center[1], step.start[first] - arc.center[0])
    for quarter in range(4):
        angle = quarter * math.pi / 2
        gone = (angle - begin) % math.tau if arc.sweep > 0 else (begin - angle) % math.tau
        if gone <= abs(arc.sweep):
            axis, sign = (first, second)[quarter % 2], (1, 1, -1, -1)[quarter]
            outermost = arc.center[quarter % 2] + sign * arc.radius
            low[axis], high[axis] = min(low[axis], outermost), max(high[axis], outermost)


def points(step: Step, *, tolerance_mm: float, most: int = 2_000) -> Iterator[Position]:
    """Positions along the step, its end last, its start not; chords leave an arc by at most the tolerance."""
    arc = step.arc
    if arc is not None and math.isfinite(arc.sweep) and math.isfinite(arc.radius) and arc.radius > 0:
        pieces = _pieces(arc, tolerance_mm, most)
        first, second = arc.axes
        begin = math.atan2(step.start[second] - arc.center[1], step.start[first] - arc.center[0])
        for piece in range(1, pieces):
            part = piece / pieces
            turned = begin + arc.sweep * part
            point = [a + (b - a) * part for a, b in zip(step.start, step.end, strict=True)]
            point[first] = arc.center[0] + arc.radius * math.cos(turned)
            point[second] = arc.center[1] + arc.radius * math.sin(turned)
            yield tuple(point)
    yield step.end


def _pieces(arc: Arc, tolerance_mm: float, most: int) -> int:
    bend = max(-1.0, 1.0 - tolerance_mm / arc.radius)
    each = 2 * math.acos(bend) if bend < 1.0 else math.tau / most
    return max(1, min(most, math.ceil(abs(arc.sweep) / max(each, math.tau / most) - 1e-9)))


def directions(step: Step) -> tuple[Position, Position] | None:
    """Unit vectors of the path at its start and end over all axes; None for no length or an unknown end."""
    if step.arc is not None:
        return _tangents(step, step.arc)
    vector = [0.0 if b != b else b - a for a, b in zip(step.start, step.end, strict=True)]
    size = math.sqrt(sum(v * v for v in vector))
    if not 0 < size < math.inf:
        return None
    unit = tuple([v / size for v in vector])
    return unit, unit


def _tangents(step: Step, arc: Arc) -> tuple[Position, Position] | None:
    way = math.copysign(1.0, arc.sweep)
    made = []
    for place in (step.start, step.end):
        tangent = [0.0] * len(place)
        a, b = place[arc.axes[0]] - arc.center[0], place[arc.axes[1]] - arc.center[1]
        size = math.hypot(a, b)
        if not 0 < size < math.inf:
            return None
        tangent[arc.axes[0]], tangent[arc.axes[1]] = -b / size * way, a / size * way
        made.append(tuple(tangent))
    return made[0], made[1]
