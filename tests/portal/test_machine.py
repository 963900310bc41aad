"""One machine: live signals, what it did, and whether the record is whole."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watched import Watched, wait_until
from tests.portal.conftest import sign_in
from tests.portal.fake_cloud import FakeCloud
from tests.portal.fixtures import machine_id, stamp

pytestmark = pytest.mark.browser


@pytest.fixture
def machine(watched: Watched, cloud: FakeCloud) -> Page:
    """The page of the first machine."""
    sign_in(watched.page, cloud.origin, f"/machines/{machine_id(1)}")
    expect(watched.page.get_by_role("heading", name="Mill 01")).to_be_visible()
    return watched.page


def test_live_values_move(machine: Page) -> None:
    value = machine.locator("[data-signal='s1.load'] figcaption")
    expect(value).to_contain_text(re.compile(r"\d"))
    before = value.inner_text()
    expect(value).not_to_have_text(before)


def test_the_lease_of_live_values_is_asked_for_by_the_page_that_shows_them(machine: Page, cloud: FakeCloud) -> None:
    expect(machine.locator("[data-signal='s1.load'] canvas")).to_be_visible()
    assert set(cloud.shop.watched) == {machine_id(1)}


def test_a_range_shows_history_and_ends_the_live_stream(machine: Page, cloud: FakeCloud) -> None:
    expect(machine.locator("[data-range='live'][aria-busy='false']")).to_be_visible()
    wait_until(lambda: cloud.shop.streaming == 1)
    with machine.expect_request(lambda request: '"resolutionS":30' in (request.post_data or "")):
        machine.get_by_role("button", name="8 h").click()
    expect(machine.locator("[data-range='8h'][aria-busy='false']")).to_be_visible()
    expect(machine.locator("[data-signal='s1.load'] figcaption")).to_contain_text(re.compile(r"\d"))
    wait_until(lambda: cloud.shop.streaming == 0)


def test_signals_are_chosen_by_name(machine: Page) -> None:
    machine.get_by_role("button", name="5 signals").click()
    machine.get_by_role("checkbox", name="X position").check()
    expect(machine.locator("[data-signal='x.position.actual']")).to_be_attached()
    machine.get_by_role("checkbox", name="Spindle load").uncheck()
    expect(machine.locator("[data-signal='s1.load']")).to_have_count(0)


def test_the_record_says_exactly_what_is_not_stored_and_why(machine: Page) -> None:
    record = machine.get_by_role("region", name="Record")
    expect(record).to_contain_text("99.66 %")
    expect(record).to_contain_text("of 3,600 rows stored")
    expect(record).to_contain_text("12 rows")
    expect(record).to_contain_text("the gateway's disk was full")


def test_a_whole_record_says_so(watched: Watched, cloud: FakeCloud) -> None:
    cloud.shop.lost = {"declaredGaps": 0, "missing": 0}
    sign_in(watched.page, cloud.origin, f"/machines/{machine_id(1)}")
    record = watched.page.get_by_role("region", name="Record")
    expect(record).to_contain_text("100 %")
    expect(record).to_contain_text("Every row the gateway made was read back from the store.")


def test_time_without_a_row_is_told_to_the_second(watched: Watched, cloud: FakeCloud) -> None:
    cloud.shop.lost = {"declaredGaps": 0, "missing": 0}
    end = cloud.shop.now - timedelta(minutes=10)
    span = {"from": stamp(end - timedelta(seconds=41)), "to": stamp(end)}
    cloud.shop.unobserved = [{"source": "d_0000000000000001", "why": "not_running", **span}]
    sign_in(watched.page, cloud.origin, f"/machines/{machine_id(1)}")
    record = watched.page.get_by_role("region", name="Record")
    expect(record).to_contain_text("Every row that was made is stored.")
    expect(record).to_contain_text("41 s of")
    expect(record).to_contain_text("the gateway was not running")
    expect(record).not_to_contain_text("100 %")


def test_missing_rows_are_never_hidden(watched: Watched, cloud: FakeCloud) -> None:
    cloud.shop.lost = {"declaredGaps": 0, "missing": 1}
    sign_in(watched.page, cloud.origin, f"/machines/{machine_id(1)}")
    record = watched.page.get_by_role("region", name="Record")
    expect(record).to_contain_text("99.97 %")
    expect(record).to_contain_text("Rows are missing.")


def test_the_timeline_is_a_picture_with_words_and_a_table(machine: Page) -> None:
    timeline = machine.get_by_role("region", name="State, last 24 hours")
    picture = timeline.get_by_role("img")
    expect(picture).to_have_accessible_description(re.compile(r"Execution states of Mill 01 .* Cutting 71.2 %"))
    timeline.get_by_role("button", name="Show as table").click()
    expect(timeline.get_by_role("row").nth(1)).to_contain_text("No data")
    expect(timeline.get_by_role("row")).to_have_count(1 + 9)


def test_a_value_that_could_not_be_read_is_not_shown_as_a_number(machine: Page) -> None:
    row = machine.get_by_role("row").filter(has_text="energy.wattage")
    expect(row).to_contain_text("Unavailable")
    expect(row).to_contain_text("–")


def test_a_state_change_reaches_the_open_page(machine: Page, cloud: FakeCloud) -> None:
    expect(machine.get_by_role("status").filter(has_text="Live")).to_be_visible()
    cloud.call(lambda: cloud.shop.change(machine_id(1), tile="BLOCKED", execution="WAIT"))
    expect(machine.locator("header[data-state='BLOCKED']")).to_contain_text("Blocked")


def test_an_unknown_machine_says_so(watched: Watched, cloud: FakeCloud) -> None:
    sign_in(watched.page, cloud.origin, f"/machines/{machine_id(999)}")
    expect(watched.page.get_by_role("heading", name="There is no such machine")).to_be_attached()
