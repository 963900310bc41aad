"""A newcomer in a real browser on the whole product: from the printed URL to a machine that moves, and out again."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.chromium import WAIT_MS, sign_in
from tests.browser.watched import Watched
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

#: Machines of the demo change state at least every few minutes; six of them together far more often.
CHANGE_MS = 180_000
#: The first stored minute is there after at most two minutes.
MINUTE_MS = 150_000
TILES = "article[data-machine]"
CHANGED = """() => {
  window.seen ??= {};
  return [...document.querySelectorAll('article[data-machine]')].some(({ dataset: { machine, state } }) => {
    const before = window.seen[machine];
    if (state !== 'OFFLINE') window.seen[machine] = state;
    return before !== undefined && before !== window.seen[machine];
  });
}"""
PAGES = {"/alarms": "h1", "/gateways": "tbody tr", "/tv": TILES, "/": TILES}


def user(product: Product, tenant: int = 0) -> dict[str, str]:
    """The first user of a tenant; tenants come in the order of their API keys."""
    users: list[dict[str, str]] = product.endpoints["users"]
    return next(one for one in users if one["tenant"] == product.tenants()[tenant])


def enter(page: Page, product: Product, tenant: int = 0) -> Locator:
    """Sign in from the printed URL; answers the tiles of the board."""
    who = user(product, tenant)
    page.set_default_timeout(WAIT_MS)
    sign_in(page, product.endpoints["portal"] + "/", email=who["email"], password=who["password"])
    expect(page.get_by_role("heading", name="Shop floor")).to_be_visible()
    tiles = page.locator(TILES)
    expect(tiles.first).to_be_visible()
    return tiles


def test_a_newcomer_sees_the_shop_move(watched: Watched, product: Product) -> None:
    tiles = enter(watched.page, product)
    expect(tiles).to_have_count(len(product.machines()))
    assert [one["name"] for one in watched.page.context.cookies()] == ["__Host-cnc-login"]
    watched.page.wait_for_function(CHANGED, timeout=CHANGE_MS)


def test_a_machine_opens_to_moving_values_and_its_record(watched: Watched, product: Product) -> None:
    page = watched.page
    enter(page, product).first.get_by_role("link").first.click()
    power = page.locator('[data-signal="electric.wattage"] figcaption')
    expect(power).to_contain_text(re.compile(r"\d"), timeout=MINUTE_MS)
    expect(power).not_to_have_text(power.inner_text(), timeout=MINUTE_MS)
    record = page.get_by_role("region", name="Record")
    expect(record).to_contain_text(re.compile(r"rows? stored|Counting has begun"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_product_is_accessible(browser: Browser, product: Product, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    watched = Watched(context.new_page())
    page, origin = watched.page, product.endpoints["portal"]
    page.goto(origin)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    found = {"welcome": violations(page)}
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    found["sign-in"] = violations(page)
    tiles = enter(page, product)
    tiles.first.get_by_role("link").first.click()
    expect(page.locator("[data-signal] canvas").first).to_be_attached(timeout=MINUTE_MS)
    found["machine"] = violations(page)
    for path, ready in PAGES.items():
        page.goto(f"{origin}{path}")
        expect(page.locator(ready).first).to_be_attached()
        found[path] = violations(page)
    context.close()
    assert {path: some for path, some in found.items() if some} == {}
    assert watched.complaints == []


def test_another_company_sees_its_own_machines_alone(watched: Watched, product: Product) -> None:
    tiles = enter(watched.page, product, tenant=1)
    expect(tiles).to_have_count(len(product.machines(tenant=1)))
    shown = watched.page.locator("body").inner_text()
    own = {machine["name"] for machine in product.machines(tenant=1)}
    others = {machine["name"] for machine in product.machines()} - own
    assert own
    assert all(name in shown for name in own)
    assert not [name for name in others if name in shown]
    watched.expected = ("404",)
    watched.page.goto(f"{product.endpoints['portal']}/machines/{product.machines()[0]['id']}")
    expect(watched.page.get_by_role("heading", name="There is no such machine")).to_be_attached()


def test_after_sign_out_nothing_of_the_company_is_left(watched: Watched, product: Product) -> None:
    page = watched.page
    enter(page, product).first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Signals")).to_be_visible()
    names = [machine["name"] for machine in product.machines()]
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    for step in ("here", "back", "back", "reload"):
        if step == "back":
            page.go_back()
        elif step == "reload":
            page.reload()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        shown = page.locator("body").inner_text()
        assert not [name for name in names if name in shown], step
