"""What the build promises, without a browser."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.portal.fake_cloud import ROOT

FIRST_LOAD_BYTES = 220_000


@pytest.fixture
def index(portal_dist: Path) -> str:
    return (portal_dist / "index.html").read_text(encoding="utf-8")


def _first_load(index: str) -> list[str]:
    return sorted(set(re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', index)))


def test_the_first_load_stays_within_its_budget(portal_dist: Path, index: str) -> None:
    sizes = {name: len(gzip.compress((portal_dist / name).read_bytes())) for name in _first_load(index)}
    assert sizes
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sizes


def test_the_page_holds_no_inline_script_or_style(index: str) -> None:
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)", index)


def test_everything_the_page_names_is_in_the_build(portal_dist: Path, index: str) -> None:
    manifest = json.loads((portal_dist / "assets" / "app.webmanifest").read_text(encoding="utf-8"))
    icons = [icon["src"] for icon in manifest["icons"]]
    named = [*re.findall(r'(?:src|href)="(/assets/[^"]+)"', index), *icons]
    assert [name for name in named if not (portal_dist / name.lstrip("/")).is_file()] == []
    assert len(icons) == 4


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((ROOT / "portal" / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
