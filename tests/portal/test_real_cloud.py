"""The same portal on the whole product, when `cnc up` runs: `.local/endpoints.json` says where."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.portal.fake_cloud import ROOT
from tests.portal.portal_page import Watched

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

MINUTE_MS = 60_000


@pytest.fixture
def endpoints() -> dict[str, Any]:
    """Where the running product is. Skips when nothing runs."""
    path = ROOT / ".local" / "endpoints.json"
    if not path.exists():
        pytest.skip("no product is running: start it with `make up`")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    address = urlsplit(found["portal"])
    try:
        socket.create_connection((address.hostname or "", address.port or 80), timeout=5).close()
    except OSError as error:
        pytest.skip(f"{path} is left over from a product that no longer runs: {error}")
    return found


@pytest.fixture
def inside(watched: Watched, endpoints: dict[str, Any]) -> Watched:
    """The board, as the first user of the first tenant sees it."""
    user, page = endpoints["users"][0], watched.page
    page.goto(endpoints["portal"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(user["email"])
    page.get_by_label("Password").fill(user["password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Shop floor")).to_be_visible(timeout=MINUTE_MS)
    return watched


def test_a_newcomer_sees_a_tile_change_state(inside: Watched) -> None:
    page = inside.page
    expect(page.locator("article[data-machine]").first).to_be_visible(timeout=MINUTE_MS)
    states = "e => e.map((one) => one.dataset.state).join()"
    before = page.locator("article[data-machine]").evaluate_all(states)
    page.wait_for_function(
        "before => [...document.querySelectorAll('article[data-machine]')]"
        ".map((one) => one.dataset.state).join() !== before",
        arg=before,
        timeout=3 * MINUTE_MS,
    )


def test_a_machine_shows_live_values(inside: Watched) -> None:
    page = inside.page
    page.locator("article[data-machine] a").first.click()
    caption = page.locator("[data-signal] figcaption").nth(1)
    expect(caption).to_be_visible(timeout=3 * MINUTE_MS)
    before = caption.inner_text()
    expect(caption).not_to_have_text(before, timeout=MINUTE_MS)
