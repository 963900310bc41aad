"""In a real browser on the whole product: the second factor after the password, and a screen on the wall."""

import json
import re
import time
from base64 import b32decode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from cnc.domain.identity.totp import STEP_S, code
from tests.browser.axe import violations
from tests.browser.chromium import WAIT_MS, sign_in
from tests.browser.watched import Watched
from tests.product import people
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

#: A second tenant's people: what they set up here is nobody else's business.
TENANT = 1


def now_code(secret: bytes, back: int = 0) -> str:
    return code(secret, step=int(time.time()) // STEP_S - back)


@pytest.fixture
def enrolled(product: Product) -> Iterator[tuple[people.Person, bytes]]:
    """The owner of the second demo company with an authenticator, which goes at the end."""
    owner = people.sign_in(product, "owner", tenant=TENANT)
    status, made = owner.rest("POST", "/second-factor", {})
    assert status == 200, made
    secret = b32decode(parse_qs(urlsplit(made["uri"]).query)["secret"][0])
    assert owner.rest("POST", "/second-factor/confirmation", {"code": now_code(secret, back=1)})[0] == 200
    yield owner, secret
    assert owner.rest("DELETE", "/second-factor", {})[0] == 200


def credentials(product: Product, role: str, *, tenant: int) -> dict[str, str]:
    name = product.tenants()[tenant]
    found: dict[str, str] = next(
        one for one in product.endpoints["users"] if (one["role"], one["tenant"]) == (role, name)
    )
    return found


def test_after_the_password_the_second_factor_is_asked_for_and_a_reload_goes_on(
    product: Product, watched: Watched, enrolled: tuple[people.Person, bytes]
) -> None:
    _, secret = enrolled
    page, portal = watched.page, product.endpoints["portal"].rstrip("/")
    who = credentials(product, "owner", tenant=TENANT)
    watched.expected = ("status of 403",)  # what the page asked before it knew
    sign_in(page, f"{portal}/machines", email=who["email"], password=who["password"])
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    assert violations(page) == []
    assert page.get_by_role("link", name="Machines").count() == 0
    page.get_by_label("Code of the authenticator").fill(now_code(secret))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Machines")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Machines")).to_be_visible()


def test_a_screen_shows_the_board_once_somebody_let_it_in_and_nothing_after_it_was_taken_away(
    product: Product, browser: Browser, watched: Watched
) -> None:
    portal, who = product.endpoints["portal"].rstrip("/"), credentials(product, "owner", tenant=0)
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    try:
        screen = context.new_page()
        screen.set_default_timeout(WAIT_MS)
        screen.goto(f"{portal}/pair")
        shown = screen.locator("[data-code]").get_attribute("data-code")
        assert re.fullmatch("[BCDFGHJKLMNPQRSTVWXZ]{6}", shown or "")
        assert violations(screen) == []
        page = watched.page
        sign_in(page, f"{portal}/settings/security?pair={shown}", email=who["email"], password=who["password"])
        page.get_by_role("button", name="Find the screen").click()
        page.get_by_label("Name").fill("Hall 1, gate")
        assert violations(page) == []
        page.get_by_role("button", name="Let it in").click()
        expect(page.get_by_text("The screen is in")).to_be_visible()
        screen.wait_for_url("**/tv")
        expect(screen.get_by_role("listitem").first).to_be_visible()
        assert kept_by_scripts(screen) == {"cnc.screen": "1"}
        screen.reload()
        expect(screen.get_by_role("listitem").first).to_be_visible()
        page.get_by_role("button", name="Take away").click()
        screen.wait_for_url("**/pair", timeout=WAIT_MS)
    finally:
        context.close()


def kept_by_scripts(page: Page) -> dict[str, str]:
    """What the page's scripts can read that outlives it."""
    found: dict[str, str] = json.loads(page.evaluate("() => JSON.stringify({...localStorage})"))
    assert page.evaluate("() => document.cookie") == ""
    return {name: value for name, value in found.items() if name.startswith("cnc.")}
