"""One browser and one built portal per session; a fresh cloud and a fresh context per test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.portal.fake_cloud import ROOT, FakeCloud
from tests.portal.fake_oidc import EMAIL, PASSWORD
from tests.portal.portal_page import Watched

PORTAL = ROOT / "portal"
WAIT_MS = 20_000
BUILD_TIMEOUT_S = 240


@pytest.fixture(scope="session")
def portal_dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal, built for this session alone: nobody else's build changes it meanwhile."""
    tools = ROOT / ".venv" / "bin"
    path = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    dist = tmp_path_factory.mktemp("portal") / "dist"
    if not (PORTAL / "node_modules").exists():
        subprocess.run([tools / "npm", "ci"], cwd=PORTAL, check=True, timeout=BUILD_TIMEOUT_S, env=path)
    vite = PORTAL / "node_modules" / "vite" / "bin" / "vite.js"
    build = [tools / "node", vite, "build", "--outDir", dist, "--logLevel", "warn"]
    subprocess.run(build, cwd=PORTAL, check=True, timeout=BUILD_TIMEOUT_S, env=path)
    return dist


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, and no `chromium` is on the PATH.")
        pytest.skip("No `chromium` is on the PATH: apt-get install --no-install-recommends chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def cloud(portal_dist: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(dist=portal_dist)
    yield cloud
    cloud.close()


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


@pytest.fixture
def page(watched: Watched, cloud: FakeCloud) -> Page:
    """A page that is signed in and shows the board."""
    sign_in(watched.page, cloud.origin)
    return watched.page


def sign_in(page: Page, origin: str, path: str = "/") -> None:
    page.goto(f"{origin}{path}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: not urlsplit(url).path.startswith(("/issuer", "/callback")))
