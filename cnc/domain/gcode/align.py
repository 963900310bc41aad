"""Which lines of two texts belong together: unique common lines first, then the short gaps between them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

#: A gap of more lines than this without a common unique line is taken as replaced: bounds the quadratic part.
_GAP: Final = 400
Block = tuple[int, int, int, int]


def differences(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """(old from, old to, new from, new to) of the stretches that differ, in order; half open."""
    at_old = at_new = 0
    for i, j in [*_pairs(old, new), (len(old), len(new))]:
        if i > at_old or j > at_new:
            yield from _gap(old, new, (at_old, i, at_new, j))
        at_old, at_new = i + 1, j + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Anchors: equal beginning and end, and the longest rising run of lines that are unique in both."""
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _unique(old, new, head, tail)
    ends = [(len(old) - k, len(new) - k) for k in range(tail, 0, -1)]
    return [(k, k) for k in range(head)] + middle + ends


def _unique(old: Sequence[str], new: Sequence[str], head: int, tail: int) -> list[tuple[int, int]]:
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    once_a, once_b = Counter(a), Counter(b)
    places = {line: n for n, line in enumerate(b) if once_b[line] == 1}
    candidates = [(n, places[line]) for n, line in enumerate(a) if once_a[line] == 1 and line in places]
    return [(i + head, j + head) for i, j in _rising(candidates)]


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Longest subsequence whose second members rise."""
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        level = bisect_left(ends, place)
        before.append(tops[level - 1] if level else -1)
        if level == len(ends):
            ends.append(place)
            tops.append(number)
        else:
            ends[level], tops[level] = place, number
    chosen = []
    at = tops[-1] if tops else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def _gap(old: Sequence[str], new: Sequence[str], block: Block) -> Iterator[Block]:
    a, b, c, d = block
    if b - a > _GAP or d - c > _GAP or a == b or c == d:
        yield block
        return
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield a + i, a + j, c + k, c + m
