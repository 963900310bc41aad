"""One built portal per session, a fresh cloud per test."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.watched import Watched
from tests.portal.fake_cloud import ROOT, FakeCloud
from tests.portal.fake_oidc import EMAIL, PASSWORD

PORTAL = ROOT / "portal"
BUILD_TIMEOUT_S = 240
browser, context, watched = chromium.browser, chromium.context, chromium.watched


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


@pytest.fixture
def cloud(portal_dist: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(dist=portal_dist)
    yield cloud
    cloud.close()


@pytest.fixture
def page(watched: Watched, cloud: FakeCloud) -> Page:
    """A page that is signed in and shows the board."""
    sign_in(watched.page, cloud.origin)
    return watched.page


def sign_in(page: Page, origin: str, path: str = "/") -> None:
    chromium.sign_in(page, f"{origin}{path}", email=EMAIL, password=PASSWORD, submit="Continue")
