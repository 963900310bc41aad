"""The page of API keys: one is made, copied once, tried, replaced and revoked."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.portal.fake_cloud import FakeCloud

pytestmark = pytest.mark.browser

SECRET = "cnc_read_" + "A" * 43


def key(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"k_{number:016d}",
        "name": name,
        "prefix": "cnc_read_AbC4",
        "scopes": ["read"],
        "siteIds": [],
        "createdAt": "2026-11-01T08:00:00.000Z",
        "createdBy": "",
        "endsAt": "2027-11-01T08:00:00.000Z",
        "revokedAt": None,
        "lastUsedAt": "2026-11-24T08:00:00.000Z",
        "lives": True,
    } | more


class Desk:
    """The routes of keys, kept in memory."""

    def __init__(self) -> None:
        ended = key(2, "Old board", lives=False, revokedAt="2026-11-20T08:00:00.000Z", lastUsedAt=None)
        self.keys = [key(1, "ERP"), ended]
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, route: Route) -> None:
        request = route.request
        if request.method != "GET":
            self.asked.append((f"{request.method} {request.url.partition('/v1')[2]}", request.post_data_json))
        if request.method == "DELETE":
            self.keys[0] |= {"lives": False, "revokedAt": "2026-11-25T08:00:00.000Z"}
            self._answer(route, self.keys[0])
        elif request.method == "POST":
            made = key(3, request.post_data_json.get("name", "ERP"), lastUsedAt=None)
            self.keys = [*self.keys, made]
            self._answer(route, {"key": made, "secret": SECRET})
        else:
            scopes = [
                {"scope": name, "permissions": [], "given": name != "audit"} for name in ("read", "alarms", "audit")
            ]
            self._answer(route, {"keys": self.keys, "scopes": scopes, "most": 20})

    @staticmethod
    def _answer(route: Route, body: object) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


@pytest.fixture
def desk(page: Page, cloud: FakeCloud) -> Desk:
    desk = Desk()
    days = [{"day": "2026-11-24", "subject": "k_1", "calls": 40, "points": 40, "sentBytes": 900, "refused": 3}]
    quotas = {"plan": "standard", "tenant": 500, "credential": 100, "windowS": 10}
    page.route("**/v1/keys**", desk)
    page.route("**/v1/usage**", lambda route: desk._answer(route, {"days": days, "quotas": quotas}))
    page.route("**/v1/people", lambda route: desk._answer(route, {"people": []}))
    page.goto(f"{cloud.origin}/settings/keys")
    expect(page.get_by_role("row", name="ERP")).to_be_visible()
    return desk


def test_a_key_is_made_and_shown_once_with_a_request_that_works(page: Page, desk: Desk) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert violations(page) == []
    expect(page.get_by_text("500 points in 10 s for the company, 100 for one key")).to_be_visible()
    page.get_by_role("button", name="New key").click()
    make = page.get_by_role("button", name="Make the key")
    expect(make).to_be_disabled()
    expect(page.get_by_role("checkbox", name="audit")).to_have_count(0)  # nobody gives what they do not have
    page.get_by_label("Name").fill("Nightly report")
    page.get_by_role("checkbox", name="read").check()
    assert violations(page) == []
    make.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("The key")).to_have_text(SECRET)
    assert violations(page) == []
    dialog.get_by_role("button", name="Copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == SECRET
    dialog.get_by_role("button", name="Python").click()
    expect(dialog.locator("pre").last).to_contain_text("urllib.request")
    dialog.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    expect(page.get_by_role("row", name="Nightly report")).to_be_visible()
    assert desk.asked == [("POST /keys", {"name": "Nightly report", "scopes": ["read"], "days": 365})]


def test_a_key_is_revoked_after_a_question(page: Page, desk: Desk) -> None:
    page.get_by_role("button", name="Revoke ERP").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row", name="ERP").get_by_role("button")).to_have_count(0)
    assert [what for what, _ in desk.asked] == ["DELETE /keys/k_0000000000000001"]
