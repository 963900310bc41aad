"""An erasure that is cut off at any call goes on, and leaves nothing but the proof that it happened."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cnc.domain.base.errors import CncError
from cnc.domain.privacy.retention import PLACES, Place
from cnc.services.privacy import erasure
from cnc.services.privacy.erasure import Erasure, ErasureState, ErasureStores
from cnc.services.privacy.ports import DirectoryRow, Row
from tests.privacy.fakes import NOW

TENANT = "t_1111111111111111"
PERSON = "U#https://idp#ann"


class Cut(Exception):
    """The process ended here."""


@dataclass
class World:
    """Everything a tenant has, in memory; the call number `cut_at` does its work or not, and then ends the process."""

    cut_at: int = -1
    after: bool = False
    calls: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, str, str], int] = field(default_factory=dict)
    objects: int = 7
    messages: int = 3
    directory: set[str] = field(default_factory=set)
    accounts: set[str] = field(default_factory=lambda: {PERSON})
    gateways: set[str] = field(default_factory=lambda: {"g_1", "g_2"})
    machines: tuple[str, ...] = ("m_1", "m_2")
    things: set[str] = field(default_factory=lambda: {"g_1", "g_2"})
    orders_sent: list[str] = field(default_factory=list)
    tenant_row: bool = True
    now: datetime = NOW

    def __post_init__(self) -> None:
        owners = {"machine": self.machines, "gateway": ("g_1", "g_2"), "": ("",)}
        self.rows = {(p.table, p.noun + p.prefix, owner): 1 for p in PLACES for owner in owners[p.per]}
        self.directory = {PERSON, "K#1", "G#g_1", "N#" + TENANT, "S#2"}

    def call(self, work: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self.cut_at and not self.after:
            raise Cut
        result = work()
        if self.calls == self.cut_at:
            raise Cut
        return result

    def stores(self) -> ErasureStores:
        return ErasureStores(
            orders=Orders(self),
            rows=AllRows(self),
            objects=Objects(self),
            directory=Directory(self),
            gateways=Gateways(self),
            people=People(self),
            queues=Queues(self),
            machines=lambda: self.machines if self.rows.get(("shop", "M", "")) else (),
            audit_end=lambda: (3, "hash") if self.rows.get(("audit", "L", "")) else (0, ""),
        )

    def run(self, time_left: Callable[[], bool] = lambda: True) -> Erasure:
        held = Erasure.of_text(self.orders[TENANT])
        return erasure.run(held, stores=self.stores(), time_left=time_left, now=lambda: self.now)

    @property
    def left(self) -> dict[str, Any]:
        return {
            "rows": {place: count for place, count in self.rows.items() if count},
            "objects": self.objects,
            "messages": self.messages,
            "directory": self.directory - {"N#" + TENANT},
            "tenant": self.tenant_row,
            "accounts": self.accounts,
            "things": self.things,
        }


NOTHING = {
    "rows": {},
    "objects": 0,
    "messages": 0,
    "directory": set(),
    "tenant": False,
    "accounts": set(),
    "things": set(),
}


@dataclass
class Orders:
    world: World

    def get(self, tenant: str, /) -> Erasure | None:
        text = self.world.orders.get(tenant)
        return Erasure.of_text(text) if text else None

    def put(self, order: Erasure, /) -> None:
        self.world.call(lambda: self.world.orders.update({order.tenant: order.text()}))

    def remove(self, tenant: str, /) -> None:
        del self.world.orders[tenant]

    def all(self) -> list[Erasure]:
        return [Erasure.of_text(text) for text in self.world.orders.values()]

    def bury(self, order: Erasure, /) -> None:
        self.world.tenant_row = False
        self.put(order)


@dataclass
class AllRows:
    world: World

    def rows(self, place: Place, owner: str = "", *, after: str = "") -> Iterator[Row]:
        raise AssertionError((place, owner, after))

    def remove(self, place: Place, owner: str = "") -> int:
        where = (place.table, place.noun + place.prefix, owner)
        gone = min(2, self.world.rows.get(where, 0))

        def work() -> int:
            self.world.rows[where] = self.world.rows.get(where, 0) - gone
            if where[:2] == ("shop", "G") and not self.world.rows[where]:
                self.world.gateways.clear()
            return gone

        return int(self.world.call(work))

    def replace(self, place: Place, sort: str, changed: dict[str, str]) -> None:
        raise AssertionError

    def drop(self, place: Place, sorts: Sequence[str]) -> None:
        raise AssertionError


@dataclass
class Objects:
    world: World

    def keys(self, kind: str, *, after: str = "") -> Iterator[tuple[str, int]]:
        raise AssertionError

    def read(self, key: str) -> bytes:
        raise AssertionError

    def find(self, key: str) -> bytes | None:
        raise AssertionError

    def remove(self, key: str) -> None:
        raise AssertionError

    def wipe(self) -> int:
        def work() -> int:
            gone = min(4, self.world.objects)
            self.world.objects -= gone
            return gone

        return int(self.world.call(work))


@dataclass
class Directory:
    world: World

    def of_tenant(self, tenant: str) -> Iterator[DirectoryRow]:
        yield from (DirectoryRow(key, {}) for key in sorted(self.world.directory))

    def forget(self, key: str, *, tenant: str) -> bool:
        self.world.call(lambda: self.world.directory.discard(key))
        return True


@dataclass
class Gateways:
    world: World

    def all(self) -> list[tuple[str, str]]:
        return [(thing, "s_1") for thing in sorted(self.world.gateways)]

    def order_wipe(self, thing: str, *, site: str) -> None:
        self.world.call(lambda: self.world.orders_sent.append(thing))

    def wiped(self, things: Sequence[str], /, *, until: datetime) -> Sequence[str]:
        return [thing for thing in things if thing == "g_1"]

    def retire(self, thing: str, *, site: str) -> None:
        self.world.call(lambda: self.world.things.discard(thing))


@dataclass
class People:
    world: World

    def leave(self, row: DirectoryRow, /, *, tenant: str) -> bool:
        self.world.call(lambda: self.world.accounts.discard(row.key))
        self.world.call(lambda: self.world.directory.discard(row.key))
        return True


@dataclass
class Queues:
    world: World

    def sift(self) -> int:
        def work() -> int:
            gone, self.world.messages = self.world.messages, 0
            return gone

        return int(self.world.call(work))


def scheduled(world: World) -> None:
    erasure.schedule(TENANT, by="u_1", orders=Orders(World()), now=NOW)
    order = Erasure(tenant=TENANT, by="u_1", asked_ms=0, due_ms=0)
    world.orders[TENANT] = order.text()


def finish(world: World) -> Erasure:
    """As the hourly job does: again and again, the sweep an hour later."""
    for _ in range(10):
        world.now += timedelta(hours=2)
        order = Erasure.of_text(world.orders[TENANT])
        if order.state is ErasureState.DONE:
            return order
        assert erasure.due(order, now=world.now)
        world.run()
    raise AssertionError(world.left)


def calls_of_a_whole_run() -> int:
    world = World()
    scheduled(world)
    finish(world)
    return world.calls


CALLS = calls_of_a_whole_run()


def test_nothing_is_left_but_the_proof() -> None:
    world = World()
    scheduled(world)
    done = finish(world)
    assert world.left == NOTHING
    assert (done.audit_seq, done.audit_head) == (3, "hash")
    assert (done.wiped, done.silent) == (("g_1",), ("g_2",))
    assert done.report()["erased"]["objects"] == 7
    assert set(world.orders_sent) == {"g_1", "g_2"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_cut_off_at_any_call_is_made_good(after: bool) -> None:
    for call in range(5 if after else 1, CALLS + 1, 8):
        world = World(cut_at=call, after=after)
        scheduled(world)
        while True:
            try:
                world.now += timedelta(hours=2)
                if world.run().state is ErasureState.DONE:
                    break
            except Cut:
                continue
        assert world.left == NOTHING, f"cut at call {call}"
        assert Erasure.of_text(world.orders[TENANT]).audit_head == "hash"


def test_runs_that_end_in_time_go_on_where_they_stopped() -> None:
    world = World()
    scheduled(world)
    runs = 0
    while (order := world.run(lambda: False)).state is not ErasureState.DONE:
        runs += 1
        world.now += timedelta(hours=2 if order.state is ErasureState.SWEEPING else 0)
        assert runs < 500
    assert world.left == NOTHING


def test_what_came_in_meanwhile_is_swept_an_hour_later() -> None:
    world = World()
    scheduled(world)
    assert world.run().state is ErasureState.SWEEPING
    world.rows["telemetry", "MC#", "m_1"] = 1  # no row says any more that this machine was there
    world.rows["telemetry", "A", ""] = 1
    assert world.run().state is ErasureState.SWEEPING, "not before its time"
    done = finish(world)
    assert done.state is ErasureState.DONE
    assert world.left == NOTHING


def test_seven_days_are_left_to_take_it_back() -> None:
    world = World()
    made = erasure.schedule(TENANT, by="u_1", orders=Orders(world), now=NOW)
    assert made.due_ms - made.asked_ms == 7 * 86_400_000
    assert erasure.schedule(TENANT, by="u_2", orders=Orders(world), now=NOW + timedelta(days=1)) == made
    assert not erasure.due(made, now=NOW + timedelta(days=6))
    assert erasure.due(made, now=NOW + timedelta(days=8))
    erasure.take_back(TENANT, orders=Orders(world))
    assert world.orders == {}
    with pytest.raises(CncError, match="no such erasure"):
        erasure.take_back(TENANT, orders=Orders(world))


def test_what_has_begun_cannot_be_taken_back() -> None:
    world = World()
    scheduled(world)
    world.run()
    with pytest.raises(CncError, match="sweeping"):
        erasure.take_back(TENANT, orders=Orders(world))


def test_an_order_survives_being_stored_as_text() -> None:
    world = World()
    scheduled(world)
    done = finish(world)
    assert Erasure.of_text(done.text()) == done
