"""What was used, per tenant, caller and day, for bills to come.

Each process keeps one row per caller and day with its own totals and puts it whole: putting it again changes nothing,
and no two processes write the same row. The sum over rows is taken when somebody asks. What a process has not put when
it is ended is lost: at most what it answered within FLUSH_MS.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

from cnc.domain.base.clock import to_ms
from cnc.services.caller import Caller
from cnc.services.rates.counters import Away

FLUSH_MS: Final = 2_000
#: Rows of others that wait since this long are put along with the next request of anybody.
OVERDUE_MS: Final = 5_000
#: When a key was last used is told to the minute.
SEEN_EVERY_MS: Final = 60_000
MOST_ROWS: Final = 5_000


class Totals(NamedTuple):
    """Requests answered, points spent, bytes of the bodies sent, requests refused for their rate."""

    calls: int = 0
    points: int = 0
    sent_bytes: int = 0
    refused: int = 0

    def plus(self, other: "Totals") -> "Totals":
        return Totals(*(mine + its for mine, its in zip(self, other, strict=True)))


NOTHING: Final = Totals()


class UsageRow(NamedTuple):
    """Totals of one caller on one day (UTC), of one process where it is put, of all where it is read."""

    day: date
    subject: str
    totals: Totals


class UsageRows(Protocol):
    """Rows of the tenant acted for. What is called per request, `put` and `seen`, raises Away."""

    def put(self, row: UsageRow, /, *, process: str, number: int) -> None:
        """Replace the row of this process by one with a higher number."""
        ...

    def seen(self, subject: str, at_ms: int, /) -> None:
        """When a caller asked last; an earlier time than the one known changes nothing."""
        ...

    def last_seen(self) -> Mapping[str, int]:
        """When each caller that is a key asked last, ms; to the minute."""
        ...

    def between(self, first: date, last: date, /) -> Iterable[UsageRow]:
        """Rows of all processes, days included."""
        ...


@dataclass(slots=True)
class _Held:
    tenant: str
    totals: Totals = NOTHING
    number: int = 0
    put_at_ms: int = 0
    waiting_since_ms: int = 0
    seen_at_ms: int = 0


@dataclass(slots=True)
class UsageMeter:
    """One per process; `process` is a name that no other process has."""

    rows: UsageRows
    acting_for: Callable[[str], AbstractContextManager[object]]
    now: Callable[[], datetime]
    away: Callable[[Exception], None]
    process: str
    _held: dict[tuple[str, date, str], _Held] = field(default_factory=dict)

    def count(self, caller: Caller, *, points: int, sent_bytes: int, refused: bool) -> None:
        """Add one answered request; now and then rows are put. Never raises."""
        if not caller.tenant:
            return
        now = self.now()
        at_ms = to_ms(now)
        key = (caller.tenant, now.date(), caller.subject)
        held = self._held.setdefault(key, _Held(caller.tenant))
        held.totals = held.totals.plus(Totals(1, points, sent_bytes, int(refused)))
        held.waiting_since_ms = held.waiting_since_ms or at_ms
        if caller.kind == "key" and at_ms - held.seen_at_ms >= SEEN_EVERY_MS:
            self._seen(caller, held, at_ms)
        if at_ms - held.put_at_ms >= FLUSH_MS:
            self._put(key, held, at_ms)
        self._put_overdue(at_ms)

    def _seen(self, caller: Caller, held: _Held, at_ms: int) -> None:
        held.seen_at_ms = at_ms
        try:
            with self.acting_for(caller.tenant):
                self.rows.seen(caller.subject, at_ms)
        except Away as error:
            self.away(error)

    def _put(self, key: tuple[str, date, str], held: _Held, at_ms: int) -> None:
        held.put_at_ms = at_ms
        try:
            with self.acting_for(held.tenant):
                row = UsageRow(key[1], key[2], held.totals)
                self.rows.put(row, process=self.process, number=held.number + 1)
        except Away as error:
            self.away(error)
        else:
            held.number += 1
            held.waiting_since_ms = 0

    def _put_overdue(self, at_ms: int) -> None:
        """At most one, the one that waits longest: the request at hand pays for it."""
        waiting = [(held.waiting_since_ms, key) for key, held in self._held.items() if held.waiting_since_ms]
        if waiting and at_ms - min(waiting)[0] >= OVERDUE_MS:
            key = min(waiting)[1]
            self._put(key, self._held[key], at_ms)
        if len(self._held) > MOST_ROWS:
            # Rows of days that are over and put; whoever comes again on another day has another row.
            self._held = {key: held for key, held in self._held.items() if held.waiting_since_ms}


def used(first: date, last: date, *, rows: UsageRows) -> Sequence[UsageRow]:
    """What was used from `first` to `last`, summed over processes, by day and subject."""
    sums: dict[tuple[date, str], Totals] = {}
    for row in rows.between(first, last):
        sums[row.day, row.subject] = sums.get((row.day, row.subject), NOTHING).plus(row.totals)
    return [UsageRow(day, subject, totals) for (day, subject), totals in sorted(sums.items())]
