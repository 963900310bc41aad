"""`make isolation`: at least a hundred thousand attempts over every operation, and again with either wall open."""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from cnc.cloud.tenancy import TenantContext
from tests.isolation import matrix, rows_graphql, rows_rest
from tests.isolation.desks import Desk
from tests.isolation.shops import Founder, Shop
from tests.isolation.tap import let_through_to_others
from tests.isolation.test_walls import API, CHANNELS, rows_of
from tests.isolation.ways import Bench, Way, shops_apart

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4 * 3600)]

ATTEMPTS = 100_000
#: With the policies open: every operation of the API and every rule, by every way but those that ask the policies.
ATTEMPTS_OPEN = 20_000
ROUNDS_WITH_WRONG_KEYS = 20
TOLD_EVERY_S = 15.0


class Progress:
    """Says now and then how far it is, and in the end what was tried."""

    def __init__(self, what: str, wanted: int) -> None:
        self._what, self._wanted, self._begun, self._told = what, wanted, time.monotonic(), 0.0

    def tell(self, done: int, *, at: str) -> None:
        now = time.monotonic()
        if now - self._told > TOLD_EVERY_S:
            self._told = now
            self.say(f"{self._what}: {done:,} of {self._wanted:,} after {now - self._begun:.0f} s, at {at}")

    @staticmethod
    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def table(self, counts: Counter[tuple[str, str]]) -> None:
        self.say(f"{self._what}: {counts.total():,} attempts by way")
        ways: Counter[str] = Counter()
        operations: Counter[str] = Counter()
        for (operation, way), number in counts.items():
            ways[way] += number
            operations[operation] += number
        for name, number in (*sorted(ways.items()), *sorted(operations.items())):
            self.say(f"  {number:>8,}  {name}")


def rounds(founder: Founder, shops: list[Shop], rng: random.Random) -> Iterator[tuple[Shop, Shop, random.Random]]:
    """Every ordered pair, again and again; everybody signs in anew for each round."""
    while True:
        for shop in shops:
            founder.sign_in(shop)
        for mine, other in shops_apart(shops):
            yield mine, other, random.Random(rng.random())


def tried(
    bench: Bench, founder: Founder, shops: list[Shop], rng: random.Random, *, wanted: int, operations: list[str],
    without: frozenset[Way], progress: Progress,
) -> None:  # fmt: skip
    for mine, other, luck in rounds(founder, shops, rng):
        for operation in operations:
            for attempt in matrix.attempts(bench.desk, operation, mine, other, luck):
                if attempt.way not in without:
                    bench.take(attempt)
            progress.tell(bench.counts.total(), at=operation)
        if bench.counts.total() >= wanted:
            return


def test_a_hundred_thousand_attempts_reach_nothing(
    desk: Desk, founder: Founder, shops: list[Shop], bench: Bench, rng: random.Random
) -> None:
    progress = Progress("both walls", ATTEMPTS)
    kept = {shop.tenant: len(rows_of(desk.stage, shop.tenant)) for shop in shops if shop.suspended}
    bench.counts.clear()
    tried(
        bench, founder, shops, rng, wanted=ATTEMPTS, operations=sorted(matrix.ROWS), without=frozenset(),
        progress=progress,
    )  # fmt: skip
    progress.table(bench.counts)
    assert {operation for operation, _ in bench.counts} == matrix.ROWS.keys()
    assert {way for _, way in bench.counts} == set(Way)
    assert all(kept.values())


def test_with_the_policies_open_code_alone_keeps_them_apart(
    desk: Desk, founder: Founder, shops: list[Shop], bench: Bench, rng: random.Random
) -> None:
    progress = Progress("policies open", ATTEMPTS_OPEN)
    bench.counts.clear()
    with desk.stage.policies_open():
        tried(
            bench, founder, shops, rng, wanted=ATTEMPTS_OPEN, operations=[*API, *CHANNELS],
            without=frozenset({Way.CERTIFICATE, Way.TOPIC}), progress=progress,
        )  # fmt: skip
    progress.table(bench.counts)


def test_with_wrong_keys_the_policies_alone_keep_them_apart(
    desk: Desk, founder: Founder, shops: list[Shop], bench: Bench, monkeypatch: pytest.MonkeyPatch, rng: random.Random
) -> None:
    """Every operation of the API with every key built for somebody else, whoever is acted for."""
    progress, done = Progress("keys of others", ROUNDS_WITH_WRONG_KEYS * len(API)), Counter[tuple[str, str]]()
    pairs = rounds(founder, shops, rng)
    for _ in range(ROUNDS_WITH_WRONG_KEYS):
        mine, other, _luck = next(pairs)
        with monkeypatch.context() as patch:
            victim = other.tenant
            patch.setattr(TenantContext, "partition", lambda _, *parts, to=victim: "#".join(("T", to, *parts)))
            for operation in API:
                with desk.stage.tap.watching() as calls:
                    answer = matrix.own(desk, operation, mine, spare=lambda mine=mine: mine)
                assert let_through_to_others(calls, tenant=mine.tenant) == [], operation
                assert answer is not None
                assert other.canary not in answer.text, operation
                done[operation, "keys of others"] += 1
                progress.tell(done.total(), at=operation)
    progress.table(done)
    assert {*rows_rest.ROUTES, *rows_graphql.FIELDS} >= {operation for operation, _ in done}
