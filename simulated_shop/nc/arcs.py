"""Circular moves as chords of at most 15 degrees."""

import math

from .blocks import BadProgram

CHORD = math.radians(15)
Point = tuple[float, float]


def chords(start: Point, end: Point, *, clockwise: bool, centre: Point | None, radius: float | None) -> list[Point]:
    """Points after `start` up to and including `end`. Raises BadProgram without a usable centre or radius."""
    middle = centre if centre is not None else _centre(start, end, radius, clockwise=clockwise)
    first = math.atan2(start[1] - middle[1], start[0] - middle[0])
    sweep = math.atan2(end[1] - middle[1], end[0] - middle[0]) - first
    if clockwise and sweep >= -1e-9:
        sweep -= math.tau
    if not clockwise and sweep <= 1e-9:
        sweep += math.tau
    reach = math.dist(start, middle)
    count = max(1, math.ceil(abs(sweep) / CHORD))
    turned = [first + sweep * step / count for step in range(1, count)]
    return [(middle[0] + reach * math.cos(a), middle[1] + reach * math.sin(a)) for a in turned] + [end]


def _centre(start: Point, end: Point, radius: float | None, *, clockwise: bool) -> Point:
    span = math.dist(start, end)
    if radius is None or span == 0.0 or abs(radius) < span / 2 - 1e-6:
        raise BadProgram(f"an arc from {start} to {end} needs I and J, or R of at least {span / 2:g}; R is {radius}")
    height = math.sqrt(max(0.0, radius * radius - span * span / 4))
    side = 1.0 if clockwise == (radius < 0) else -1.0
    dx, dy = (end[0] - start[0]) / span, (end[1] - start[1]) / span
    return ((start[0] + end[0]) / 2 - side * dy * height, (start[1] + end[1]) / 2 + side * dx * height)
