"""Workers, a store and a clock of their own for tests of limits."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cnc.domain.rates.plans import Plan
from cnc.services.caller import Caller
from cnc.services.rates import Away, Limiter, RateLimited

#: The beginning of a window.
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
TENANT = "t_aaaaaaaaaaaaaaaa"
KEY = Caller(TENANT, "k_aaaaaaaaaaaaaaaa", "key", plan="standard")


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Store:
    """The counts of all tenants in memory; `gone` makes it not answer, `asked` counts the questions."""

    counts: dict[tuple[str, int], Counter[str]] = field(default_factory=dict)
    caps: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    asked: int = 0
    gone: bool = False
    tenant: str = ""

    @contextmanager
    def acting_for(self, tenant: str) -> Iterator[None]:
        self.tenant = tenant
        yield
        self.tenant = ""

    def add(self, window: int, spent: Mapping[str, int], /) -> Mapping[str, int]:
        self.asked += 1
        if self.gone:
            raise Away("gone")
        assert self.tenant
        held = self.counts.setdefault((self.tenant, window), Counter())
        held.update(spent)
        return dict(held)

    def cap(self, name: str, subject: str, /, *, window: int, most: int, ends_at_s: int) -> bool:
        if self.gone:
            raise Away("gone")
        self.caps[self.tenant, name, subject, window] += 1
        return self.caps[self.tenant, name, subject, window] <= most


@dataclass
class Workers:
    """Several processes of a function over one store; `spend` asks them in turn, or one of them."""

    many: int = 1
    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    plans: Mapping[str, Plan] | None = None
    problems: list[Exception] = field(default_factory=list)
    turn: int = 0

    def __post_init__(self) -> None:
        self.limiters = [
            Limiter(self.store, acting_for=self.store.acting_for, now=self.clock, away=self.problems.append)
            for _ in range(self.many)
        ]

    def next(self) -> Limiter:
        self.turn += 1
        return self.limiters[self.turn % self.many]

    def spend(self, points: int = 1, *, caller: Caller = KEY, worker: int | None = None) -> RateLimited | None:
        """None, or why not."""
        limiter = self.next() if worker is None else self.limiters[worker]
        try:
            limiter.turn(caller).take(points)
        except RateLimited as error:
            return error
        return None

    def admitted(self, requests: int, *, caller: Caller = KEY, points: int = 1, every_s: float = 0.0) -> int:
        """How many of these requests were let in."""
        found = 0
        for _ in range(requests):
            found += self.spend(points, caller=caller) is None
            self.clock.forward(every_s)
        return found
