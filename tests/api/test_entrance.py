"""No function behind an HTTP route answers without a verified caller: asked of every route that is declared."""

import json
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cnc.services.caller import Caller
from functions.rest.admission import OPEN
from functions.rest.document import document
from infra_cdk import manifests
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop

BEHIND = {name: found.trigger["http"] for name, found in manifests.functions().items() if "http" in found.trigger}
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "PROPFIND", "get", "")
#: What the authorizer may have said of a request that nobody is verified for, and what it never says.
NOBODY: dict[str, Any] = {
    "no authorizer": None,
    "no context": {},
    "an empty context": {"lambda": {}},
    "null": {"lambda": None},
    "missing": {"lambda": {"error": "auth.missing"}},
    "expired": {"lambda": {"error": "auth.expired", "todo": "Sign in again."}},
    "an unknown reason": {"lambda": {"error": "auth.fine"}},
    "facts without a tenant": {"lambda": {"subject": "u_aaaaaaaaaaaaaaaa", "kind": "user", "roles": "owner"}},
    "a token's claims": {"jwt": {"claims": {"tenant": "t_aaaaaaaaaaaaaaaa"}}},
}
BODY = {"query": "{ machines { id } }"}


def ask(module: ModuleType, method: str, path: str, *, authorizer: Any = None, **more: Any) -> dict[str, Any]:
    event = http(method, path, **more)
    if authorizer is not None:
        event["requestContext"]["authorizer"] = authorizer
    answered: dict[str, Any] = module.lambda_handler(event, LambdaContext())
    return answered


def paths(module: ModuleType, routes: list[str]) -> list[str]:
    """What the API routes to the function, and what the function's own router knows below it."""
    routed = [route.partition(" ")[2].replace("{proxy+}", "nowhere") for route in routes]
    known = document(module.app)["paths"] if hasattr(module, "app") else {}
    return [*routed, *(re.sub(r"\{\w+\}", "m_zzzzzzzzzzzzzzzz", path) for path in known)]


@pytest.fixture(scope="module", params=sorted(BEHIND))
def behind(request: pytest.FixtureRequest, cold: Callable[[str], ModuleType]) -> tuple[ModuleType, list[str]]:
    module = cold(request.param)
    return module, paths(module, BEHIND[request.param])


@pytest.mark.parametrize("nobody", NOBODY)
def test_nothing_is_answered_to_nobody(behind: tuple[ModuleType, list[str]], nobody: str) -> None:
    module, routes = behind
    for path in routes:
        for verb in VERBS:
            answered = ask(module, verb, path, authorizer=NOBODY[nobody], body=BODY)
            # A screen that nobody let in yet may ask; what it gets for it is tested in tests/sessions.
            allowed = (401, 405, 422) if (verb, path) in OPEN else (401, 405)
            assert answered["statusCode"] in allowed, (verb, path)
            assert "t_aaaaaaaaaaaaaaaa" not in answered["body"]


def test_a_refusal_says_why_in_body_and_header(behind: tuple[ModuleType, list[str]]) -> None:
    module, routes = behind
    for code, challenge in (
        ("auth.missing", 'Bearer realm="cnc"'),
        ("auth.expired", 'Bearer realm="cnc", error="invalid_token"'),
        ("auth.invalid", 'Bearer realm="cnc", error="invalid_token"'),
    ):
        answered = ask(module, "POST", routes[0], authorizer={"lambda": {"error": code}}, body=BODY)
        headers = answered["headers"]
        assert (answered["statusCode"], headers["www-authenticate"]) == (401, challenge)
        assert code in answered["body"]
        assert json.loads(answered["body"])
        assert (headers["x-request-id"], headers["cache-control"]) == ("r-1", "no-store")
        assert headers["content-type"].startswith(("application/problem+json", "application/json"))


def test_a_page_of_another_origin_may_ask_with_its_own_token(behind: tuple[ModuleType, list[str]], ours: Shop) -> None:
    module, routes = behind
    for path in routes:
        wanted = {"origin": "https://app.example", "access-control-request-method": "POST"}
        allowed = ask(module, "OPTIONS", path, **wanted)
        assert (allowed["statusCode"], allowed["headers"]["access-control-allow-origin"]) == (204, "*")
        assert allowed["headers"]["allow"]
        assert "DELETE" in allowed["headers"]["access-control-allow-methods"], "a refusal of it must be readable"
        assert "authorization" in allowed["headers"]["access-control-allow-headers"].split(", ")
        for caller in (ours.key, None):
            answered = ask(module, "POST", path, caller=caller, body=BODY, origin="https://app.example")
            assert answered["headers"]["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answered["headers"]


def test_a_caller_who_is_verified_gets_an_answer(cold: Callable[[str], ModuleType], ours: Shop) -> None:
    caller: Caller = ours.key
    assert ask(cold("graphql"), "POST", "/graphql", caller=caller, body=BODY)["statusCode"] == 200
    assert ask(cold("rest"), "GET", "/v1/status", caller=caller)["statusCode"] == 200
