"""axe finds nothing on any page, in either scheme, from phone to TV; and no page is wider than its screen."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.chromium import WAIT_MS
from tests.browser.touch import small_targets
from tests.browser.watched import Watched
from tests.portal.conftest import sign_in
from tests.portal.fake_cloud import FakeCloud
from tests.portal.fixtures import machine_id

pytestmark = pytest.mark.browser

SIZES = {"phone": (390, 844), "desktop": (1440, 900), "tv": (1920, 1080)}
PAGES = {
    "/": "article[data-machine]",
    "/machines": "tbody tr",
    f"/machines/{machine_id(1)}": "[data-signal] canvas",
    f"/machines/{machine_id(999)}": "h1",
    "/alarms": "li[data-active]",
    "/gateways": "tbody tr",
    "/tv": "article[data-machine]",
    "/nowhere": "h1",
}


@pytest.mark.parametrize(
    ("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desktop", "light"), ("tv", "dark")]
)
def test_every_page_is_accessible_and_fits(browser: Browser, cloud: FakeCloud, scheme: Any, size: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT_MS)
    watched = Watched(context.new_page())
    page = watched.page
    page.goto(cloud.origin)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    found = {"sign-in": violations(page)}
    wide = []
    sign_in(page, cloud.origin)
    for path, ready in PAGES.items():
        page.goto(f"{cloud.origin}{path}")
        expect(page.locator(ready).first).to_be_attached()
        found[path] = violations(page)
        wide += [path] if page.evaluate("document.documentElement.scrollWidth") > width else []
    context.close()
    assert {path: some for path, some in found.items() if some} == {}
    assert wide == []
    assert watched.complaints == []


def test_open_menus_and_dialogs_are_accessible(page: Page) -> None:
    expect(page.locator("article[data-machine]")).to_have_count(8)
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []


def test_what_a_thumb_must_hit_is_large_enough_on_a_phone(page: Page, cloud: FakeCloud) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{cloud.origin}/machines/{machine_id(1)}")
    expect(page.locator("[data-signal] canvas").first).to_be_attached()
    assert small_targets(page) == []
