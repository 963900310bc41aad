"""QoS 1 as it may behave in AWS: some messages come twice, some pairs come in the other order.

Both are legal under "at least once" and AWS promises no order; the seed makes a run repeatable.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
HOLD_S = 0.05


@dataclass(slots=True)
class Faults:
    """Shares of messages (0..1) that are repeated and that are overtaken by the next one."""

    seed: int = 0
    repeat: float = 0.0
    reorder: float = 0.0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 - a fault plan, no secret

    def copies(self) -> int:
        return 2 if self.repeat and self.rng.random() < self.repeat else 1

    def holds(self) -> bool:
        return bool(self.reorder) and self.rng.random() < self.reorder


class Shaken(Generic[T]):
    """One lane of messages with faults; `later(seconds, call)` releases a held one that nothing overtook."""

    def __init__(
        self, faults: Faults, send: Callable[[T], None], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self.faults, self.send, self.later = faults, send, later
        self.held: list[T] = []

    def put(self, item: T) -> None:
        if not self.held and self.faults.holds():
            self.held.append(item)
            self.later(HOLD_S, self.release)
            return
        for _ in range(self.faults.copies()):
            self.send(item)
        self.release()

    def release(self) -> None:
        while self.held:
            self.send(self.held.pop())
