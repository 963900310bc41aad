"""Windows of a quota: fixed ones, aligned to the clock, so that all processes count in the same one.

Counts only ever grow within a window, so that any number of processes can add to them.
"""

from cnc.domain.rates.plans import WINDOW_S


def window_of(at_ms: int) -> int:
    """Start of the window, seconds since 1970."""
    return at_ms // 1000 // WINDOW_S * WINDOW_S


def whole_in_s(at_ms: int) -> int:
    """Whole seconds, at least 1, until the quota is whole again."""
    return window_of(at_ms) + WINDOW_S - at_ms // 1000
