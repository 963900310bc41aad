"""Who is asked when: every signal has a period of its own, and the control's time is shared by deadline.

Deadlines lie on an absolute grid of time, so nothing drifts. Fast asks come first in every tick; what is left of the
tick goes to the others, the earliest deadline first, as long as the control is expected to answer in time. A control
that is slow serves the fast signals on time and the others as often as it can.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from greengrass_components.focas.client.client import MOST_BLOCKS
from greengrass_components.focas.driver.asks import Ask, Pace

SLOW_MS: Final = 10_000
#: A value older than so many of its periods is no value any more.
STALE_PERIODS: Final = 3
#: Share of the newest measurement in the expected time of an exchange; a slower one counts at once.
NEWEST: Final = 0.5
MARGIN: Final = 1.2
#: A control that cannot serve both in one tick gives every so-manieth tick to the others.
STARVED_TICKS: Final = 8


@dataclass(slots=True)
class Item:
    """One ask with its place on the grid."""

    ask: Ask
    period_ms: int
    phase_ms: int = 0
    due_ms: int = 0
    read_ms: int | None = None

    @property
    def deadline_ms(self) -> int:
        """When it should have been asked at the latest."""
        return self.due_ms + self.period_ms

    def plan(self, tick_ms: int) -> None:
        """The next time after `tick_ms` on the grid."""
        since = tick_ms - self.phase_ms
        self.due_ms = (since // self.period_ms + 1) * self.period_ms + self.phase_ms


@dataclass(slots=True)
class Sweep:
    """The asks of one source and what the control's exchanges cost."""

    period_ms: int
    items: dict[str, Item] = field(default_factory=dict)
    cost_s: float = 0.0
    starved: int = 0
    _alone: set[str] = field(default_factory=set)

    def learn(self, asks: Iterable[Ask], *, tick_ms: int) -> None:
        """Begin with these asks; the slow ones are spread over their period."""
        asks = list(asks)
        slow = [ask.name for ask in asks if ask.pace is Pace.SLOW]
        self.items = {}
        for ask in asks:
            if ask.pace is Pace.WANTED:
                continue
            period = max(SLOW_MS, self.period_ms) if ask.pace is Pace.SLOW else self.period_ms
            phase = period * slow.index(ask.name) // len(slow) if ask.pace is Pace.SLOW else 0
            self.items[ask.name] = item = Item(ask, period, phase)
            item.plan(tick_ms)
            if ask.pace is not Pace.SLOW:
                item.due_ms = tick_ms

    def fast(self) -> list[str]:
        """Names of every tick's first exchange."""
        return [name for name, item in self.items.items() if item.ask.pace is Pace.FIRST]

    def due(self, tick_ms: int) -> list[str]:
        """The others that are due, the earliest deadline first."""
        if any(item.due_ms > tick_ms + 2 * item.period_ms for item in self.items.values()):
            self._set_back(tick_ms)
        waiting = [item for item in self.items.values() if self._is_due(item, tick_ms)]
        return [item.ask.name for item in sorted(waiting, key=lambda item: item.deadline_ms)]

    def _is_due(self, item: Item, tick_ms: int) -> bool:
        return item.ask.pace is Pace.SECOND or (item.ask.pace is Pace.SLOW and item.due_ms <= tick_ms)

    def _set_back(self, tick_ms: int) -> None:
        """The clock was set back: the old grid lies in the future."""
        for item in self.items.values():
            item.plan(tick_ms)
            item.read_ms = None if item.read_ms is None else min(item.read_ms, tick_ms)

    def asked(self, names: Iterable[str], *, tick_ms: int) -> None:
        """These were asked at this tick, whatever the answer."""
        for name in names:
            if name in self.items:
                self.items[name].plan(tick_ms)

    def answered(self, name: str, *, tick_ms: int) -> None:
        """A value was read."""
        if name in self.items:
            self.items[name].read_ms = tick_ms

    def stale(self, tick_ms: int) -> list[str]:
        """Names whose newest value is too old to be shown as present."""
        return [
            name
            for name, item in self.items.items()
            if item.read_ms is not None and tick_ms - item.read_ms > STALE_PERIODS * item.period_ms
        ]

    def isolate(self, names: Collection[str]) -> None:
        """Ask these in exchanges of their own from now on: one of them may end the connection."""
        self._alone.update(names)

    def exonerate(self, name: str) -> None:
        """This one answered by itself."""
        self._alone.discard(name)

    def groups(self, asks: Sequence[Ask]) -> list[list[Ask]]:
        """Exchanges: as many blocks as one frame takes, in order; the isolated ones last and alone."""
        found: list[list[Ask]] = []
        room = 0
        for ask in asks:
            if ask.name in self._alone:
                continue
            if not found or len(ask.call.requests) > room:
                found.append([])
                room = MOST_BLOCKS
            found[-1].append(ask)
            room -= len(ask.call.requests)
        return found + [[ask] for ask in asks if ask.name in self._alone]

    def took(self, seconds: float) -> None:
        """What one exchange cost."""
        self.cost_s = max(seconds, self.cost_s + NEWEST * (seconds - self.cost_s))

    def fits(self, left_s: float, *, exchanges: int = 1) -> bool:
        """Whether so many exchanges are expected to end within the time that is left."""
        return MARGIN * exchanges * self.cost_s <= left_s

    def others_first(self, budget_s: float) -> bool:
        """Whether this tick belongs to the others, because both do not fit and they waited long enough."""
        return self.starved >= STARVED_TICKS and not self.fits(budget_s, exchanges=2)
