"""A few hundred hostile requests; `make adversarial` asks tens of thousands and holds them to CPU time."""

import logging
from collections.abc import Iterator

import pytest

from cnc.services.caller import Caller
from tests.adversarial.asking import KIOSK, OUR_KEY, Lines, ask, calls_of, over_the_socket
from tests.adversarial.judging import CALLS, complaints, said_badly
from tests.adversarial.requests import BODIES, MOST_BYTES, attacks
from tests.adversarial.shapes import SHAPES
from tests.adversarial.texts import TEXTS

FAMILIES = len(SHAPES) + len(TEXTS) + len(BODIES)
COUNT = 12 * FAMILIES


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    level = logging.root.level
    logging.root.addHandler(lines)
    logging.root.setLevel(logging.INFO)
    yield lines
    logging.root.removeHandler(lines)
    logging.root.setLevel(level)


def test_the_same_seed_makes_the_same_requests_of_every_family() -> None:
    made = list(attacks(seed=1, count=COUNT))
    assert made == list(attacks(seed=1, count=COUNT))
    assert made != list(attacks(seed=2, count=COUNT))
    assert len({attack.family for attack in made}) == FAMILIES
    assert max(len(attack.body) for attack in made) <= MOST_BYTES


@pytest.mark.parametrize("caller", [OUR_KEY, KIOSK], ids=["own documents", "persisted alone"])
def test_every_answer_keeps_to_its_limits(lines: Lines, caller: Caller) -> None:
    found = []
    for attack in attacks(seed=7, count=COUNT):
        lines.seen.clear()
        cost, answer = ask(attack, lines=lines, caller=caller)
        found += [(attack.family, one, attack.body[:200]) for one in complaints(cost, answer, timed=False)]
    assert found == []


def test_work_stays_in_proportion_to_the_text(lines: Lines) -> None:
    worst = max(
        (calls_of(lambda attack=attack: ask(attack, lines=lines)), attack.family)
        for attack in attacks(seed=11, count=COUNT // 2)
    )
    assert worst[0] < CALLS, worst


def test_nothing_is_asked_without_a_credential(lines: Lines) -> None:
    for attack in attacks(seed=3, count=FAMILIES):
        cost, answer = ask(attack, lines=lines, caller=None)
        assert (cost.status, answer["errors"][0]["extensions"]["code"]) == (401, "auth.missing")
    calls = calls_of(lambda: ask(attack, lines=lines, caller=None))
    assert calls < 400  # neither the body nor the document was looked at


def test_the_same_limits_hold_over_the_socket() -> None:
    for attack in attacks(seed=5, count=COUNT // 2):
        for message in over_the_socket(attack):
            assert message["type"] in ("error", "next", "complete")
            errors = message["payload"] if message["type"] == "error" else message.get("payload", {}).get("errors", [])
            assert said_badly(errors) == [], attack
