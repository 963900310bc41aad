"""The wizard of a company's own sign-in: what to copy, what to enter, a trial beside the session, enforcement."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.portal.fake_cloud import FakeCloud

pytestmark = pytest.mark.browser

ID = "f_0000000000000001"
BOSS = {"id": "u_0000000000000001", "name": "Mia Sommer", "left": False, "email": "mia@precision.example"}


def provider(**more: Any) -> dict[str, Any]:
    domain = {
        "name": "precision.example",
        "proven": False,
        "record": "_cnc-copilot.precision.example",
        "text": "cnc-copilot=0123456789abcdef",
    }
    return {
        "id": ID,
        "kind": "entra",
        "name": "Microsoft Entra ID",
        "directoryId": "11111111-2222-3333-4444-555555555555",
        "issuer": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
        "clientId": "app",
        "metadataUrl": "",
        "emailClaim": "",
        "domains": [domain],
        "tested": False,
        "testedAt": None,
        "joiningRole": "",
        "enforcedAt": None,
        "breakGlass": [],
    } | more


class Desk:
    """The routes of sign-in, kept in memory."""

    def __init__(self) -> None:
        self.held: list[dict[str, Any]] = []
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, route: Route) -> None:
        request = route.request
        path = request.url.partition("/v1/sso")[2]
        if request.method != "GET":
            body = request.post_data_json
            self.asked.append((f"{request.method} {path}", {**body, **({"token": "…"} if "token" in body else {})}))
        match request.method, path.rpartition("/")[2]:
            case "POST", "providers":
                self.held = [provider()]
            case "POST", "domains":
                self.held[0]["domains"][0]["proven"] = True
            case "POST", "tests":
                self.held[0] |= {"tested": True, "testedAt": "2026-11-24T08:00:00.000Z"}
                findings = [{"name": "email", "ok": True, "seen": "mia@precision.example", "todo": ""}]
                return self._answer(route, {"provider": self.held[0], "findings": findings})
            case "PUT", "enforcement":
                self.held[0] |= {"enforcedAt": "2026-11-24T09:00:00.000Z", "breakGlass": [BOSS["id"]]}
            case "GET", _:
                return self._answer(route, {
                    "providers": self.held,
                    "redirectAddress": "https://portal.test/oauth2/idpresponse",
                    "assertionConsumer": "https://portal.test/saml2/idpresponse",
                    "entityId": "urn:amazon:cognito:sp:pool",
                })  # fmt: skip
        return self._answer(route, self.held[0])

    @staticmethod
    def _answer(route: Route, body: object) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))


@pytest.fixture
def desk(page: Page, cloud: FakeCloud) -> Desk:
    desk = Desk()
    boss = BOSS | {"grants": {"*": ["owner"]}, "endsAt": None}
    page.route("**/v1/sso/**", desk)
    page.route("**/v1/people", lambda route: desk._answer(route, {"people": [boss]}))
    page.goto(f"{cloud.origin}/settings/security/sso")
    expect(page.get_by_role("heading", name="Company sign-in")).to_be_visible()
    return desk


def test_a_company_sets_its_sign_in_up_tries_it_and_asks_for_it(page: Page, desk: Desk) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert violations(page) == []
    page.get_by_role("button", name="Add a provider").click()
    page.get_by_role("button", name="Copy").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == "https://portal.test/oauth2/idpresponse"
    page.get_by_label("Domains of your e-mail addresses").fill("precision.example")
    page.get_by_label("Directory (tenant) id").fill("11111111-2222-3333-4444-555555555555")
    page.get_by_label("Client id").fill("app")
    page.get_by_label("Client secret").fill("s3cret")
    assert violations(page) == []
    page.get_by_role("button", name="Save").click()
    enforce = page.get_by_role("button", name="Ask everybody to use it")
    expect(enforce).to_be_disabled()
    page.get_by_role("button", name="Look for the record").click()
    expect(page.get_by_text("proven", exact=False).first).to_be_visible()
    with page.expect_popup():
        page.get_by_role("button", name="Try a sign-in").click()
    # This issuer remembers her: the window comes back by itself, hands over what it brings, and closes.
    expect(page.get_by_text("A sign-in worked with these settings:")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("checkbox", name="Mia Sommer").check()
    enforce.click()
    expect(page.get_by_text("With a password: Mia Sommer")).to_be_visible()
    assert len(page.context.pages) == 1
    assert violations(page) == []
    assert [what for what, _ in desk.asked] == [
        "POST /providers",
        f"POST /providers/{ID}/domains",
        f"POST /providers/{ID}/tests",
        f"PUT /providers/{ID}/enforcement",
    ]
    assert desk.asked[-1][1] == {"breakGlass": [BOSS["id"]]}


@pytest.mark.parametrize(
    ("kind", "label"),
    [("Google Workspace", "Client id"), ("OpenID Connect", "Issuer"), ("SAML 2.0", "Address of the metadata")],
)
def test_every_kind_has_its_own_guide_and_fields(page: Page, desk: Desk, kind: str, label: str) -> None:
    page.get_by_role("button", name="Add a provider").click()
    page.get_by_label("Provider", exact=True).select_option(label=kind)
    expect(page.get_by_label(label)).to_be_visible()
    expect(page.get_by_label("Directory (tenant) id")).to_have_count(0)
    if kind == "SAML 2.0":
        expect(page.get_by_label("Entity id (identifier)")).to_have_text("urn:amazon:cognito:sp:pool")
    assert violations(page) == []
