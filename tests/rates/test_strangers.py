"""Ten thousand wrong keys from one address: few reads of the directory, few lines, and the neighbours get in."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.rates import RateLimited
from cnc.services.strangers import AT_ONCE, Sparing, Strangers
from tests.api.events import SHOWN, LambdaContext, http
from tests.api.tenants import Shop
from tests.rates.parts import START

GOOD = Caller("t_aaaaaaaaaaaaaaaa", "k_aaaaaaaaaaaaaaaa", "key")


def good() -> Caller:
    return GOOD


def wrong() -> Caller:
    raise CncError("auth.invalid")


def guess(strangers: Strangers, number: int, *, address: str = "192.0.2.1", after_s: float = 0.0) -> str:
    now = START + timedelta(seconds=after_s)
    try:
        strangers.checked(f"Bearer cnc_read_{number}", address=address, now=now, verify=wrong)
    except CncError as error:
        return error.code
    return ""


def test_guesses_of_one_address_run_out_and_come_back_slowly() -> None:
    strangers = Strangers()
    codes = [guess(strangers, n) for n in range(10_000)]
    assert codes.count("auth.invalid") == AT_ONCE
    assert codes.count("limit.rate") == 10_000 - AT_ONCE
    assert [guess(strangers, n, after_s=5.0) for n in range(10)].count("auth.invalid") == 5
    assert guess(strangers, 1, address="192.0.2.2") == "auth.invalid"


def test_all_addresses_of_one_subscriber_are_one() -> None:
    strangers = Strangers()
    codes = [guess(strangers, n, address=f"2001:db8::{n:x}") for n in range(1, 100)]
    assert codes.count("auth.invalid") == AT_ONCE
    assert guess(strangers, 1, address="2001:db8:0:1::1") == "auth.invalid"


def test_a_key_that_was_good_lately_is_looked_up_beside_a_guesser() -> None:
    strangers = Strangers()
    strangers.checked("Bearer mine", address="192.0.2.1", now=START, verify=good)
    for n in range(1_000):
        guess(strangers, n)
    assert strangers.checked("Bearer mine", address="192.0.2.1", now=START, verify=good) is GOOD
    with pytest.raises(RateLimited) as refused:
        strangers.checked("Bearer new", address="192.0.2.1", now=START, verify=good)
    assert (refused.value.policy, refused.value.retry_after_s) == ("address", 1)


def test_good_keys_use_nothing_up() -> None:
    strangers = Strangers()
    for n in range(1_000):
        strangers.checked(f"Bearer {n}", address="192.0.2.1", now=START, verify=good)


def test_lines_are_spared_and_counted() -> None:
    sparing = Sparing(most=3)
    written = [sparing.left_out("auth.invalid", now=START) for _ in range(10_000)]
    assert [one for one in written if one is not None] == [0, 0, 0]
    assert sparing.left_out("auth.expired", now=START) == 0
    assert sparing.left_out("auth.invalid", now=START + timedelta(minutes=2)) == 9_997


@pytest.fixture
def authorizer(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("authorizer")


def ask(module: ModuleType, key: str) -> dict[str, Any]:
    event = http("GET", "/v1/machines", authorization=f"Bearer {key}", x_cnc_origin=SHOWN)
    context: dict[str, Any] = module.lambda_handler(event, LambdaContext())["context"]
    return context


def test_the_authorizer_reads_and_writes_little_for_many_wrong_keys(
    authorizer: ModuleType, ours: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(authorizer, ours.secret)["tenant"] == ours.tenant
    reads: list[str] = []
    directory = authorizer.gate.memberships
    looked_up = directory.api_key

    def counted(hashed: str) -> object:
        reads.append(hashed)
        return looked_up(hashed)

    directory.api_key = counted
    caplog.clear()
    refusals = [ask(authorizer, f"cnc_read_{n:043d}") for n in range(2_000)]
    assert {one["error"] for one in refusals} == {"auth.invalid", "limit.rate"}
    assert not any("tenant" in one for one in refusals)
    assert AT_ONCE <= len(reads) <= AT_ONCE + 60
    assert 2 <= len(caplog.records) <= 80
    assert ask(authorizer, ours.secret)["tenant"] == ours.tenant


def test_a_guesser_is_told_to_wait(cold: Callable[[str], ModuleType], authorizer: ModuleType) -> None:
    context = next(
        found for n in range(200) if (found := ask(authorizer, f"cnc_none_{n:043d}"))["error"] == "limit.rate"
    )
    for function, path in (("rest", "/v1/machines"), ("graphql", "/graphql")):
        event = http("GET" if function == "rest" else "POST", path, body={"query": "{ sites { id } }"})
        event["requestContext"]["authorizer"] = {"lambda": context}
        answered = cold(function).lambda_handler(event, LambdaContext())
        assert (answered["statusCode"], answered["headers"]["retry-after"]) == (429, "1")
        assert "limit.rate" in json.dumps(json.loads(answered["body"]))
        assert answered["headers"]["ratelimit-policy"].startswith('"address"')
