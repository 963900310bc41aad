"""The circular buffer of an agent: the newest observations by sequence, and the state at each of them.

Sequences count from 1. What leaves the buffer becomes part of `_before`, the state just before the first held
observation, so that `state_at` can tell how everything stood at any sequence that is still held.
"""

from collections import deque
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from greengrass_components.edge_kit.mtconnect.vocabulary import UNAVAILABLE

NORMAL, WARNING, FAULT = "NORMAL", "WARNING", "FAULT"
DEFAULT_SIZE: Final = 16_384


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation; `sequence` 0 until it is in a buffer. For a condition `level` says how it stands, and `value`
    is its text."""

    item: str
    at_ms: int
    value: str
    level: str = ""
    native_code: str = ""
    qualifier: str = ""
    sequence: int = 0


@dataclass(slots=True)
class State:
    """The newest observation of every item; of a condition, every one that is active."""

    values: dict[str, Observation] = field(default_factory=dict)
    conditions: dict[str, dict[str, Observation]] = field(default_factory=dict)

    def take(self, seen: Observation) -> None:
        if not seen.level:
            self.values[seen.item] = seen
            return
        active = self.conditions.setdefault(seen.item, {})
        if seen.level in (NORMAL, UNAVAILABLE) and not seen.native_code:
            active.clear()
            active[""] = seen
            return
        active.pop("", None)
        if seen.level == NORMAL:
            active.pop(seen.native_code, None)
            if not active:
                active[""] = seen
        else:
            active[seen.native_code] = seen

    def observations(self) -> Iterator[Observation]:
        yield from self.values.values()
        for active in self.conditions.values():
            yield from active.values()

    def copy(self) -> "State":
        return State(dict(self.values), {item: dict(active) for item, active in self.conditions.items()})


class Buffer:
    """Of one agent, all its devices. `size` is how many observations it holds."""

    def __init__(self, size: int = DEFAULT_SIZE) -> None:
        if size < 1:
            raise ValueError(f"buffer of {size} observations: expected at least 1")
        self.size = size
        self.now = State()
        self._held: deque[Observation] = deque()
        self._before = State()
        self._next = 1

    @property
    def next_sequence(self) -> int:
        return self._next

    @property
    def first_sequence(self) -> int:
        return self._next - len(self._held)

    @property
    def last_sequence(self) -> int:
        return self._next - 1

    def add(self, seen: Observation) -> Observation:
        """Give it the next sequence and hold it; the oldest makes room."""
        held = Observation(seen.item, seen.at_ms, seen.value, seen.level, seen.native_code, seen.qualifier, self._next)
        self._next += 1
        if len(self._held) == self.size:
            self._before.take(self._held.popleft())
        self._held.append(held)
        self.now.take(held)
        return held

    def state_at(self, sequence: int) -> State:
        """How everything stood when `sequence` had been added; it must be held."""
        if not self.first_sequence <= sequence <= self.last_sequence:
            raise ValueError(f"sequence {sequence}: expected {self.first_sequence} to {self.last_sequence}")
        state = self._before.copy()
        for seen in islice(self._held, sequence - self.first_sequence + 1):
            state.take(seen)
        return state

    def from_on(self, sequence: int, count: int, items: Container[str]) -> tuple[list[Observation], int]:
        """At most `count` observations of `items` from `sequence` on, and the sequence to go on with."""
        found: list[Observation] = []
        for seen in self._forwards(sequence):
            if seen.item in items:
                if len(found) == count:
                    return found, seen.sequence
                found.append(seen)
        return found, self._next

    def _forwards(self, sequence: int) -> Iterable[Observation]:
        """Held observations from `sequence` on. A deque is walked from its ends, so near the end from there."""
        skipped = max(0, sequence - self.first_sequence)
        left = len(self._held) - skipped
        if left < skipped:
            return reversed(list(islice(reversed(self._held), max(0, left))))
        return islice(self._held, skipped, None)

    def back_from(self, sequence: int, count: int, items: Container[str]) -> tuple[list[Observation], int]:
        """At most `count` observations up to `sequence`, newest first, and the sequence before the last of them."""
        found: list[Observation] = []
        for seen in self._backwards(sequence):
            if seen.item in items:
                if len(found) == count:
                    return found, seen.sequence
                found.append(seen)
        return found, max(0, self.first_sequence - 1)

    def _backwards(self, sequence: int) -> Iterable[Observation]:
        skipped = max(0, self.last_sequence - sequence)
        return islice(reversed(self._held), skipped, None)
