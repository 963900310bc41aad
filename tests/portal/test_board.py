"""A newcomer signs in and watches the shop."""

import pytest
from playwright.sync_api import Page, expect

from tests.portal.fake_cloud import FakeCloud
from tests.portal.fake_shop import machine_id

pytestmark = pytest.mark.browser


def _tile(page: Page, number: int):  # noqa: ANN202
    return page.locator(f"article[data-machine='{machine_id(number)}']")


def test_a_newcomer_signs_in_and_sees_every_machine(page: Page) -> None:
    expect(page.get_by_role("heading", name="Shop floor")).to_be_visible()
    expect(page.locator("article[data-machine]")).to_have_count(8)
    expect(_tile(page, 1)).to_contain_text("Cutting")


def test_a_tile_changes_state_when_the_machine_does(page: Page, cloud: FakeCloud) -> None:
    expect(page.get_by_role("status").filter(has_text="Live")).to_be_visible()
    expect(_tile(page, 1)).to_have_attribute("data-state", "ACTIVE")
    cloud.call(lambda: cloud.shop.change(machine_id(1), tile="SETUP", execution="OPTIONAL_STOP"))
    expect(_tile(page, 1)).to_have_attribute("data-state", "SETUP")
    expect(_tile(page, 1)).to_contain_text("Needs operator")
