"""Who may see the portal, and where its tokens are not."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.watched import Watched
from tests.portal.conftest import sign_in
from tests.portal.fake_cloud import FakeCloud

pytestmark = pytest.mark.browser

STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


def test_nothing_is_shown_or_asked_before_sign_in(watched: Watched, cloud: FakeCloud) -> None:
    watched.page.goto(cloud.origin)
    expect(watched.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert cloud.asked == []


def test_a_deep_link_leads_back_to_its_page_after_sign_in(watched: Watched, cloud: FakeCloud) -> None:
    sign_in(watched.page, cloud.origin, "/alarms")
    expect(watched.page).to_have_url(f"{cloud.origin}/alarms")
    expect(watched.page.get_by_role("heading", name="Alarms")).to_be_visible()


def test_tokens_are_in_memory_only(page: Page, cloud: FakeCloud) -> None:
    expect(page.locator("article[data-machine]")).to_have_count(8)
    stored = page.evaluate(STORED)
    assert cloud.oidc.tokens
    assert not [token for token in cloud.oidc.tokens if token in stored]


def test_a_reload_signs_in_again_without_asking(page: Page, cloud: FakeCloud) -> None:
    expect(page.locator("article[data-machine]")).to_have_count(8)
    page.reload()
    expect(page.locator("article[data-machine]")).to_have_count(8)
    assert len(cloud.oidc.tokens) == 2


def test_a_reload_after_the_session_ended_shows_the_sign_in_page(page: Page, cloud: FakeCloud) -> None:
    expect(page.locator("article[data-machine]")).to_have_count(8)
    cloud.oidc.end_sessions()
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_refused_token_is_renewed_and_the_page_comes_back(page: Page, watched: Watched, cloud: FakeCloud) -> None:
    watched.expected = ("401 (Unauthorized)",)
    expect(page.locator("article[data-machine]")).to_have_count(8)
    cloud.oidc.tokens.clear()
    page.get_by_role("link", name="Gateways").click()
    expect(page.get_by_role("cell", name="Plant Stuttgart").first).to_be_visible()
    assert len(cloud.oidc.tokens) == 1


def test_sign_out_ends_the_session_at_the_issuer(page: Page, cloud: FakeCloud) -> None:
    page.get_by_role("button", name="Account").click()
    expect(page.get_by_text("Roles: owner")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
