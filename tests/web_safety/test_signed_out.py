"""What a browser still knows of a company after its person has left: nothing, wherever one looks."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from functions.portal_page.paths import PAGES
from tests.browser.chromium import sign_in
from tests.browser.watched import Watched
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

#: A page that finds the server busy tries again by itself.
BUSY_MS = 90_000
#: Everything that a script of the origin, or whoever sits down at the browser, could read.
STORED = """async () => {
  const databases = await indexedDB.databases();
  const caches_ = await caches.keys();
  const workers = await navigator.serviceWorker.getRegistrations();
  return JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, name: window.name,
    state: history.state, databases, caches: caches_, workers: workers.length,
  });
}"""
#: A GET that only a cache may answer.
CACHED = """async (path) => {
  try {
    const found = await fetch(path, { cache: 'only-if-cached', mode: 'same-origin' });
    return found.status + ' ' + (await found.text()).slice(0, 200);
  } catch { return 'nothing'; }
}"""
ASKED_BY_THE_PAGES = ("/v1/machines", "/v1/people", "/v1/changes", "/v1/keys", "/v1/sessions", "/v1/tenant", "/graphql")


def words_of(product: Product) -> list[str]:
    """Names and ids that belong to the first company."""
    found = product.graphql("{ viewer { tenantId tenantName } machines { id name } sites { id name } }")
    machines = [text for machine in found["machines"] for text in (machine["id"], machine["name"])]
    return [found["viewer"]["tenantId"], found["viewer"]["tenantName"], *machines]


def enter(page: Page, product: Product) -> None:
    tenant = product.tenants()[0]
    who = next(user for user in product.endpoints["users"] if user["tenant"] == tenant)
    sign_in(page, f"{product.endpoints['portal'].rstrip('/')}/", email=who["email"], password=who["password"])
    expect(page.locator("article[data-machine]").first).to_be_visible(timeout=BUSY_MS)


def walk(page: Page, product: Product) -> None:
    """Every page that needs no id, by links of the page itself: tokens in memory do not outlive a load."""
    for path in [path for path in PAGES if ":" not in path and path not in ("/", "/callback", "/pair")]:
        page.evaluate(
            "(path) => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path
        )
        page.wait_for_load_state("networkidle")
    page.evaluate("() => { history.pushState({}, '', '/'); dispatchEvent(new PopStateEvent('popstate')); }")
    page.locator("article[data-machine]").first.get_by_role("link").first.click()
    page.wait_for_load_state("networkidle")


def leave(page: Page) -> None:
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def found_in(page: Page, words: list[str]) -> list[str]:
    everything = page.evaluate(STORED) + page.content()
    return [word for word in words if word in everything]


def test_tokens_live_in_memory_alone_while_somebody_is_signed_in(watched: Watched, product: Product) -> None:
    page, tokens = watched.page, []
    page.on("response", lambda answer: tokens.append(answer.json()) if "oauth2/token" in answer.url else None)
    enter(page, product)
    stored: dict[str, Any] = json.loads(page.evaluate(STORED))
    secrets = [str(value) for answer in tokens for name, value in answer.items() if name.endswith("_token")]
    assert len(secrets) >= 2
    assert not any(secret in json.dumps(stored) for secret in secrets)
    assert (stored["cookies"], stored["databases"], stored["caches"], stored["workers"]) == ("", [], [], 0)
    (cookie,) = page.context.cookies()
    assert (cookie["name"][:7], cookie["httpOnly"], cookie["secure"], cookie["path"]) == ("__Host-", True, True, "/")
    assert cookie["sameSite"] in ("Lax", "Strict")


def test_after_signing_out_nothing_of_the_company_is_left(watched: Watched, product: Product) -> None:
    page, words = watched.page, words_of(product)
    enter(page, product)
    walk(page, product)
    assert found_in(page, words)  # the pages did show it
    leave(page)
    watched.expected = ("net::ERR_CACHE_MISS",)  # how a browser says that nothing was kept
    assert found_in(page, words) == []
    assert {path: page.evaluate(CACHED, path) for path in ASKED_BY_THE_PAGES} == dict.fromkeys(
        ASKED_BY_THE_PAGES, "nothing"
    )
    for _ in range(6):
        page.go_back(wait_until="load")
        page.wait_for_load_state("networkidle")
        assert [word for word in words if word in page.locator("body").inner_text()] == []
    assert page.context.cookies() == []


def test_signing_out_in_one_tab_empties_the_other(watched: Watched, product: Product) -> None:
    first, words = watched.page, words_of(product)
    enter(first, product)
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("article[data-machine]").first).to_be_visible(timeout=BUSY_MS)
    leave(first)
    expect(second.locator("article[data-machine]")).to_have_count(0, timeout=BUSY_MS)
    assert [word for word in words if word in second.locator("body").inner_text()] == []
