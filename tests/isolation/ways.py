"""Sixteen ways to be somebody else, and the verdict about one attempt."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop
from tests.isolation.tap import Done, let_through_to_others, work

#: A moment may end between two requests; not three times in a row.
AGAIN = 3
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Way(StrEnum):
    """How somebody tries to reach what is another tenant's."""

    PATH = "foreign id in the path"
    QUERY = "foreign id in the query"
    BODY = "foreign id in the body or payload"
    HEADER = "foreign tenant in headers"
    CURSOR = "cursor of another tenant"
    TICKET = "socket ticket of another tenant"
    VARIABLES = "foreign id in variables or text of a document"
    TOPIC = "topic of another tenant"
    THING = "thing of another tenant"
    CLIENT = "client id of another tenant's gateway"
    CERTIFICATE = "certificate of another tenant"
    SESSION = "session of another tenant"
    SUSPENDED = "membership of a suspended tenant"
    ENDED = "membership that ended"
    SITE = "other site of the same tenant"
    COLLIDING = "ids that would collide"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`ask(foreign)` must be answered as `ask(unknown)` is: same status, body and work.

    With `refused` the status must be one of these as well. `mine` is the one tenant that may be touched; "" where every
    call must lie within the tenant in whose name it was signed.
    """

    operation: str
    way: Way
    mine: str
    ask: Callable[[str], Answer]
    foreign: str
    unknown: str
    refused: frozenset[int] = frozenset()
    #: The ids within `foreign` and `unknown`, where these are more than ids.
    cores: tuple[str, str] | None = None
    #: A ticket that exists is made first, in its owner's name: more work than for one that does not.
    ticketed: bool = False
    #: What is asked for grows with every request, so two answers are never the same.
    grows: bool = False


class Reached(AssertionError):
    """An attempt reached something of another tenant, or learned that it exists."""


@dataclass
class Bench:
    """Makes attempts and counts them."""

    desk: Desk
    canaries: Sequence[tuple[str, str]]  # (tenant, text that stands in everything of it)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, attempt: Attempt) -> None:
        """Raises Reached."""
        answer, calls = self._asked(attempt, attempt.foreign)
        self._within(attempt, answer, calls)
        if attempt.refused and answer.status not in attempt.refused:
            raise Reached(f"{_name(attempt)}: {answer.status} {answer.text[:300]}")
        cores = attempt.cores or (attempt.foreign, attempt.unknown)
        unknown, calls_then = self._asked(attempt, attempt.unknown)
        told: tuple[object, ...] = _told(answer, cores[0])
        wanted: tuple[object, ...] = _told(unknown, cores[1])
        if attempt.grows:
            told, wanted = told[:1], wanted[:1]
        if told != wanted:
            raise Reached(f"{_name(attempt)} is told\n{told}\nand an unknown one\n{wanted}")
        if attempt.ticketed:
            calls = calls_then = []
        for _ in range(AGAIN):
            if work(calls) == work(calls_then):
                break
            # What is kept for a moment was read by whichever came first; once warm, both must make the same.
            calls, calls_then = self._asked(attempt, attempt.foreign)[1], self._asked(attempt, attempt.unknown)[1]
        if work(calls) != work(calls_then):
            raise Reached(f"{_name(attempt)} makes\n{work(calls)}\nand an unknown one\n{work(calls_then)}")
        self.counts[attempt.operation, attempt.way] += 1

    def _asked(self, attempt: Attempt, id_: str) -> tuple[Answer, list[Done]]:
        with self.desk.stage.tap.watching() as calls:
            answer = attempt.ask(id_)
        return answer, list(calls)

    def _within(self, attempt: Attempt, answer: Answer, calls: list[Done]) -> None:
        reached = let_through_to_others(calls, tenant=attempt.mine)
        if reached:
            raise Reached(f"{_name(attempt)} reached {reached}")
        text = answer.text + str(answer.headers)
        seen = [word for tenant, word in self.canaries if tenant != attempt.mine and word in text]
        if seen:
            raise Reached(f"{_name(attempt)} read {seen}: {text[:400]}")


def _name(attempt: Attempt) -> str:
    return f"{attempt.operation}, {attempt.way} {attempt.foreign!r}"


def _told(answer: Answer, id_: str) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """What is said, without the id that was asked for and without what differs from one moment to the next."""
    text = answer.text
    for part in (id_, id_[:-1], id_[2:]):
        text = re.sub(re.escape(part), "<id>", text, flags=re.IGNORECASE) if len(part) > 8 else text
    # Stamps, and the ids of sessions, differ from one sign-in to the next.
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\b[0-9a-f]{64}\b", "<now>", text)
    return answer.status, text, tuple(one for one in answer.headers if not one[0].startswith("ratelimit"))


def fresh(kind: str, rng: random.Random) -> str:
    """An id that nobody has, of the letter of `kind`."""
    if len(kind) == 64:
        return "".join(rng.choices("0123456789abcdef", k=64))
    if kind.isupper():
        return "".join(rng.choices("BCDFGHJKLMNPQRSTVWXZ", k=len(kind)))
    return kind[:2] + "".join(rng.choices(_LETTERS, k=16))


def colliding(id_: str, mine: str) -> Iterator[str]:
    """Texts that a careless key, prefix, pattern or comparison would take for `id_`, or for a place of its tenant."""
    yield from (f"{id_}#", f"{id_[:-1]}", f"{id_}a", id_.upper(), f"{id_}-b", f"{mine}#{id_}", f"#{id_}", f" {id_}")
    yield from (f"{id_}*", f"{id_[:-1]}?", f"../{id_}", f"{id_}\u0000", id_.replace("_", "%5F"), f"{id_}/", "*", "a#")
    yield from (f"{id_}${{aws:PrincipalTag/tenant}}", f"{id_}\n", f"+/{id_}", id_.title(), f"{id_}\u200b")


def shops_apart(shops: Sequence[Shop]) -> Iterator[tuple[Shop, Shop]]:
    """Every ordered pair of two different tenants."""
    yield from ((mine, other) for mine in shops for other in shops if mine is not other)
