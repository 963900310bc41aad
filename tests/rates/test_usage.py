"""What was used is counted once, whatever processes, retries and cuts do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from cnc.cloud.store.usage import UsageStore
from cnc.cloud.tenancy import acting_for
from cnc.services.rates import Away
from cnc.services.usage import FLUSH_MS, OVERDUE_MS, Totals, UsageMeter, UsageRow, used
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud
from tests.rates.parts import KEY, START, Clock, Store

DAY = START.date()


@dataclass
class Rows:
    """Rows in memory; the next `broken` puts are stored but not answered, as when a connection is cut."""

    held: dict[tuple[date, str, str], tuple[int, Totals]] = field(default_factory=dict)
    puts: int = 0
    broken: int = 0

    def put(self, row: UsageRow, /, *, process: str, number: int) -> None:
        self.puts += 1
        before = self.held.get((row.day, row.subject, process), (0, Totals()))
        if number > before[0]:
            self.held[row.day, row.subject, process] = (number, row.totals)
        if self.broken:
            self.broken -= 1
            raise Away("cut")

    def seen(self, subject: str, at_ms: int, /) -> None: ...

    def last_seen(self) -> Mapping[str, int]:
        return {}

    def between(self, first: date, last: date, /) -> Iterator[UsageRow]:
        for (day, subject, _), (_, totals) in self.held.items():
            if first <= day <= last:
                yield UsageRow(day, subject, totals)


def meter(rows: Rows, clock: Clock, process: str = "p1") -> UsageMeter:
    return UsageMeter(rows, acting_for=Store().acting_for, now=clock, away=lambda _: None, process=process)


def count(meter: UsageMeter, clock: Clock, *, times: int, every_s: float = FLUSH_MS / 1000) -> None:
    for _ in range(times):
        meter.count(KEY, points=2, sent_bytes=10, refused=False)
        clock.forward(every_s)


def test_processes_add_up() -> None:
    rows, clock = Rows(), Clock()
    for process in ("p1", "p2", "p3"):
        count(meter(rows, clock, process), clock, times=5)
    (row,) = used(DAY, DAY, rows=rows)
    assert (row.subject, row.totals) == (KEY.subject, Totals(15, 30, 150, 0))


def test_a_put_whose_answer_was_lost_counts_once() -> None:
    rows, clock = Rows(broken=3), Clock()
    mine = meter(rows, clock)
    count(mine, clock, times=10)
    (row,) = used(DAY, DAY, rows=rows)
    assert row.totals.calls == 10


def test_what_comes_quickly_is_put_together_and_the_rest_with_the_next_request_of_anybody() -> None:
    rows, clock = Rows(), Clock()
    mine = meter(rows, clock)
    count(mine, clock, times=100, every_s=0.001)
    assert (rows.puts, used(DAY, DAY, rows=rows)[0].totals.calls) == (1, 1)
    clock.forward(OVERDUE_MS / 1000)
    mine.count(type(KEY)("t_bbbbbbbbbbbbbbbb", "k_bbbbbbbbbbbbbbbb", "key"), points=1, sent_bytes=1, refused=True)
    totals = {row.subject: row.totals for row in used(DAY, DAY, rows=rows)}
    assert totals[KEY.subject].calls == 100
    assert totals["k_bbbbbbbbbbbbbbbb"].refused == 1


def test_days_are_apart() -> None:
    rows, clock = Rows(), Clock(START.replace(hour=23, minute=59, second=58))
    count(meter(rows, clock), clock, times=4, every_s=1.0)
    days = [(row.day, row.totals.calls) for row in used(DAY, DAY + timedelta(days=1), rows=rows)]
    assert [day for day, _ in days] == [DAY, DAY + timedelta(days=1)]


@pytest.fixture
def store(cloud: Cloud) -> UsageStore:
    return UsageStore(cloud.clients, table=cloud.tables["shop"])


def test_a_late_put_does_not_undo_a_newer_one(store: UsageStore, ours: Shop, theirs: Shop) -> None:
    with acting_for(ours.tenant):
        row = UsageRow(DAY, "k_aaaaaaaaaaaaaaaa", Totals(5, 5, 5, 0))
        store.put(row, process="p", number=2)
        store.put(row._replace(totals=Totals(1, 1, 1, 0)), process="p", number=1)
        store.put(row, process="q", number=1)
        assert [one.totals.calls for one in used(DAY, DAY, rows=store)] == [10]
        assert used(DAY + timedelta(days=1), DAY + timedelta(days=9), rows=store) == []
    with acting_for(theirs.tenant):
        assert used(DAY, DAY, rows=store) == []


def test_the_time_of_last_use_only_goes_forward(store: UsageStore, theirs: Shop) -> None:
    with acting_for(theirs.tenant):
        store.seen("k_aaaaaaaaaaaaaaaa", 2_000)
        store.seen("k_aaaaaaaaaaaaaaaa", 1_000)
        assert store.last_seen() == {"k_aaaaaaaaaaaaaaaa": 2_000}
