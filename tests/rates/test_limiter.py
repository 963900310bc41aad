"""Quotas hold over all processes together, to a bound that is written down, with few questions to the store."""

from dataclasses import replace

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.rates.costs import CAPS, ROUTES, Cost, cost_of_route, points_of_document
from cnc.domain.rates.plans import PLANS, WINDOW_S, plan_of, plan_or_usual
from cnc.domain.rates.window import AT_ONCE, opened, wait_s
from cnc.services.caller import NEWCOMER, Caller
from cnc.services.rates import RateLimited
from cnc.services.rates.limiter import AWAY_MS, LEASE, SHARE
from tests.rates.parts import KEY, START, TENANT, Workers

STANDARD = PLANS["standard"]


@pytest.mark.parametrize("workers", [1, 2, 12])
@pytest.mark.parametrize("points", [1, 21])
def test_a_burst_gets_a_quarter_of_the_quota_and_no_more_than_the_bound_beyond_it(workers: int, points: int) -> None:
    spent = Workers(workers).admitted(3_000 // points, points=points) * points
    quarter = STANDARD.credential * AT_ONCE
    assert quarter - points < spent <= quarter + workers * (STANDARD.credential / LEASE + points)


def test_twenty_times_the_quota_gets_the_quota() -> None:
    workers = 12
    shop = Workers(workers)
    offered = STANDARD.credential * 20
    spent = sum(shop.admitted(offered, every_s=WINDOW_S / offered) for _ in range(2))
    bound = workers * (STANDARD.credential / LEASE + 1)
    assert STANDARD.credential * 2 * 0.99 < spent <= 2 * (STANDARD.credential + bound)
    # Each worker asks at most every 250 ms, and as often as its lease is spent.
    assert shop.store.asked <= 2 * WINDOW_S * 4 * workers + spent


def test_who_asks_little_asks_the_store_hardly_ever() -> None:
    shop = Workers(6)
    assert shop.admitted(24, every_s=2.5) == 24
    assert shop.store.asked == 0


def test_what_others_spent_is_heard_of() -> None:
    shop = Workers(2)
    for _ in range(400):
        shop.spend(worker=0)
    refused = [shop.spend(worker=1) for _ in range(50)]
    assert sum(error is None for error in refused) <= STANDARD.credential / LEASE + 1


def test_one_key_that_is_full_leaves_room_to_the_others_of_its_tenant_until_the_tenant_is_full() -> None:
    shop = Workers(3)
    keys = [replace(KEY, subject=f"k_{n:016d}") for n in range(12)]
    got = [shop.admitted(400, caller=key) for key in keys]
    quarter, bound = STANDARD.credential * AT_ONCE, 3 * (STANDARD.credential / LEASE + 1)
    assert quarter <= got[0] <= quarter + bound
    assert quarter <= got[1] <= quarter + bound
    assert sum(got) <= STANDARD.tenant * AT_ONCE + 3 * (STANDARD.tenant / LEASE + 1)
    assert got[-1] == 0


def test_a_full_tenant_takes_nothing_from_another() -> None:
    shop = Workers(3)
    shop.admitted(2_000)
    other = replace(KEY, tenant="t_bbbbbbbbbbbbbbbb")
    assert shop.admitted(100, caller=other) == 100


def test_a_refusal_says_which_quota_and_when_it_is_open_again() -> None:
    shop = Workers()
    shop.admitted(300)
    refused = shop.spend(20)
    assert refused is not None
    assert (refused.code, refused.policy, refused.status) == ("limit.rate", "key", 429)
    shop.clock.forward(refused.retry_after_s)
    assert shop.spend(20) is None


@pytest.mark.parametrize("used", [0, 300, 700, 1_199, 1_200, 5_000])
@pytest.mark.parametrize("into_ms", [0, 1, 20_000, 59_999])
def test_the_wait_ends_when_there_is_room_or_with_the_window(used: int, into_ms: int) -> None:
    seconds = wait_s(1_200, used=used, points=1, into_ms=into_ms)
    then_ms = into_ms + seconds * 1000
    assert seconds >= 1
    assert then_ms >= WINDOW_S * 1000 or used + 1 <= opened(1_200, into_ms=then_ms)


def test_without_the_store_a_process_takes_its_share_and_tells_each_time() -> None:
    shop = Workers(2)
    shop.store.gone = True
    spent = sum(shop.admitted(10, every_s=0.01) for _ in range(500))  # 50 s
    assert spent <= 2 * STANDARD.credential / SHARE + 2
    assert spent > STANDARD.credential / SHARE
    assert 2 <= len(shop.problems) <= 2 * (50_000 / AWAY_MS + 1)


def test_when_the_store_is_back_it_hears_what_was_spent_without_it() -> None:
    shop = Workers(1)
    shop.store.gone = True
    spent = shop.admitted(100)
    shop.store.gone = False
    shop.clock.forward(AWAY_MS / 1000)
    shop.admitted(10)
    assert sum(counts[KEY.subject] for counts in shop.store.counts.values()) >= spent > 0


def test_headers_are_those_of_the_draft() -> None:
    shop = Workers()
    turn = shop.next().turn(KEY)
    turn.take(3)
    assert turn.headers() == {
        "ratelimit-policy": '"key";q=1200;qu="points";w=60, "tenant";q=3000;qu="points";w=60',
        "ratelimit": '"key";r=297;t=60, "tenant";r=747;t=60',
    }
    with pytest.raises(RateLimited):
        turn.take(300)
    assert turn.headers()["retry-after"] == "1"
    assert turn.points == 3


def test_a_cap_counts_uses_apart_from_points_and_refuses_when_it_cannot_count() -> None:
    shop = Workers(2)
    cost, cap = Cost(1, ("invite",)), CAPS["invite"]

    def invite() -> RateLimited | None:
        limiter = shop.next()
        try:
            limiter.admit(KEY, cost, turn=limiter.turn(KEY))
        except RateLimited as error:
            return error
        return None

    assert [invite() for _ in range(cap.most)] == [None] * cap.most
    refused = invite()
    assert refused is not None
    assert (refused.policy, refused.retry_after_s) == ("invite", 3_600)
    shop.store.gone = True
    shop.clock.forward(3_600)
    assert invite() is not None


def test_a_person_of_no_tenant_is_counted_without_rows() -> None:
    shop = Workers()
    newcomer = Caller("", "sub-of-somebody", NEWCOMER)
    limiter, cost = shop.limiters[0], Cost(20, ("sign_up",))
    turn = limiter.turn(newcomer)
    for _ in range(CAPS["sign_up"].most):
        limiter.admit(newcomer, cost, turn=turn)
    with pytest.raises(RateLimited):
        limiter.admit(newcomer, cost, turn=turn)
    assert shop.store.asked == 0


def test_a_message_counts_for_its_connection_too() -> None:
    shop = Workers()
    limiter = shop.limiters[0]
    for _ in range(int(STANDARD.connection * AT_ONCE)):
        limiter.turn(KEY, connection="c1=").take(1)
    with pytest.raises(RateLimited) as refused:
        limiter.turn(KEY, connection="c1=").take(1)
    assert refused.value.policy == "connection"
    limiter.turn(KEY, connection="c2=").take(1)


def test_plans_are_read_with_what_an_operator_changed() -> None:
    assert plan_of("") is PLANS["standard"]
    changed = plan_of("trial tenant=90000 keys=7")
    assert (changed.tenant, changed.keys, changed.credential) == (90_000, 7, PLANS["trial"].credential)
    for text in ("gold", "trial tenant", "trial name=5", "trial tenant=-1", "TRIAL", "trial  tenant=1", "standard "):
        with pytest.raises(BadValue):
            plan_of(text)
        assert plan_or_usual(text) is PLANS["standard"]


def test_every_route_costs_something_and_every_cap_it_names_is_there() -> None:
    assert cost_of_route("GET", "/v1/machines") == Cost(1)
    assert cost_of_route("DELETE", "/v1/keys/k_1") == Cost(2)
    assert cost_of_route("GET", "/v1/machines/m_1/series").points == 5
    assert all(name in CAPS for cost in ROUTES.values() for name in cost.caps)
    assert [points_of_document(cost) for cost in (0, 99, 100, 2_000)] == [0, 0, 1, 20]


def test_the_window_begins_with_the_minute() -> None:
    shop = Workers()
    shop.admitted(2_000)
    shop.clock.at = START.replace(minute=1)
    assert shop.admitted(2_000) == STANDARD.credential * AT_ONCE
    assert {window for _, window in shop.store.counts} == {
        int(START.timestamp()),
        int(START.timestamp()) + WINDOW_S,
    }
    assert {tenant for tenant, _ in shop.store.counts} == {TENANT}
