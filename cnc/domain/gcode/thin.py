"""Fewer points for one line: Douglas and Peucker's way, without recursion, window by window."""

import math
from collections.abc import Sequence
from typing import Final

#: Points are looked at in windows, which bounds the quadratic worst case.
_WINDOW: Final = 256
Point = tuple[float, float, float]


def thinned(points: Sequence[Point], *, tolerance: float) -> list[int]:
    """Indices of the points to keep, first and last always: all others are within `tolerance` of the line."""
    if not points:
        return []
    keep = [0]
    for begin in range(0, len(points) - 1, _WINDOW):
        keep += _window(points, begin, min(begin + _WINDOW, len(points) - 1), tolerance)
    return keep


def _window(points: Sequence[Point], begin: int, end: int, tolerance: float) -> list[int]:
    """Kept indices after `begin` up to `end`, which is kept."""
    kept = [end]
    waiting = [(begin, end)]
    while waiting:
        first, last = waiting.pop()
        worst, at = tolerance, -1
        for number in range(first + 1, last):
            away = _away(points[number], points[first], points[last])
            if away > worst:
                worst, at = away, number
        if at >= 0:
            kept.append(at)
            waiting += [(first, at), (at, last)]
    return sorted(kept)


def _away(point: Point, a: Point, b: Point) -> float:
    """Distance of a point from the stretch between two others."""
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    px, py, pz = point[0] - a[0], point[1] - a[1], point[2] - a[2]
    size = dx * dx + dy * dy + dz * dz
    along = min(1.0, max(0.0, (px * dx + py * dy + pz * dz) / size)) if size > 0 else 0.0
    return math.sqrt((px - along * dx) ** 2 + (py - along * dy) ** 2 + (pz - along * dz) ** 2)
