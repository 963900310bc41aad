"""Headers and markup as the running product serves them, on every kind of answer that a browser can meet."""

import re
import urllib.error
import urllib.request
from email.message import Message

import pytest

from tests.product.running import Product

pytestmark = pytest.mark.cloud

HTML = {"Accept": "text/html"}
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son\w+\s*=|<style|\sstyle\s*=|javascript:", re.IGNORECASE
)
#: method, path, whether a browser navigates there.
ANSWERS = {
    "page": ("GET", "/", True),
    "page of a machine": ("GET", "/machines/m_0123456789abcdef", True),
    "page that is not there": ("GET", "/nowhere", True),
    "problem": ("GET", "/nowhere.json", False),
    "REST without a credential": ("GET", "/v1/machines", False),
    "GraphQL without a credential": ("POST", "/graphql", False),
    "GraphQL by GET": ("GET", "/graphql", False),
    "socket without an upgrade": ("GET", "/socket", False),
    "asset that is not there": ("GET", "/assets/nothing.js", False),
    "discovery": ("GET", "{issuer}/.well-known/openid-configuration", False),
    "sign-in that is wrong": ("GET", "{issuer}/oauth2/authorize?client_id=nobody", True),
    "sign-out that is wrong": ("GET", "{issuer}/logout", True),
    "mailbox": ("GET", "/mailbox", True),
}


def served(product: Product, method: str, path: str, **headers: str) -> tuple[int, Message, str]:
    origin = product.endpoints["portal"].rstrip("/")
    address = path.format(issuer=issuer(product)) if "{" in path else origin + path
    request = urllib.request.Request(address, b"{}" if method == "POST" else None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode("utf-8", "replace")


def issuer(product: Product) -> str:
    with urllib.request.urlopen(product.endpoints["portal"], timeout=60) as page:
        found = re.search(r'"issuer":"([^"]+)"', page.read().decode())
    assert found is not None
    return found.group(1)


def policy(headers: Message) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in (headers["content-security-policy"] or "").split(";"))
    return {name: sources for name, _, sources in parts if name}


@pytest.mark.parametrize(("method", "path", "navigates"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_keeps_itself_to_its_origin(product: Product, method: str, path: str, navigates: bool) -> None:
    _, headers, body = served(product, method, path, **(HTML if navigates else {}))
    csp = policy(headers)
    assert (csp["default-src"], csp["frame-ancestors"], csp["base-uri"]) == ("'none'", "'none'", "'none'")
    assert not any(word in headers["content-security-policy"] for word in ("unsafe-inline", "unsafe-eval", "*:", " * "))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] in ("no-referrer", "same-origin", "strict-origin-when-cross-origin")
    assert headers["permissions-policy"].startswith("camera=()")
    assert headers["x-frame-options"] == "DENY"
    assert headers["strict-transport-security"] is None  # over http, where RFC 6797 forbids it
    if "text/html" in headers["content-type"]:
        assert (csp["object-src"], csp["report-to"]) == ("'none'", "csp")
        assert headers["reporting-endpoints"].startswith('csp="')
        assert INLINE.search(body) is None
        assert headers["cache-control"] == "no-store"


def test_a_page_says_where_violations_are_told_and_they_are_heard(product: Product) -> None:
    _, headers, _ = served(product, "GET", "/", **HTML)
    origin = product.endpoints["portal"].rstrip("/")
    assert headers["reporting-endpoints"] == f'csp="{origin}/csp-reports"'
    assert policy(headers)["report-to"] == "csp"
    status, _, _ = served(product, "POST", "/csp-reports", **{"Content-Type": "application/reports+json"})
    assert status == 204
    status, headers, _ = served(product, "GET", "/csp-reports")
    assert (status, headers["allow"]) == (405, "POST")


def test_the_nonce_of_a_page_is_never_the_same(product: Product) -> None:
    nonces = {policy(served(product, "GET", "/", **HTML)[1])["script-src"] for _ in range(3)}
    assert len(nonces) == 3
    assert all(re.fullmatch(r"'self' 'nonce-[A-Za-z0-9+/]{24}'", nonce) for nonce in nonces)


def test_a_sign_out_that_another_site_asks_for_ends_nothing(product: Product) -> None:
    page = product.endpoints["portal"].rstrip("/") + "/"
    with urllib.request.urlopen(page, timeout=60) as answer:
        client = re.search(r'"clientId":"([^"]+)"', answer.read().decode())
    assert client is not None
    path = "{issuer}/logout?client_id=" + client.group(1) + "&logout_uri=" + page
    for site in ("cross-site", "same-site"):
        status, headers, _ = served(product, "GET", path, **{"Sec-Fetch-Site": site}, **HTML)
        assert (status, headers["location"]) == (403, None)
