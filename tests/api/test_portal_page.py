"""The page under its policy: every script of it carries the nonce, and the nonce is never the same."""

import re
from secrets import token_bytes

import pytest

from functions.portal_page.page import Page, UnsafeTemplate

BUILT = """<!doctype html>
<html><head><title>t</title>
<script type="module" crossorigin src="/assets/index-1.js"></script>
<link rel="stylesheet" crossorigin href="/assets/index-1.css">
</head><body><div id="root"></div></body></html>"""


def page(template: str = BUILT, **changed: str) -> Page:
    known = {"issuer": "http://127.0.0.1:8080/oidc/pool", "client_id": "c1", "origin": "http://127.0.0.1:8080"}
    return Page.of(template, **(known | changed))


def policy(made: Page) -> dict[str, list[str]]:
    text = made.headers("N")["content-security-policy"]
    return {name: sources for name, *sources in (part.split() for part in text.split("; "))}


def test_every_script_carries_the_nonce_of_this_load() -> None:
    html = page().html("abc")
    scripts = re.findall(r"<script[^>]*>", html)
    assert len(scripts) == 2
    assert all('nonce="abc"' in script for script in scripts)


def test_the_configuration_is_what_the_portal_reads() -> None:
    html = page().html("abc")
    text = re.search(r'<script type="application/json" id="cnc-config"[^>]*>(.*?)</script>', html)
    assert text is not None
    assert text.group(1) == (
        '{"clientId":"c1","graphql":"/graphql","issuer":"http://127.0.0.1:8080/oidc/pool","socket":"/socket"}'
    )


def test_the_configuration_cannot_end_its_script() -> None:
    assert "</script><b>" not in page(client_id="</script><b>").html("abc")


def test_the_policy_allows_nothing_that_is_not_named() -> None:
    made = policy(page())
    assert made["default-src"] == ["'none'"]
    assert made["script-src"] == ["'self'", "'nonce-N'"]
    assert made["style-src"] == ["'self'", "'nonce-N'"]
    assert [made[name] for name in ("frame-ancestors", "base-uri", "object-src")] == [["'none'"]] * 3
    assert not any("unsafe" in source for sources in made.values() for source in sources)


def test_locally_the_page_calls_its_own_host_alone() -> None:
    assert policy(page())["connect-src"] == ["'self'", "ws://127.0.0.1:8080"]


def test_in_aws_it_also_calls_the_pool_and_its_sign_in_host() -> None:
    issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc"
    assert policy(page(issuer=issuer, origin="https://d1.cloudfront.net"))["connect-src"] == [
        "'self'",
        "wss://d1.cloudfront.net",
        "https://cognito-idp.eu-central-1.amazonaws.com",
        "https://*.auth.eu-central-1.amazoncognito.com",
    ]


def test_headers_that_keep_the_page_to_itself() -> None:
    headers = page(origin="https://portal.test").headers("N")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    assert headers["reporting-endpoints"] == 'csp="https://portal.test/csp-reports"'
    assert "strict-transport-security" not in page().headers("N")  # RFC 6797: never over http


@pytest.mark.parametrize("template", [BUILT.replace("</head>", "<script>x()</script></head>"), "<html></html>"])
def test_a_page_that_our_policy_would_break_is_not_served(template: str) -> None:
    with pytest.raises(UnsafeTemplate):
        page(template)


def test_two_loads_have_two_nonces() -> None:
    loads = [page().load(token_bytes) for _ in range(2)]
    policies = [load["headers"]["content-security-policy"] for load in loads]
    assert policies[0] != policies[1]
    assert all(load["statusCode"] == 200 for load in loads)
