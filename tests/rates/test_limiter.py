"""Quotas hold over all processes together, to a bound that is written down, with few questions to the store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.rates.costs import CAPS, ROUTES, Cost, cost_of_route, points_of_document
from cnc.domain.rates.plans import PLANS, WINDOW_S, plan_of, plan_or_usual
from cnc.domain.rates.window import whole_in_s, window_of
from cnc.services.caller import NEWCOMER, Caller
from cnc.services.rates import RateLimited
from cnc.services.rates.limiter import AWAY_MS, FREE, SHARE
from tests.rates.parts import KEY, START, TENANT, Workers

STANDARD = PLANS["standard"]


@pytest.mark.parametrize("workers", [1, 2, 12])
@pytest.mark.parametrize("points", [1, 21])
def test_a_burst_gets_the_quota_and_no_more_than_the_bound_beyond_it(workers: int, points: int) -> None:
    spent = Workers(workers).admitted(3_000 // points, points=points) * points
    quota = STANDARD.credential
    assert quota - points < spent <= quota + workers * max(FREE, points)


def test_processes_that_have_heard_nothing_stay_within_the_bound() -> None:
    """The worst order: one spends all, then each of the others is asked for the first time."""
    workers = 12
    shop = Workers(workers)
    spent = sum(shop.spend(worker=0) is None for _ in range(1_000))
    spent += sum(shop.spend(worker=worker) is None for worker in range(1, workers) for _ in range(100))
    assert STANDARD.credential <= spent <= STANDARD.credential + workers * FREE


def test_twenty_times_the_quota_gets_the_quota_with_few_questions() -> None:
    workers, windows = 12, 6
    shop = Workers(workers)
    offered = STANDARD.credential * 20
    spent = sum(shop.admitted(offered, every_s=WINDOW_S / offered) for _ in range(windows))
    assert STANDARD.credential * windows <= spent <= windows * (STANDARD.credential + workers * FREE)
    # No question for what is refused: a window that is full stays full.
    assert shop.store.asked <= spent + windows * workers


def test_who_asks_little_asks_the_store_hardly_ever() -> None:
    shop = Workers(6)
    assert shop.admitted(24, every_s=1.5) == 24
    assert shop.store.asked == 0


def test_what_others_spent_is_heard_of() -> None:
    shop = Workers(2)
    for _ in range(STANDARD.credential):
        shop.spend(worker=0)
    assert sum(shop.spend(worker=1) is None for _ in range(50)) <= FREE


def test_one_key_that_is_full_leaves_room_to_the_others_of_its_tenant_until_the_tenant_is_full() -> None:
    shop = Workers(3)
    keys = [replace(KEY, subject=f"k_{n:016d}") for n in range(12)]
    got = [shop.admitted(400, caller=key) for key in keys]
    bound = 3 * FREE
    assert all(STANDARD.credential <= one <= STANDARD.credential + bound for one in got[:2])
    assert STANDARD.tenant <= sum(got) <= STANDARD.tenant + bound
    assert got[-1] == 0


def test_a_full_tenant_takes_nothing_from_another() -> None:
    shop = Workers(3)
    shop.admitted(2_000)
    other = replace(KEY, tenant="t_bbbbbbbbbbbbbbbb")
    assert shop.admitted(100, caller=other) == 100


def test_a_refusal_says_which_quota_and_when_it_is_whole_again() -> None:
    shop = Workers()
    shop.clock.forward(3.5)
    shop.admitted(100)
    refused = shop.spend(20)
    assert refused is not None
    assert (refused.code, refused.policy, refused.status, refused.retry_after_s) == ("limit.rate", "key", 429, 7)
    shop.clock.forward(refused.retry_after_s)
    assert shop.spend(20) is None


@pytest.mark.parametrize("at_ms", [0, 1, 999, 9_999, 10_000, 1_764_057_600_123])
def test_after_the_wait_there_is_a_new_window(at_ms: int) -> None:
    assert 1 <= whole_in_s(at_ms) <= WINDOW_S
    assert window_of(at_ms + whole_in_s(at_ms) * 1000) == window_of(at_ms) + WINDOW_S


def test_without_the_store_a_process_takes_its_share_and_tells_each_time() -> None:
    shop = Workers(2)
    shop.store.gone = True
    spent = shop.admitted(900, every_s=0.01)  # 9 s
    assert STANDARD.credential / SHARE < spent <= 2 * STANDARD.credential / SHARE + 2
    assert 2 <= len(shop.problems) <= 2 * (9_000 / AWAY_MS + 1)


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
        "ratelimit-policy": '"key";q=100;qu="points";w=10, "tenant";q=500;qu="points";w=10',
        "ratelimit": '"key";r=97;t=10, "tenant";r=497;t=10',
    }
    with pytest.raises(RateLimited):
        turn.take(200)
    assert turn.headers()["retry-after"] == "10"
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
    for _ in range(STANDARD.connection):
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


def test_windows_begin_with_the_clock() -> None:
    shop = Workers()
    shop.clock.forward(7)
    assert shop.admitted(2_000) == STANDARD.credential
    shop.clock.at = START + timedelta(seconds=WINDOW_S)
    assert shop.admitted(2_000) == STANDARD.credential
    began = int(START.timestamp())
    assert {window for _, window in shop.store.counts} == {began, began + WINDOW_S}
    assert {tenant for tenant, _ in shop.store.counts} == {TENANT}
