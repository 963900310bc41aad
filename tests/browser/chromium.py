"""One Chromium per module, a fresh context per test, and a page whose complaints fail the test."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.watched import Watched

WAIT_MS = 20_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while Playwright runs, no other event loop can run in this thread."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, and no `chromium` is on the PATH.")
        pytest.skip("No `chromium` is on the PATH: apt-get install --no-install-recommends chromium fonts-dejavu-core")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    """A page whose console errors, page errors and CSP violations fail the test."""
    watched = Watched(context.new_page())
    yield watched
    assert watched.complaints == []


def sign_in(page: Page, address: str, *, email: str, password: str, submit: str = "Sign in") -> None:
    """From the page at `address` through the issuer's form (whose button says `submit`) and back to that page."""
    page.goto(address)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name=submit, exact=True).click()
    page.wait_for_url(lambda url: urlsplit(url).path == urlsplit(address).path)
