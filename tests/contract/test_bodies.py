"""What a body and a query may not hold, before any route sees it."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop

Ask = Callable[..., tuple[int, Any, dict[str, str]]]


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("rest")


@pytest.fixture
def ask(module: ModuleType, ours: Shop) -> Ask:
    def ask(method: str, path: str, **more: Any) -> tuple[int, Any, dict[str, str]]:
        answered = module.lambda_handler(http(method, path, caller=ours.key, **more), LambdaContext())
        body = json.loads(answered["body"]) if answered.get("body") else None
        return answered["statusCode"], body, {name.lower(): value for name, value in answered["headers"].items()}

    return ask


@pytest.mark.parametrize(
    "body",
    [
        '{"a":"\\u0000"}',
        '{"a\\u0000":1}',
        '{"a":"\\ud800"}',
        '{"a":{"b":["\\uDFFF\\uD800"]}}',
        '{"a":1e999}',
        '{"a":-1e999}',
        '{"a":12345678901234567890}',
        '{"a":NaN}',
        '{"a":Infinity}',
    ],
)
def test_values_that_no_field_can_hold_are_refused(ask: Ask, body: str) -> None:
    status, problem, _ = ask("POST", "/v1/socket-tickets", body=body)
    assert (status, problem["code"]) == (400, "request.malformed")


@pytest.mark.parametrize("body", ['{"a":"\\ud83d\\ude00"}', '{"a":"\\\\u0000"}', '{"a":9223372036854775807}'])
def test_values_that_only_look_like_them_are_read(ask: Ask, body: str) -> None:
    status, problem, _ = ask("POST", "/v1/socket-tickets", body=body)
    assert (status, problem["code"]) == (422, "request.invalid")  # the field `a`, which nobody knows


@pytest.mark.parametrize("body", ["[null, null]", "[]", "5", '"x"', "true"])
def test_a_body_that_is_no_object_is_none_that_a_route_reads(ask: Ask, body: str) -> None:
    assert ask("POST", "/v1/socket-tickets", body=body)[0] == 422


@pytest.mark.parametrize("value", ["\0", "a\0", "\ud800"])
def test_a_query_that_is_no_text_is_refused(ask: Ask, value: str) -> None:
    assert ask("GET", "/v1/machines", query={"first": value})[0] == 422
    assert ask("GET", "/v1/machines", query={value: "1"})[0] == 422


@pytest.mark.parametrize("value", ["0.5", "0", "2026-11-24", "20261124T080000Z", "1e3", "now", "2026-13-01T00:00:00Z"])
def test_a_time_is_written_as_one(ask: Ask, ours: Shop, value: str) -> None:
    query = {"signals": "s1.load", "from": value, "to": "2026-11-24T08:00:00Z"}
    assert ask("GET", f"/v1/machines/{ours.machines[0]}/series", query=query)[0] == 422


@pytest.mark.parametrize(("method", "path"), [("PUT", "/v1/machines"), ("TRACE", "/v1/status"), ("HEAD", "/v1/status")])
def test_a_method_that_an_address_has_not_is_told_before_its_query(ask: Ask, method: str, path: str) -> None:
    status, problem, headers = ask(method, path, query={"what": "ever"})
    assert (status, problem["code"]) == (405, "method.not_allowed")
    assert headers["allow"] == {"/v1/machines": "GET, POST", "/v1/status": "GET"}[path]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/invitations/letter", "POST"),
        ("/v1/invitations/i_0123456789abcdef", "DELETE"),
        ("/v1/sessions/current", "DELETE, GET"),
    ],
)
def test_a_path_that_is_written_out_is_no_id_but_for_ones_own_session(ask: Ask, path: str, methods: str) -> None:
    assert ask("OPTIONS", path)[2]["allow"] == methods


@pytest.mark.parametrize(
    "value", ["0", "20261124", "2026-11-24T08:00:00Z", "2026-02-30", "0001-01-01", "9999-12-31", "x"]
)
def test_a_day_is_written_as_one(ask: Ask, value: str) -> None:
    for name in ("from", "to"):
        assert ask("GET", "/v1/usage", query={name: value})[0] == 422


def test_what_an_address_allows_is_the_same_wherever_it_is_told(ask: Ask) -> None:
    status, _, headers = ask("OPTIONS", "/v1/machines")
    assert (status, headers["allow"]) == (204, "GET, POST")


def test_an_address_where_nothing_is_has_no_queries_to_complain_of(ask: Ask) -> None:
    status, problem, _ = ask("GET", "/v1/nowhere", query={"what": "ever"})
    assert (status, problem["code"]) == (404, "path.not_found")


def test_nothing_that_is_answered_is_kept_in_a_cache(ask: Ask) -> None:
    for path in ("/v1/machines", "/v1/status", "/v1/nowhere", "/v1/openapi.json"):
        assert ask("GET", path)[2]["cache-control"] == "no-store"
