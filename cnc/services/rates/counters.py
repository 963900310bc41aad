"""The shared counts behind the limits."""

from collections.abc import Mapping
from typing import Protocol


class Away(Exception):
    """The counts cannot be asked now; the process decides by its own."""


class Counters(Protocol):
    """Counts of the tenant acted for. Both raise Away, soon: somebody waits for an answer."""

    def add(self, window: int, spent: Mapping[str, int], /) -> Mapping[str, int]:
        """Add the points spent in a window (its start, s); answers what all processes have spent, by subject."""
        ...

    def cap(self, name: str, subject: str, /, *, window: int, most: int, ends_at_s: int) -> bool:
        """Count one more use of a cap; False, and nothing counted, when `most` were reached."""
        ...
