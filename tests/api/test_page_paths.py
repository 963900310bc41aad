"""A page path is the page; everything else says that nothing is there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from functions.portal_page.paths import PAGES
from tests.api.events import LambdaContext, http
from tests.api.test_portal_page import BUILT

ROUTER = Path(__file__).parents[2] / "portal" / "src" / "app" / "router.tsx"
Ask = Callable[..., dict[str, Any]]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def ask(cold: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(Path, "is_file", lambda path: path.name == "index.html")
    monkeypatch.setattr(Path, "read_text", lambda path, **_: BUILT)
    module = cold("portal_page")

    def ask(path: str, *, method: str = "GET", accept: str = "*/*") -> dict[str, Any]:
        answered: dict[str, Any] = module.lambda_handler(http(method, path, accept=accept), LambdaContext())
        return answered

    return ask


def test_the_function_knows_the_pages_of_the_portals_router() -> None:
    routed = set(re.findall(r"\{ path: '([^'*]+)'", ROUTER.read_text()))
    assert {f"/{path.lstrip('/')}" for path in routed} | {"/", "/callback"} == set(PAGES)


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
@pytest.mark.parametrize("path", ["/", "/tv", "/machines", "/machines/m_0123456789abcdef", "/alarms/", "/callback"])
def test_a_page_path_is_the_page(ask: Ask, path: str, accept: str) -> None:
    for method in ("GET", "HEAD"):
        answered = ask(path, method=method, accept=accept)
        assert (answered["statusCode"], answered["headers"]["content-type"]) == (200, "text/html; charset=utf-8")


PROGRAMS = (
    "/v1",
    "/v2",
    "/graphqlx",
    "/graphql/",
    "/assets",
    "/favicon.ico",
    "/.env",
    "/wp-login.php",
    "/socket",
    "/oidc/x",
)


@pytest.mark.parametrize("accept", ["*/*", BROWSER, "application/json"])
@pytest.mark.parametrize("path", PROGRAMS)
def test_what_is_no_page_is_a_404_in_the_form_of_programs(ask: Ask, path: str, accept: str) -> None:
    answered = ask(path, accept=accept)
    assert (answered["statusCode"], answered["headers"]["content-type"]) == (404, "application/problem+json")
    assert json.loads(answered["body"])["code"] == "path.not_found"


def test_a_person_who_mistypes_sees_the_portals_own_page_with_the_true_status(ask: Ask) -> None:
    answered = ask("/machinez", accept=BROWSER)
    assert (answered["statusCode"], answered["headers"]["content-type"]) == (404, "text/html; charset=utf-8")
    assert ask("/machinez")["headers"]["content-type"] == "application/problem+json"
    assert ask("/machines/m_1/../../v1", accept=BROWSER)["statusCode"] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_a_page_is_read_and_nothing_else(ask: Ask, method: str) -> None:
    answered = ask("/machines", method=method)
    assert (answered["statusCode"], answered["headers"]["allow"]) == (405, "GET, HEAD")
    assert ask("/nowhere", method=method, accept=BROWSER)["statusCode"] == 404
