"""Limits as a caller meets them: GraphQL and REST with real tables, several processes of a function."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from cnc.domain.rates.costs import ROUTES
from cnc.domain.rates.plans import plan_or_usual
from cnc.services.caller import Caller
from cnc.services.rates.limiter import FREE
from functions.rest.document import document
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.rates.parts import START

QUERY = {"query": "{ sites { id } }"}
SMALL = "trial credential=80 tenant=4000"


@pytest.fixture
def processes(cold: Callable[[str], ModuleType]) -> Callable[[str, int], list[ModuleType]]:
    def start(function: str, many: int) -> list[ModuleType]:
        started = [cold(function) for _ in range(many)]
        for module in started:
            module.rates.limiter.plan_of = plan_or_usual
            module.rates.limiter.now = lambda: START  # no window ends while a test runs
        return started

    return start


def ask(module: ModuleType, caller: Caller, *, path: str = "/graphql", body: Any = QUERY) -> dict[str, Any]:
    method = "POST" if path == "/graphql" else "GET"
    event = http(method, path, caller=caller, body=body if method == "POST" else None)
    answered: dict[str, Any] = module.lambda_handler(event, LambdaContext())
    return answered


def test_graphql_and_rest_of_one_key_share_its_quota(
    processes: Callable[[str, int], list[ModuleType]], ours: Shop
) -> None:
    caller = replace(ours.key, plan=SMALL)
    modules = [*processes("graphql", 2), *processes("rest", 2)]
    answers = [
        ask(module, caller, path="/graphql" if "graphql" in module.__name__ else "/v1/status")
        for _ in range(40)
        for module in modules
    ]
    statuses = Counter(answer["statusCode"] for answer in answers)
    assert set(statuses) == {200, 429}
    assert 80 <= statuses[200] <= 80 + len(modules) * FREE
    assert all("ratelimit" in answer["headers"] and "ratelimit-policy" in answer["headers"] for answer in answers)


def test_a_refusal_of_rest_is_a_problem_and_one_of_graphql_an_error(
    processes: Callable[[str, int], list[ModuleType]], ours: Shop
) -> None:
    caller = replace(ours.key, subject="k_bbbbbbbbbbbbbbbb", plan="trial credential=2")
    (rest,), (graphql,) = processes("rest", 1), processes("graphql", 1)
    for _ in range(2):
        assert ask(rest, caller, path="/v1/status")["statusCode"] == 200
    refused = ask(rest, caller, path="/v1/status")
    problem = json.loads(refused["body"])
    assert (refused["statusCode"], problem["code"], problem["violated-policies"]) == (429, "limit.rate", ["key"])
    assert refused["headers"]["content-type"] == "application/problem+json"
    assert int(refused["headers"]["retry-after"]) >= 1
    assert '"key";r=0' in refused["headers"]["ratelimit"]
    ask(graphql, caller)
    refused = next(answer for _ in range(5) if (answer := ask(graphql, caller))["statusCode"] == 429)
    error = json.loads(refused["body"])["errors"][0]
    assert error["extensions"]["code"] == "limit.rate"
    assert int(refused["headers"]["retry-after"]) >= 1


def test_every_route_with_a_cost_of_its_own_is_a_route(processes: Callable[[str, int], list[ModuleType]]) -> None:
    (rest,) = processes("rest", 1)
    routes = {
        (method.upper(), re.sub(r"\{\w+\}", "*", path))
        for path, methods in document(rest.app)["paths"].items()
        for method in methods
    }
    assert sorted(ROUTES.keys() - routes) == []


def test_a_dear_document_costs_more_than_the_asking(
    processes: Callable[[str, int], list[ModuleType]], ours: Shop
) -> None:
    caller = replace(ours.key, subject="k_cccccccccccccccc", plan="standard")
    (graphql,) = processes("graphql", 1)

    def left(answer: dict[str, Any]) -> int:
        return int(answer["headers"]["ratelimit"].partition("r=")[2].partition(";")[0])

    before = left(ask(graphql, caller))
    dear = "{ machines(first: 100) { id name latest { signal value } alarms(first: 10) { id } } }"
    answer = ask(graphql, caller, body={"query": dear})
    assert answer["statusCode"] == 200
    assert before - left(answer) >= 10


def test_one_tenant_at_twenty_times_its_quota_takes_nothing_from_another(
    processes: Callable[[str, int], list[ModuleType]], ours: Shop, theirs: Shop
) -> None:
    noisy = replace(ours.key, subject="k_dddddddddddddddd", plan="trial tenant=40 credential=20")
    modules = processes("graphql", 2)
    for _ in range(200):
        for module in modules:
            ask(module, noisy)
    quiet = [ask(module, replace(theirs.key, plan="trial"))["statusCode"] for module in modules for _ in range(20)]
    assert set(quiet) == {200}


def test_what_was_refused_is_counted_and_costs_nothing(
    processes: Callable[[str, int], list[ModuleType]], ours: Shop
) -> None:
    caller = replace(ours.key, subject="k_eeeeeeeeeeeeeeee", plan="trial credential=5")
    (rest,) = processes("rest", 1)
    statuses = Counter(ask(rest, caller, path="/v1/status")["statusCode"] for _ in range(12))
    (held,) = [held for key, held in rest.rates.usage._held.items() if key[2] == caller.subject]
    assert (held.totals.calls, held.totals.points, held.totals.refused) == (12, statuses[200], statuses[429])
