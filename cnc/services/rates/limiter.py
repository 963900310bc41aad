"""Counts what callers spend, over all processes, with few questions to the store (docs/decisions/0016).

A process spends on its own up to a few points or a small share of what a quota has left, its lease, then tells the
store and hears what all processes have spent together. What it has heard can only be too low, so a refusal is always
right, and holds until the window ends without a question; what is admitted too much is bounded: with W processes at
most W x the largest of FREE, quota / LEASE and the points of one request.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from cnc.domain.base.clock import to_ms
from cnc.domain.rates.costs import CAPS, Cap, Cost
from cnc.domain.rates.plans import WINDOW_S, Plan, plan_or_usual
from cnc.domain.rates.window import whole_in_s, window_of
from cnc.services.caller import Caller
from cnc.services.rates.counters import Away, Counters
from cnc.services.rates.turn import RateLimited, Standing, Turn

#: A process may be ahead of the store by this part of what is left, or by so many points while half of it is left.
LEASE: Final = 256
FREE: Final = 2
#: A store that did not answer is left alone for a while.
AWAY_MS: Final = 2_000
#: Without the store, one process takes this part of each quota to be its own.
SHARE: Final = 8
MOST_TENANTS: Final = 2_000
TENANT: Final = "tenant"


class Limit(NamedTuple):
    """A quota of points of a window, and whose counts it bounds."""

    policy: str
    subject: str
    quota: int


@dataclass(slots=True)
class Local:
    """What this process knows of one tenant's window: `heard` from the store, `ahead` of it, `own` in all."""

    window: int
    heard: dict[str, int] = field(default_factory=dict)
    ahead: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    away_until_ms: int = 0

    def used(self, limit: Limit) -> int:
        """A lower bound of what was spent; alone, this process takes what it spent itself to be its share."""
        heard = self.heard.get(limit.subject, 0)
        if self.away_until_ms:
            return max(self.own.get(limit.subject, 0) * SHARE, heard)
        return heard + self.ahead.get(limit.subject, 0)

    def beyond_lease(self, limit: Limit, points: int) -> bool:
        left = max(0, limit.quota - self.heard.get(limit.subject, 0))
        lease = max(left / LEASE, FREE if left > limit.quota / 2 else 0)
        return self.ahead.get(limit.subject, 0) + points > lease

    def spend(self, limit: Limit, points: int) -> None:
        self.ahead[limit.subject] = self.ahead.get(limit.subject, 0) + points
        self.own[limit.subject] = self.own.get(limit.subject, 0) + points


@dataclass(slots=True)
class Limiter:
    """One per process. `now` is wall time; `away` hears each time the store did not answer."""

    counters: Counters
    acting_for: Callable[[str], AbstractContextManager[object]]
    now: Callable[[], datetime]
    away: Callable[[Exception], None]
    plan_of: Callable[[str], Plan] = plan_or_usual
    _tenants: OrderedDict[str, Local] = field(default_factory=OrderedDict)
    _caps: dict[tuple[str, str, int], int] = field(default_factory=dict)

    def turn(self, caller: Caller, *, connection: str = "") -> Turn:
        """The turn of one request, or of one message on a connection; nothing is spent yet."""
        limits = tuple(_limits(caller, self.plan_of(caller.plan), connection))
        return Turn(
            spend=lambda points: self._spend(caller.tenant, limits, points),
            standings=lambda: tuple(self._standing(caller.tenant, limit) for limit in limits),
        )

    def admit(self, caller: Caller, cost: Cost, *, turn: Turn) -> None:
        """Spend what a route costs: its points, then its caps. Raises RateLimited."""
        turn.take(cost.points)
        for name in cost.caps if self.plan_of(caller.plan).caps else ():
            try:
                self._cap(caller, CAPS[name])
            except RateLimited as error:
                turn.refused = error
                raise

    def _spend(self, tenant: str, limits: tuple[Limit, ...], points: int) -> None:
        at_ms = to_ms(self.now())
        local = self._local(tenant, at_ms)
        if local.away_until_ms and at_ms >= local.away_until_ms:
            self._hear(tenant, local, at_ms)  # before a refusal that rests on a guess
        self._refuse_full(local, limits, points, at_ms)
        ask = tenant and at_ms >= local.away_until_ms
        if ask and any(local.beyond_lease(limit, points) for limit in limits):
            self._hear(tenant, local, at_ms)
            self._refuse_full(local, limits, points, at_ms)
        for limit in limits:
            local.spend(limit, points)

    def _hear(self, tenant: str, local: Local, at_ms: int) -> None:
        spent = {subject: points for subject, points in local.ahead.items() if points}
        try:
            with self.acting_for(tenant):
                local.heard = dict(self.counters.add(local.window, spent))
        except Away as error:
            local.away_until_ms = at_ms + AWAY_MS
            self.away(error)
        else:
            local.ahead, local.away_until_ms = {}, 0

    @staticmethod
    def _refuse_full(local: Local, limits: tuple[Limit, ...], points: int, at_ms: int) -> None:
        for limit in limits:
            used = local.used(limit)
            if used + points > limit.quota:
                raise RateLimited(
                    limit.policy,
                    seen=f"{used + points} points of the {limit.policy}",
                    expected=f"at most {limit.quota} in {WINDOW_S} s",
                    retry_after_s=whole_in_s(at_ms),
                )

    def _local(self, tenant: str, at_ms: int) -> Local:
        window = window_of(at_ms)
        local = self._tenants.get(tenant)
        if local is None or local.window != window:
            away_until_ms = local.away_until_ms if local else 0
            local = self._tenants[tenant] = Local(window, away_until_ms=away_until_ms)
            while len(self._tenants) > MOST_TENANTS:
                self._tenants.popitem(last=False)
        self._tenants.move_to_end(tenant)
        return local

    def _standing(self, tenant: str, limit: Limit) -> Standing:
        at_ms = to_ms(self.now())
        left = max(0, limit.quota - self._local(tenant, at_ms).used(limit))
        return Standing(limit.policy, limit.quota, left, whole_in_s(at_ms))

    def _cap(self, caller: Caller, cap: Cap) -> None:
        at_s = to_ms(self.now()) // 1000
        window = at_s // cap.window_s * cap.window_s
        wait_s = max(1, window + cap.window_s - at_s)
        try:
            room = self._room(caller, cap, window)
        except Away as error:
            # What costs money or mails strangers is not done uncounted: it can wait for the store.
            self.away(error)
            raise RateLimited(cap.name, seen="no count", expected="a count", retry_after_s=AWAY_MS // 1000) from error
        if not room:
            expected = f"at most {cap.most} in {cap.window_s // 60} min"
            raise RateLimited(cap.name, seen=f"more of {cap.name}", expected=expected, retry_after_s=wait_s)

    def _room(self, caller: Caller, cap: Cap, window: int) -> bool:
        subject = TENANT if cap.whole_tenant else caller.subject
        if caller.tenant:
            with self.acting_for(caller.tenant):
                return self.counters.cap(
                    cap.name, subject, window=window, most=cap.most, ends_at_s=window + cap.window_s
                )
        # A person of no tenant has no rows: each process counts, and the front counts addresses.
        if len(self._caps) > MOST_TENANTS:
            self._caps.clear()
        key = (cap.name, subject, window)
        self._caps[key] = self._caps.get(key, 0) + 1
        return self._caps[key] <= cap.most


def _limits(caller: Caller, plan: Plan, connection: str) -> Iterator[Limit]:
    if connection:
        yield Limit("connection", f"c:{connection}", plan.connection)
    yield Limit("key" if caller.kind == "key" else "user", caller.subject, plan.credential)
    if caller.tenant:
        yield Limit(TENANT, TENANT, plan.tenant)
