"""The erasure of a tenant: step after step, each of which may be cut off anywhere and done again.

scheduled (for 7 days, may be taken back) -> running -> sweeping -> done. What was on its way into the cloud meanwhile
is swept once more, `SWEEP_AFTER` later. What stays is a row of the directory: that this id was erased, when, and the
last entry of its audit chain, so that whoever holds a copy of the chain can prove how it ended.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from cnc.domain.base.clock import from_ms, rfc3339, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.privacy.retention import PLACES, Place
from cnc.services.privacy.ports import DirectoryRow, Objects, Rows

GRACE: Final = timedelta(days=7)
#: Messages on their way are given up after 5 minutes, sessions of functions end within the hour.
SWEEP_AFTER: Final = timedelta(hours=1)
#: A run that told nothing for so long has ended.
STALLED: Final = timedelta(minutes=20)
#: How long gateways are waited for, of those that are connected.
CONFIRM_WITHIN: Final = timedelta(minutes=2)


class ErasureState(StrEnum):
    """Where an erasure stands."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    SWEEPING = "sweeping"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One order. `due_ms` is when its next run may begin; `step` the next step; `counts` what is gone by now.

    `wiped` and `silent` are gateways that told that their journals are wiped, and those that did not. `machines` and
    `gateways` (thing, site) are remembered for the sweep, which finds no row of them any more.
    """

    tenant: str
    by: str
    asked_ms: int
    due_ms: int
    state: ErasureState = ErasureState.SCHEDULED
    step: int = 0
    told_ms: int = 0
    done_ms: int = 0
    counts: Mapping[str, int] | None = None
    wiped: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    gateways: tuple[tuple[str, str], ...] = ()
    audit_seq: int = 0
    audit_head: str = ""

    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> "Erasure":
        body = json.loads(text)
        lists: dict[str, Any] = {name: tuple(body[name]) for name in ("wiped", "silent", "machines")}
        lists["gateways"] = tuple((thing, site) for thing, site in body["gateways"])
        return cls(**body | lists | {"state": ErasureState(body["state"])})

    def report(self) -> dict[str, Any]:
        """What may be shown and kept: ids, numbers and times."""
        return {
            "tenant": self.tenant,
            "state": self.state.value,
            "asked_at": rfc3339(self.asked_ms),
            "due_at": rfc3339(self.due_ms),
            "done_at": rfc3339(self.done_ms) if self.done_ms else None,
            "erased": dict(self.counts or {}),
            "gateways_wiped": list(self.wiped),
            "gateways_silent": list(self.silent),
            "audit_entries": self.audit_seq,
            "audit_head": self.audit_head,
        }


class Orders(Protocol):
    """Erasures of tenants, outside of what they erase."""

    def get(self, tenant: str, /) -> Erasure | None: ...
    def put(self, erasure: Erasure, /) -> None: ...
    def remove(self, tenant: str, /) -> None: ...
    def all(self) -> list[Erasure]: ...
    def bury(self, erasure: Erasure, /) -> None:
        """Put the tombstone in the place of the tenant's row."""
        ...


class Gateways(Protocol):
    """Gateways of the tenant acted for, at their broker and in their registry."""

    def all(self) -> Sequence[tuple[str, str]]:
        """(thing, site)."""
        ...

    def order_wipe(self, thing: str, *, site: str) -> None: ...
    def wiped(self, things: Sequence[str], /, *, until: datetime) -> Sequence[str]:
        """Those that told so, as soon as all did or the time is over."""
        ...

    def retire(self, thing: str, *, site: str) -> None:
        """No retained message, no certificate, no shadow, no thing any more. Again is the same."""
        ...


class People(Protocol):
    def leave(self, row: DirectoryRow, /, *, tenant: str) -> bool:
        """Take a person out of the tenant; whether an account without another tenant was removed with it."""
        ...


class Queues(Protocol):
    def sift(self) -> int:
        """Remove some waiting messages of the tenant acted for; how many. 0: there are none left."""
        ...


class TenantRowsOf(Protocol):
    def of_tenant(self, tenant: str) -> Iterator[DirectoryRow]: ...
    def forget(self, key: str, *, tenant: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class ErasureStores:
    """Everything below belongs to the tenant acted for, orders and directory excepted."""

    orders: Orders
    rows: Rows
    objects: Objects
    directory: TenantRowsOf
    gateways: Gateways
    people: People
    queues: Queues
    machines: Callable[[], Sequence[str]]
    audit_end: Callable[[], tuple[int, str]]


def schedule(tenant: str, *, by: str, orders: Orders, now: datetime, grace: timedelta = GRACE) -> Erasure:
    """An order for after the days of grace; the one that is there already, if there is one."""
    held = orders.get(tenant)
    if held is not None:
        return held
    made = Erasure(tenant=tenant, by=by, asked_ms=to_ms(now), due_ms=to_ms(now + grace))
    orders.put(made)
    return made


def take_back(tenant: str, *, orders: Orders) -> None:
    """Raises CncError `erasure.not_found` when there is none, or it has begun."""
    held = orders.get(tenant)
    if held is None or held.state is not ErasureState.SCHEDULED:
        raise CncError(
            "erasure.not_found", seen=held.state.value if held else "none", expected="one in its days of grace"
        )
    orders.remove(tenant)


def due(erasure: Erasure, *, now: datetime) -> bool:
    """Whether a run may begin: its time has come and nobody is at it."""
    idle = now - from_ms(erasure.told_ms) > STALLED or erasure.state is not ErasureState.RUNNING
    return erasure.state is not ErasureState.DONE and erasure.due_ms <= to_ms(now) and idle


def run(
    erasure: Erasure, *, stores: ErasureStores, time_left: Callable[[], bool], now: Callable[[], datetime]
) -> Erasure:
    """Go on with an erasure that is due, until it is done or the time is up; the order as it stands then."""
    if erasure.state is ErasureState.DONE or erasure.due_ms > to_ms(now()):
        return erasure
    return _Eraser(erasure, stores, time_left, now).run()


@dataclass(slots=True)
class _Eraser:
    erasure: Erasure
    stores: ErasureStores
    time_left: Callable[[], bool]
    now: Callable[[], datetime]

    def run(self) -> Erasure:
        sweeping = self.erasure.state is ErasureState.SWEEPING
        self._tell(state=ErasureState.SWEEPING if sweeping else ErasureState.RUNNING)
        steps = self._steps()
        while self.erasure.step < len(steps):
            if not steps[self.erasure.step]():
                return self.erasure
            self._tell(step=self.erasure.step + 1)
        if not sweeping:
            self._tell(state=ErasureState.SWEEPING, step=0, due_ms=to_ms(self.now() + SWEEP_AFTER))
            return self.erasure
        now_ms = to_ms(self.now())
        done: dict[str, Any] = {"state": ErasureState.DONE, "done_ms": now_ms, "told_ms": now_ms}
        self.erasure = replace(self.erasure, **done, machines=(), gateways=())
        self.stores.orders.bury(self.erasure)
        return self.erasure

    def _steps(self) -> list[Callable[[], bool]]:
        """In an order in which what is left always says what is still to do: machines and gateways go last."""
        rows = [self._rows_of(place) for place in PLACES if place.table != "audit"]
        audit = [self._rows_of(place) for place in PLACES if place.table == "audit"]
        return [
            self._remember,
            self._wipe_gateways,
            self._retire_gateways,
            self._directory,
            self._some("messages", self.stores.queues.sift),
            self._some("objects", self.stores.objects.wipe),
            *audit,
            *rows,
        ]

    def _remember(self) -> bool:
        if not self.erasure.audit_head:
            seq, head = self.stores.audit_end()
            self.erasure = replace(self.erasure, audit_seq=seq, audit_head=head)
        machines = tuple(sorted({*self.erasure.machines, *self.stores.machines()}))
        self._tell(machines=machines, gateways=tuple(sorted({*self.erasure.gateways, *self.stores.gateways.all()})))
        return True

    def _wipe_gateways(self) -> bool:
        """Tell gateways to forget what they hold of this tenant; those that are away keep what they hold."""
        asked = [
            thing for thing, _ in self.erasure.gateways if thing not in (*self.erasure.silent, *self.erasure.wiped)
        ]
        for thing, site in self.erasure.gateways:
            self.stores.gateways.order_wipe(thing, site=site)
        told = self.stores.gateways.wiped(asked, until=self.now() + CONFIRM_WITHIN) if asked else ()
        wiped = {*self.erasure.wiped, *told}
        self._tell(wiped=tuple(sorted(wiped)), silent=tuple(sorted({*self.erasure.silent, *asked} - wiped)))
        return True

    def _retire_gateways(self) -> bool:
        for thing, site in self.erasure.gateways:
            self.stores.gateways.retire(thing, site=site)
        counts = {**(self.erasure.counts or {}), "gateways": len(self.erasure.gateways)}
        self.erasure = replace(self.erasure, counts=counts)
        return True

    def _directory(self) -> bool:
        """People first: their accounts are found by what these rows say."""
        kept = {f"N#{self.erasure.tenant}"}
        for row in list(self.stores.directory.of_tenant(self.erasure.tenant)):
            if row.key in kept or row.key.startswith("Z#"):
                continue
            if row.key.startswith("U#"):
                self._count("accounts", int(self.stores.people.leave(row, tenant=self.erasure.tenant)))
            else:
                self.stores.directory.forget(row.key, tenant=self.erasure.tenant)
            self._count("credentials", 1)
            if not self.time_left():
                return False
        return True

    def _rows_of(self, place: Place) -> Callable[[], bool]:
        def remove_of(owner: str) -> Callable[[], int]:
            return lambda: self.stores.rows.remove(place, owner)

        what = f"{place.table}: {place.keeps}"
        return lambda: all(self._until_none(what, remove_of(owner)) for owner in self._owners(place))

    def _owners(self, place: Place) -> list[str]:
        match place.per:
            case "machine":
                return list(self.erasure.machines)
            case "gateway":
                return [thing for thing, _ in self.erasure.gateways]
        return [""]

    def _some(self, what: str, remove: Callable[[], int]) -> Callable[[], bool]:
        return lambda: self._until_none(what, remove)

    def _until_none(self, what: str, remove: Callable[[], int]) -> bool:
        """Whether nothing is left; False when the time was up before."""
        while gone := remove():
            self._count(what, gone)
            self._tell()
            if not self.time_left():
                return False
        return True

    def _count(self, what: str, more: int) -> None:
        if more:
            counts = dict(self.erasure.counts or {})
            counts[what] = counts.get(what, 0) + more
            self.erasure = replace(self.erasure, counts=counts)

    def _tell(self, **changed: Any) -> None:
        self.erasure = replace(self.erasure, told_ms=to_ms(self.now()), **changed)
        self.stores.orders.put(self.erasure)
