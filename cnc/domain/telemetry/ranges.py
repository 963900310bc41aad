"""Sets of integers as inclusive ranges `(first, last)`, ascending, apart and not touching."""

from collections.abc import Iterable

Range = tuple[int, int]
Ranges = list[Range]


def merge(ranges: Iterable[Range]) -> Ranges:
    """The union. Ranges may come in any order, overlap and touch; an empty one (last < first) is left out."""
    merged: Ranges = []
    for first, last in sorted(ranges):
        if last < first:
            continue
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def subtract(a: Iterable[Range], b: Iterable[Range]) -> Ranges:
    """What is in `a` and not in `b`."""
    rest: Ranges = []
    holes = merge(b)
    for first, last in merge(a):
        for hole_first, hole_last in holes:
            if hole_last < first:
                continue
            if hole_first > last:
                break
            if hole_first > first:
                rest.append((first, hole_first - 1))
            first = hole_last + 1
        if first <= last:
            rest.append((first, last))
    return rest


def intersect(a: Iterable[Range], b: Iterable[Range]) -> Ranges:
    """What is in both."""
    left = merge(a)
    return subtract(left, subtract(left, b))


def count(ranges: Iterable[Range]) -> int:
    """How many integers, each once."""
    return sum(last - first + 1 for first, last in merge(ranges))


def touches(first: int, last: int, ranges: Iterable[Range]) -> bool:
    """Whether any of first … last is in `ranges`."""
    return any(a <= last and first <= b for a, b in ranges)


def covers(first: int, last: int, merged: Iterable[Range]) -> bool:
    """Whether all of first … last are in `merged`, as `merge` made it."""
    return any(a <= first and last <= b for a, b in merged)
