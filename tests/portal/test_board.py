"""A newcomer signs in and watches the shop."""

import re
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.watched import Watched
from tests.portal.conftest import sign_in
from tests.portal.fake_cloud import FakeCloud
from tests.portal.fixtures import machine_id

pytestmark = pytest.mark.browser


def _tile(page: Page, number: int) -> Locator:
    return page.locator(f"article[data-machine='{machine_id(number)}']")


def _live(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="Live")


def test_a_newcomer_signs_in_and_sees_every_machine(page: Page) -> None:
    expect(page.get_by_role("heading", name="Shop floor")).to_be_visible()
    expect(page.locator("article[data-machine]")).to_have_count(8)
    expect(_tile(page, 1)).to_contain_text("Cutting")


def test_a_tile_changes_state_when_the_machine_does(page: Page, cloud: FakeCloud) -> None:
    expect(_live(page)).to_be_visible()
    expect(_tile(page, 1)).to_have_attribute("data-state", "ACTIVE")
    cloud.call(lambda: cloud.shop.change(machine_id(1), tile="SETUP", execution="OPTIONAL_STOP"))
    expect(_tile(page, 1)).to_have_attribute("data-state", "SETUP")
    expect(_tile(page, 1)).to_contain_text("Needs operator")


def test_simulated_machines_say_so_and_real_ones_do_not(page: Page) -> None:
    expect(_tile(page, 1)).to_contain_text("SIM")
    expect(_tile(page, 5)).not_to_contain_text("SIM")


def test_data_that_is_old_says_how_old(page: Page) -> None:
    expect(_tile(page, 8)).to_contain_text("Data is 2 d 2 h old")
    expect(_tile(page, 1)).not_to_contain_text("old")


def test_an_active_alarm_stands_above_everything(page: Page) -> None:
    strip = page.get_by_role("region", name="1 active alarm")
    expect(strip).to_contain_text("SERVO ALARM: X AXIS EXCESS ERROR")
    expect(_tile(page, 2)).to_have_attribute("data-attention", "act")


def test_pace_is_told_once_enough_parts_were_seen(page: Page, cloud: FakeCloud) -> None:
    expect(_live(page)).to_be_visible()
    expect(_tile(page, 1)).not_to_contain_text("/ h")
    for made in (149, 150, 151):
        change = partial(cloud.shop.change, machine_id(1), tile="ACTIVE", execution="ACTIVE", partCount=made)
        cloud.call(change)
        expect(_tile(page, 1)).to_contain_text(f"{made} of 240")
    expect(_tile(page, 1)).to_contain_text("/ h, done about")


def test_a_broken_link_is_told_and_what_was_missed_is_fetched(page: Page, watched: Watched, cloud: FakeCloud) -> None:
    watched.expected = ("WebSocket connection",)  # the browser calls it an error, the test wants it
    expect(_live(page)).to_be_visible()
    cloud.refuse_sockets(True)
    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    cloud.call(lambda: cloud.shop.change(machine_id(1), tile="BLOCKED", execution="WAIT"))
    cloud.refuse_sockets(False)
    expect(_live(page)).to_be_visible()
    expect(_tile(page, 1)).to_have_attribute("data-state", "BLOCKED")


def test_a_server_out_of_reach_is_told_and_the_page_comes_back(page: Page, watched: Watched, cloud: FakeCloud) -> None:
    watched.expected = ("WebSocket connection", "ERR_FAILED", "Failed to fetch")
    expect(_live(page)).to_be_visible()
    page.route(re.compile("/(v1/socket-tickets|graphql)$"), lambda route: route.abort())
    cloud.refuse_sockets(True)
    banner = page.get_by_role("alert").filter(has_text="The server cannot be reached")
    expect(banner).to_contain_text("What you see is from")
    expect(_tile(page, 1)).to_be_visible()
    page.get_by_role("link", name="Gateways").click()
    expect(page.get_by_role("heading", name="Gateways")).to_be_visible()
    page.unroute_all()
    cloud.refuse_sockets(False)
    expect(_live(page)).to_be_visible(timeout=40_000)
    expect(banner).to_be_hidden()


def test_a_failure_says_what_happened_what_to_do_and_its_request(watched: Watched, cloud: FakeCloud) -> None:
    cloud.shop.busy = True
    sign_in(watched.page, cloud.origin)
    failure = watched.page.get_by_role("alert")
    expect(failure).to_contain_text("The store is busy; nothing was lost.")
    expect(failure).to_contain_text("Wait a moment and try again.")
    expect(failure).to_contain_text("req-0000-fake")
    cloud.shop.busy = False
    failure.get_by_role("button", name="Try again").click()
    expect(watched.page.locator("article[data-machine]")).to_have_count(8)


def test_the_palette_goes_to_a_machine_by_keyboard_alone(page: Page, cloud: FakeCloud) -> None:
    expect(page.locator("article[data-machine]")).to_have_count(8)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("lathe 03")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{cloud.origin}/machines/{machine_id(7)}")


def test_a_chosen_colour_scheme_is_kept(page: Page) -> None:
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "light")
    page.get_by_role("button", name="Use dark colours").click()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")


def test_the_tv_turns_pages_dark_without_scrolling(page: Page, cloud: FakeCloud) -> None:
    for width, height in ((1920, 1080), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{cloud.origin}/tv")
        expect(page.locator("article[data-machine]").first).to_have_attribute("data-state", "ALARM")
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        overflow = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert overflow[0] <= width
        assert overflow[1] <= height
