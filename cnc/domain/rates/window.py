"""How a quota opens over its window.

A quarter of it may be spent at once, the rest opens evenly until the window ends: a page that loads needs many points
at once, and who asks twenty times too much must not spend a whole minute's work in its first seconds. Counts only ever
grow within a window, so that any number of processes can add to them.
"""

from math import ceil
from typing import Final

from cnc.domain.rates.plans import WINDOW_S

#: Share of the quota that is open when the window begins.
AT_ONCE: Final = 0.25


def window_of(at_ms: int) -> int:
    """Start of the window, seconds since 1970."""
    return at_ms // 1000 // WINDOW_S * WINDOW_S


def opened(quota: int, *, into_ms: int) -> int:
    """Points that may have been spent `into_ms` after the window began; all of them when it ends."""
    share = AT_ONCE + (1 - AT_ONCE) * min(max(into_ms, 0), WINDOW_S * 1000) / (WINDOW_S * 1000)
    return int(quota * share)


def wait_s(quota: int, *, used: int, points: int, into_ms: int) -> int:
    """Whole seconds, at least 1, until `points` more fit; the next window at the latest."""
    left_ms = WINDOW_S * 1000 - into_ms
    missing = used + points - quota * AT_ONCE
    opens_ms = missing / (quota * (1 - AT_ONCE)) * WINDOW_S * 1000 if quota else left_ms + into_ms
    return max(1, ceil(min(opens_ms - into_ms, left_ms) / 1000))
