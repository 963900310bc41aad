"""In a real browser on the whole product: a newcomer connects a machine, people walk a change through the gate."""

import json
import re
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cnc.domain.identity.totp import STEP_S, code
from cnc.domain.programs.canonical import canonical, digest
from tests.browser.axe import violations
from tests.browser.chromium import WAIT_MS, sign_in
from tests.browser.touch import small_targets
from tests.browser.watched import Watched
from tests.product import people
from tests.product.control import Idle, gateway, turn
from tests.product.running import ROOT, Product, free_port, until

pytestmark = [pytest.mark.browser, pytest.mark.cloud]

#: What a newcomer is promised at most, from «add» to the first value.
LIVE_MS = 120_000
ORDER_MS = 90_000
#: Said where a 3D picture is drawn without a graphics card.
SOFTWARE_GL = "GPU stall due to ReadPixels"
#: What was asked for is painted; media queries follow a frame later.
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
DARK = "() => document.documentElement.dataset.mantineColorScheme === 'dark'"
#: Another text than the one of the control, with every kind of motion.
NEW = """O1234(SLOWER)
G21G90G17G54
T1M6
G43H1G0Z50.
S900M3
G0X0Y0
G1Z-1.F100.
X40.F450
G3X40.Y20.R10.
G0Z50.
M5
M30
"""


@dataclass
class Vault:
    """A machine at rest with its backup."""

    machine: str
    folder: Path
    idle: Idle
    boss: people.Person

    def rest(self, path: str) -> Any:
        status, body = self.boss.rest("GET", path)
        assert status == 200, body
        return body


@pytest.fixture(scope="module")
def vault(product: Product) -> Iterator[Vault]:
    thing, folder = gateway(product)
    boss = people.sign_in(product, "owner")
    with Idle() as idle:
        wish = {"gatewayId": thing, "name": "Gate mill", "kind": "mill", "cell": "Gate", "component": "focas"}
        status, made = boss.rest("POST", "/machines", {**wish, "host": "127.0.0.1", "port": idle.port})
        assert status == 200, made
        yield backed_up(Vault(made["id"], folder, idle, boss))


def backed_up(vault: Vault) -> Vault:
    """The gateway backs a new machine up once it knows it; asked again until then."""

    def there() -> bool:
        vault.boss.rest("POST", f"/machines/{vault.machine}/snapshots", {})
        found = vault.boss.rest("GET", f"/machines/{vault.machine}/programs")[1]
        return any(program["present"] for program in found.get("programs", ()))

    until(there, within_s=60, what="a backup", every_s=2)
    return vault


@contextmanager
def person(browser: Browser, product: Product, role: str, path: str, **context: Any) -> Iterator[Watched]:
    """Somebody of the first shop in a browser of their own, signed in and at `path`."""
    asked = (product.tenants()[0], role)
    who = next(one for one in product.endpoints["users"] if (one["tenant"], one["role"]) == asked)
    options = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **context}
    opened = browser.new_context(**options)
    opened.set_default_timeout(WAIT_MS)
    watched = Watched(opened.new_page())
    sign_in(watched.page, product.endpoints["portal"] + path, email=who["email"], password=who["password"])
    yield watched
    opened.close()
    assert watched.complaints == []


@contextmanager
def simulated(folder: Path) -> Iterator[int]:
    """A control as a process of its own; its port."""
    port = free_port()
    shop = {"name": "New mill", "kind": "mill", "seed": 7, "time_zone": "UTC", "programs": [1001], "faults": []}
    shop["commissioned"] = "2026-01-05T06:00:00+00:00"
    spec = folder / "mill.json"
    serve = [{"kind": "focas", "host": "127.0.0.1", "port": port}]
    spec.write_text(json.dumps({"v": 1, "shop": shop, "clock": None, "serve": serve}))
    process = subprocess.Popen([sys.executable, "-m", "cli.simulate", "--spec", str(spec)], cwd=ROOT)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def test_a_newcomer_connects_a_control_and_sees_it_live(browser: Browser, product: Product, tmp_path: Path) -> None:
    with simulated(tmp_path) as port, person(browser, product, "maintenance", "/connect") as somebody:
        page = somebody.page
        closed = free_port()
        probe(page, closed)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("First failure: Port", timeout=60_000)
        expect(alert).to_contain_text(f"refuses port {closed}: nothing listens on it")
        expect(alert).to_contain_text("What to do:")
        expect(page.get_by_label("Name of the machine")).to_have_count(0)
        assert violations(page) == []
        probe(page, port)
        name = page.get_by_label("Name of the machine")
        expect(name).to_be_visible(timeout=60_000)
        expect(page.get_by_role("region", name="What the gateway saw")).to_contain_text("31i-B")
        expect(page.get_by_role("region", name="Ways to count parts")).to_contain_text("parameter 6711")
        assert violations(page) == []
        name.fill("Newcomer's mill")
        page.get_by_label("Cell", exact=True).fill("New cell")
        page.get_by_role("radio", name="macro #3901").check()
        page.get_by_label("This is a simulator").check()
        page.get_by_role("button", name="Add the machine").click()
        live = page.get_by_role("region", name="The machine is live")
        expect(live.locator("dd").first).to_have_text(re.compile(r"\S"), timeout=LIVE_MS)
        page.get_by_role("link", name="Open the machine").click()
        expect(page.get_by_role("heading", name="Newcomer's mill")).to_be_visible()
        expect(page.get_by_text("SIM", exact=True)).to_be_visible()
        configured = [path.read_text() for path in product.data.glob("edge/*/config.json")]
        assert any('"counts":"macro #3901"' in text for text in configured)


def probe(page: Page, port: int) -> None:
    page.get_by_label("Address of the control").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(port))
    page.get_by_role("button", name="Test the connection").click()


def test_a_change_walks_through_the_gate_and_is_written(browser: Browser, product: Product, vault: Vault) -> None:
    with person(browser, product, "operator", f"/changes/new?machine={vault.machine}") as operator:
        path = drafted(operator.page)
        expect(operator.page.get_by_role("button", name="Approve")).to_be_disabled()
        expect(operator.page.get_by_text("This takes one of these roles")).to_be_visible()
    with person(browser, product, "owner", path) as owner:
        owner.page.get_by_role("button", name="Approve").click()
        expect(owner.page.get_by_text("You gave the first approval")).to_be_visible()
    with person(browser, product, "supervisor", "/account") as supervisor:
        page = supervisor.page
        supervisor.expected = (SOFTWARE_GL,)
        secret = enrolled(page)
        page.goto(product.endpoints["portal"] + path)
        page.get_by_label("Code of the authenticator").fill(code(secret, step=int(time.time()) // STEP_S))
        page.get_by_role("button", name="Approve as the second person").click()
        expect(page.get_by_text("Writing is switched off at the gateway")).to_be_visible()
        turn("on", vault.folder, vault.machine)
        expect(page.get_by_role("region", name="Writing to this machine")).to_contain_text(
            "Writing is switched on", timeout=60_000
        )
        page.get_by_role("button", name="Send the order").click()
        expect(page.get_by_text("Written, read back, and the same as ordered.")).to_be_visible(timeout=ORDER_MS)
        assert vault.idle.present() == digest(canonical(NEW.encode()))
        brake(page)
        looked_at(page)
    turn("off", vault.folder, vault.machine)
    without_factor(product, "supervisor")


def without_factor(product: Product, role: str) -> None:
    """Everybody else signs this person in by password alone."""
    owner = people.sign_in(product, "owner")
    _, found = owner.rest("GET", "/people")
    who = next(one for one in found["people"] if any(role in held for held in (one["grants"] or {}).values()))
    assert owner.rest("DELETE", f"/second-factor/{who['id']}", {})[0] == 200


def drafted(page: Page) -> str:
    """A program goes from the form to «dry run read»; the path of its page."""
    page.get_by_label("Name on the control").fill("O1234")
    page.get_by_label("Program text").fill(NEW)
    page.get_by_label("Reason").fill("runs slower")
    page.get_by_role("button", name="Draft the change").click()
    page.wait_for_url("**/changes/c_*")
    page.get_by_role("button", name="Make and read the dry run").click()
    differs = page.get_by_role("region", name="What is different")
    expect(differs).to_contain_text("differ")
    expect(page.get_by_role("region", name="Dry run")).to_contain_text("Estimated time")
    return "/changes/" + page.url.rpartition("/")[2]


def enrolled(page: Page) -> bytes:
    """Set an authenticator up with the code of the step before, so that the present one is not used yet."""
    page.get_by_role("button", name="Set up an authenticator").click()
    secret = b32decode(page.locator("[data-secret]").inner_text().replace(" ", ""))
    until(lambda: time.time() % STEP_S < STEP_S - 8, within_s=10, what="a step that does not end at once", every_s=0.1)
    page.get_by_label("Code of the authenticator").fill(code(secret, step=int(time.time()) // STEP_S - 1))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your authenticator is set up")).to_be_visible()
    return secret


def brake(page: Page) -> None:
    """One click stops; allowing again is asked about."""
    bar = page.get_by_role("region", name="Writing to this machine")
    bar.get_by_role("button", name="Stop writing").click()
    expect(bar).to_contain_text("Writing is stopped")
    bar.get_by_role("button", name="Allow for this machine").click()
    asking = page.get_by_role("dialog")
    expect(asking).to_be_visible()
    assert violations(page) == []
    asking.get_by_role("button", name="Allow writing").click()
    expect(bar).to_contain_text("Writing is switched on")


def looked_at(page: Page) -> None:
    """What was released is in the library, with its path in a picture and in words, and its difference."""
    page.get_by_role("link", name="Gate mill").click()
    program = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="O1234"))
    program.get_by_role("link", name="Compare").last.click()
    expect(page.get_by_role("region", name="What a control would do differently")).to_contain_text("SLOWER")
    page.go_back()
    program.get_by_role("link", name="Draft").first.click()
    path = page.get_by_role("region", name="Toolpath")
    expect(path.get_by_role("img")).to_be_visible()
    path.get_by_text("The path in words").click()
    expect(path.get_by_role("row").filter(has_text="T1")).to_contain_text("-1 mm")
    text = page.get_by_role("listbox", name="Program text")
    text.get_by_role("option").nth(8).click()
    text.press("ArrowDown")
    expect(text.get_by_role("option", selected=True)).to_contain_text("G3X40.Y20.R10.")


def test_a_viewer_is_told_who_may(browser: Browser, product: Product) -> None:
    with person(browser, product, "viewer", "/connect") as viewer:
        expect(viewer.page.get_by_text("You cannot connect machines")).to_be_visible()
        expect(viewer.page.get_by_text("maintenance")).to_be_visible()
        viewer.expected = ("403",)
        viewer.page.goto(f"{product.endpoints['portal']}/programs/p_0000000000000000")
        alert = viewer.page.get_by_role("alert")
        expect(alert).to_contain_text("The credential does not allow this.")
        expect(alert).to_contain_text("Code auth.forbidden")


def test_the_pages_of_the_gate_are_accessible_and_fit(browser: Browser, product: Product, vault: Vault) -> None:
    bad: dict[str, Any] = {}
    with person(browser, product, "owner", "/changes", color_scheme="light") as owner:
        page = owner.page
        owner.expected = (SOFTWARE_GL,)
        for path, ready in pages(vault).items():
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(product.endpoints["portal"] + path)
            expect(page.locator(ready).first).to_be_attached()
            bad[f"{path} light"] = violations(page)
            page.emulate_media(color_scheme="dark")
            page.wait_for_function(DARK)
            page.evaluate(PAINTED)
            bad[f"{path} dark"] = violations(page)
            for width in (390, 1920):
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_function("width => matchMedia(`(width: ${width}px)`).matches", arg=width)
                page.evaluate(PAINTED)
                bad[f"{path} {width}"] = page.evaluate("document.documentElement.scrollWidth") > width
                bad[f"{path} thumbs {width}"] = small_targets(page) if width == 390 else []
            page.emulate_media(color_scheme="light")
    assert {what: some for what, some in bad.items() if some} == {}


def pages(vault: Vault) -> dict[str, str]:
    """Path and what has to be there before it is looked at."""
    programs = vault.rest(f"/machines/{vault.machine}/programs")["programs"]
    version = next(one for one in programs if one["name"].endswith("O1234"))["versions"][0]["id"]
    several = [program["versions"] for program in programs if len(program["versions"]) > 1]
    changes = vault.rest("/changes")["changes"]
    return {
        "/connect": "form",
        f"/machines/{vault.machine}/programs": "table",
        f"/programs/{version}": "canvas, main section svg",
        **{f"/programs/{new['id']}/diff/{old['id']}": "ins" for new, *_, old in several[:1]},
        "/changes": "main h1",
        "/changes/new": "textarea",
        **{f"/changes/{change['id']}": "ol" for change in changes[:1]},
        "/account": "dl",
    }
