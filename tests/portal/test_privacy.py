"""The page of privacy: data are taken along, agreements given and taken back, names switched on, a share made."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.portal.fake_cloud import FakeCloud

pytestmark = pytest.mark.browser

AT = "2026-11-25T08:00:00.000Z"
SECRET = "cnc_share_" + "A" * 43
EXPORT = {
    "id": "x_0123456789abcdef",
    "kind": "person",
    "subject": "u_1",
    "askedBy": "u_1",
    "askedAt": AT,
    "state": "running",
    "percent": 40,
    "stage": "programs",
    "files": 3,
    "bytes": 2_000_000,
    "doneAt": None,
    "endsAt": None,
    "why": "",
}
DOCUMENT = {
    "kind": "name_shown",
    "version": "2026-11-25",
    "title": "Your name",
    "text": "Others see it.",
    "given": False,
}


class Desk:
    """The routes of privacy, kept in memory."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.exports: list[dict[str, Any]] = []
        self.given = False
        self.on = False
        self.shares: list[dict[str, Any]] = []

    def __call__(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/v1")[2].partition("?")[0]
        if request.method != "GET":
            self.asked.append((f"{request.method} {path}", request.post_data_json))
            self._act(path, request.post_data_json)
        body = self._answer(path, request.method)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    def _act(self, path: str, body: Any) -> None:
        if path == "/exports":
            self.exports = [EXPORT | {"kind": body["kind"]}]
        elif path == "/consents":
            self.given = body["given"]
        elif path == "/privacy/operator-names":
            self.on = body["on"]
        elif path == "/shares":
            self.shares = [{"id": "k_1", "machineId": "m_1", "recipient": body["recipient"], "endsAt": AT}]

    def _answer(self, path: str, method: str) -> Any:
        match path:
            case "/exports" if method == "GET":
                return {"exports": self.exports}
            case "/consents":
                document = DOCUMENT | {"given": self.given, "givenAt": AT if self.given else None}
                return {"documents": [document], "records": []}
            case "/privacy/operator-names":
                return {"on": self.on, "changedAt": None, "changedBy": ""}
            case "/privacy/retention":
                kept = {"name": "chunks", "what": "Rows of machines", "ends": "ttl", "days": 35, "held": 9}
                return {"at": AT, "classes": [kept | {"removed": 2, "late": 0}]}
            case "/shares":
                return {"shares": self.shares} if method == "GET" else {**self.shares[0], "key": SECRET}
            case "/machines":
                return {"machines": [{"id": "m_0123456789abcdef", "name": "Mill 1"}]}
        return {"id": EXPORT["id"], "url": "about:blank", "endsAt": AT}


@pytest.fixture
def desk(page: Page, cloud: FakeCloud) -> Desk:
    desk = Desk()
    for path in ("exports", "consents", "privacy", "shares", "machines", "erasures"):
        page.route(re.compile(rf"/v1/{path}(/|\?|$)"), desk)
    page.goto(f"{cloud.origin}/settings/privacy")
    expect(page.get_by_role("heading", name="Privacy", level=1)).to_be_visible()
    return desk


def test_data_are_asked_for_followed_and_fetched(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="Export my data").click()
    expect(page.get_by_text("40 %, 3 files")).to_be_visible()
    desk.exports[0] |= {"state": "done", "percent": 100}
    expect(page.get_by_text("3 files, 1.9 MiB")).to_be_visible(timeout=10_000)
    assert desk.asked == [("POST /exports", {"kind": "person"})]
    page.get_by_label("Machine").first.select_option(label="Mill 1")
    page.get_by_role("button", name="Export this machine").click()
    expect(page.get_by_role("rowheader", name="A machine")).to_be_visible()
    assert desk.asked[-1] == ("POST /exports", {"kind": "machine", "id": "m_0123456789abcdef"})


def test_agreeing_and_taking_back_are_one_press_each(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("button", name="I agree")).to_be_visible()
    assert [body["given"] for _, body in desk.asked] == [True, False]


def test_names_are_switched_on_with_an_assessment_only(page: Page, desk: Desk) -> None:
    switch = page.get_by_role("button", name="Switch names on")
    expect(switch).to_be_disabled()
    page.get_by_label("We have assessed").check()
    switch.click()
    expect(page.get_by_role("button", name="Switch names off")).to_be_visible()
    assert desk.asked == [("PUT /privacy/operator-names", {"on": True, "assessed": True})]


def test_a_share_shows_its_key_once(page: Page, desk: Desk) -> None:
    page.get_by_label("Machine").nth(1).select_option(label="Mill 1")
    page.get_by_label("Recipient").fill("Service Ltd")
    page.get_by_role("button", name="Share for 90 days").click()
    expect(page.get_by_text("cnc_share_")).to_be_visible()
    expect(page.get_by_role("button", name="End share of Service Ltd")).to_be_visible()


def test_erasing_oneself_asks_for_the_address(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="Erase me").click()
    now = page.get_by_role("button", name="Erase now")
    expect(now).to_be_disabled()
    page.get_by_label("Type your e-mail address").fill("ann@example.com")
    expect(now).to_be_enabled()
    page.get_by_role("button", name="Cancel").click()
    assert desk.asked == []


@pytest.mark.usefixtures("desk")
def test_the_page_is_accessible(page: Page) -> None:
    page.get_by_role("button", name="Export my data").click()
    expect(page.get_by_text("40 %, 3 files")).to_be_visible()
    assert violations(page) == []
