"""The page of the audit log, with the services themselves behind its routes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from cnc.cloud.ed25519 import fits
from cnc.domain.audit.entry import Action, Entry, following
from cnc.domain.audit.export import prove
from cnc.domain.base.clock import parse_rfc3339, to_ms
from cnc.domain.base.errors import CncError
from cnc.services.audit_reading import Wanted, check, export
from cnc.services.audit_reading import page as read
from functions.rest.audit import AuditEntries, AuditEntry, AuditVerdict
from tests.audit.kept import KeptAnchors, KeptChain
from tests.audit.signing import Key
from tests.browser.axe import violations
from tests.browser.touch import small_targets
from tests.browser.watched import Watched
from tests.portal.conftest import sign_in
from tests.portal.fake_cloud import FakeCloud

pytestmark = pytest.mark.browser

TENANT = "t_0000000000000001"
MIA, BEN = "u_0000000000000001", "u_0000000000000002"
PEOPLE = [
    {"id": MIA, "name": "Mia Sommer", "role": "owner", "told": True},
    {"id": BEN, "name": "Ben Winter", "role": "operator", "told": True},
    {"id": "u_0000000000000003", "name": "", "role": "operator", "told": False},
    {"id": "u_0000000000000004", "name": "", "role": "operator", "told": False},
]
BEGUN = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
DONE = (
    (MIA, "key.created", "k_0000000000000009", "done"),
    (BEN, "change.drafted", "c_0000000000000001", "done"),
    (BEN, "change.ordered", "c_0000000000000001", "change.state"),
    ("g_0000000000000001", "change.reported", "c_0000000000000001", "released"),
    (MIA, "person.changed", BEN, "done"),
    (MIA, "writing.stopped", "m_0000000000000001", "done"),
)


def entries(count: int) -> list[Entry]:
    made: list[Entry] = []
    for number in range(count):
        actor, action, subject, result = DONE[number % len(DONE)]
        at_ms = to_ms(BEGUN + timedelta(hours=number))
        told = Action(actor, action, subject, result, at_ms, address="5f2b8f0e6c1d4a37", trace=f"r-{number}")
        made.append(following(made[-1] if made else None, told, tenant=TENANT))
    return made


class Log:
    """The routes, over a chain in memory."""

    def __init__(self, count: int) -> None:
        self.chain = KeptChain(entries(count))
        self.anchors = KeptAnchors(*(Key().anchor(e.seq, e.hash, tenant=TENANT) for e in self.chain.entries[-1:]))
        self.refused = False

    def __call__(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        if self.refused:
            problem = {"code": "limit.rate", "title": "Too many requests in a short time.", "status": 429}
            route.fulfill(status=429, content_type="application/problem+json", body=json.dumps(problem))
            return
        try:
            kind, body = self._answer(url.path.removeprefix("/v1/audit"), asked)
        except CncError as error:
            route.fulfill(
                status=error.status, content_type="application/problem+json", body=f'{{"code":"{error.code}"}}'
            )
        else:
            route.fulfill(status=200, content_type=kind, body=body)

    def _answer(self, part: str, asked: dict[str, str]) -> tuple[str, str]:
        cursor = asked.get("cursor", "")
        over: Any = {"tenant": TENANT, "chain": self.chain, "cursor": cursor}
        if part == "/export":
            lines = export(**over, anchors=self.anchors, most=20)
            return "application/x-ndjson", "".join(f"{line}\n" for line in lines)
        if part == "/verify":
            checked = check(**over, anchors=self.anchors, fits=fits)
            return "application/json", AuditVerdict.of(checked, now=datetime.now(UTC)).model_dump_json(by_alias=True)
        span = [to_ms(parse_rfc3339(asked[name])) if name in asked else 0 for name in ("from", "to")]
        wanted = Wanted(asked.get("actor", ""), asked.get("action", ""), "", asked.get("result", ""), *span)
        found = read(wanted, **over, most=int(asked["first"]))
        answer = AuditEntries(entries=[AuditEntry.of(one) for one in found.entries], cursor=found.cursor or None)
        return "application/json", answer.model_dump_json(by_alias=True)


def opened(page: Page, cloud: FakeCloud, log: Log) -> None:
    page.route("**/v1/audit**", log)
    page.route("**/v1/audit/**", log)
    page.route("**/v1/people", lambda route: route.fulfill(status=200, json={"people": PEOPLE}))
    page.goto(f"{cloud.origin}/settings/audit")


def test_the_log_is_read_filtered_opened_and_taken_along(page: Page, cloud: FakeCloud, tmp_path: Path) -> None:
    log = Log(70)
    opened(page, cloud, log)
    expect(page.get_by_text("70 entries, all unchanged")).to_be_visible()
    expect(page.get_by_text("anchored up to entry 70")).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show older entries").click()
    expect(rows).to_have_count(70)
    expect(page.get_by_role("button", name="Show older entries")).to_have_count(0)
    expect(page.get_by_label("Who").locator("option")).to_have_count(5)
    assert len({text.inner_text() for text in page.get_by_label("Who").locator("option").all()}) == 5
    page.get_by_label("Who").select_option("Ben Winter")
    page.get_by_label("Result").select_option("Refused")
    expect(rows).to_have_count(12)
    expect(rows.first).to_contain_text("Order to write sent")
    page.get_by_label("To", exact=True).fill("2026-11-20")
    expect(rows).to_have_count(3)
    rows.first.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Ben Winter (u_0000000000000002)")
    expect(dialog).to_contain_text("Refused (change.state)")
    expect(dialog.locator("pre")).to_contain_text('"seq": 15')
    expect(dialog).to_contain_text(log.chain.entries[14].hash)
    assert violations(page) == []
    dialog.get_by_role("button", name="Close").click()
    page.get_by_label("What").select_option("API keys")
    expect(page.get_by_text("No entry fits these filters")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="Export").click()
    started.value.save_as(tmp_path / "export.jsonl")
    proof = prove((tmp_path / "export.jsonl").read_text().splitlines(), fits=fits)
    assert (proof.holds, proof.verdict.entries) == (True, 70)


def test_a_log_that_was_tampered_with_says_where_and_what_to_do(page: Page, cloud: FakeCloud) -> None:
    log = Log(12)
    log.chain.entries[4] = replace(log.chain.entries[4], body=log.chain.entries[4].body.replace(MIA, BEN))
    opened(page, cloud, log)
    expect(page.get_by_text("The log does not hold at entry 5")).to_be_visible()
    expect(page.get_by_text("says something else than what was written")).to_be_visible()
    assert violations(page) == []
    log.chain.entries[:] = entries(12)[:9]
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Entries that were anchored are gone")).to_be_visible()


def test_an_empty_log_and_one_that_cannot_be_read_say_so(page: Page, cloud: FakeCloud, watched: Watched) -> None:
    watched.expected = ("429",)
    log = Log(0)
    opened(page, cloud, log)
    expect(page.get_by_text("Nothing was done yet")).to_be_visible()
    assert violations(page) == []
    log.refused = True
    page.get_by_label("Result").select_option("Done")
    expect(page.get_by_text("Too many requests").first).to_be_visible()
    log.refused = False
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No entry fits these filters")).to_be_visible()


@pytest.mark.parametrize(("size", "scheme"), [((390, 844), "dark"), ((390, 844), "light"), ((1920, 1080), "dark")])
def test_the_page_fits_and_reads_from_phone_to_tv(
    browser: Browser, cloud: FakeCloud, size: tuple[int, int], scheme: Any, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, cloud.origin)
    opened(page, cloud, Log(30))
    expect(page.locator("tbody tr")).to_have_count(30)
    expect(page.get_by_text("30 entries, all unchanged")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    if size[0] < 720:
        assert small_targets(page) == []
    page.screenshot(path=tmp_path / f"audit-{size[0]}-{scheme}.png")
    context.close()
