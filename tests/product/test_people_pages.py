"""In a real browser: somebody signs up, makes a company, invites a colleague, who accepts; roles change."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.chromium import WAIT_MS
from tests.browser.watched import Watched
from tests.product.running import Product

pytestmark = [pytest.mark.browser, pytest.mark.cloud]
PASSWORD = "Larch-Grove-482913557!"


def mailed(page: Page, origin: str, email: str, pattern: str) -> str:
    """What the newest mail to this address says."""
    page.goto(f"{origin}/mailbox?to={email}")
    article = page.locator("article").first
    expect(article).to_contain_text(re.compile(pattern))
    found = re.search(pattern, article.inner_text())
    assert found is not None
    return found[1]


def sign_up(page: Page, mail: Page, *, origin: str, path: str, email: str) -> None:
    """From the page at `path` through «create an account» with a mailed code, and back."""
    page.goto(f"{origin}{path}")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="code").click()
    page.get_by_label("Code").fill(mailed(mail, origin, email, r"CNC Copilot: (\d{4} ?\d{4})"))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()


def test_a_company_is_made_and_a_colleague_joins_it(browser: Browser, product: Product, watched: Watched) -> None:
    origin, name = product.endpoints["portal"].rstrip("/"), secrets.token_hex(4)
    founder, colleague = f"mia-{name}@example.test", f"ben-{name}@example.test"
    watched.expected = ("403 (Forbidden)",)  # until there is a company, everything but making one is refused
    other = browser.new_context(viewport={"width": 390, "height": 844})
    mail, page, theirs = other.new_page(), watched.page, Watched(other.new_page())

    sign_up(page, mail, origin=origin, path="/", email=founder)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Name of the company").fill(f"Sommer {name}")
    page.get_by_label("First site").fill("Hall 1")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Your name").fill("Mia Sommer")
    page.get_by_role("button", name="Make the company").click()
    expect(page.locator("nav").get_by_text(f"Sommer {name}")).to_be_visible()

    page.goto(f"{origin}/settings/users")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill(colleague)
    page.get_by_role("group", name="Hall 1").get_by_label("operator").check()
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("row", name=colleague)).to_contain_text("operator at Hall 1")
    assert violations(page) == []

    token = mailed(mail, origin, colleague, r"/invitation#(\S+)")
    sign_up(theirs.page, mail, origin=origin, path=f"/invitation#{token}", email=colleague)
    expect(theirs.page.get_by_role("heading", name=f"Invitation to Sommer {name}")).to_be_visible()
    expect(theirs.page.get_by_text("operator at Hall 1")).to_be_visible()
    assert violations(theirs.page) == []
    theirs.page.get_by_label("Your name").fill("Ben Ito")
    theirs.page.get_by_role("button", name="Accept").click()
    theirs.page.wait_for_url(f"{origin}/", timeout=WAIT_MS)
    theirs.page.goto(f"{origin}/settings/users")
    expect(theirs.page.get_by_text("You cannot see who works here")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Change Ben Ito").click()
    page.get_by_role("group", name="The whole company").get_by_label("administrator").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Ben Ito")).to_contain_text("administrator, everywhere")
    theirs.page.reload()
    expect(theirs.page.get_by_role("button", name="Invite somebody")).to_be_visible()
    assert (theirs.complaints, violations(theirs.page)) == ([], [])
    other.close()
