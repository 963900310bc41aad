"""Working for another company in the same browser: nothing of the first one is left where the second one is shown."""

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.watched import Watched
from tests.product.people import sign_in as sign_in_as
from tests.product.running import Product
from tests.web_safety.test_signed_out import BUSY_MS, STORED

pytestmark = [pytest.mark.browser, pytest.mark.cloud]


@pytest.fixture
def both(product: Product) -> Iterator[dict[str, str]]:
    """The owner of the second company belongs to the first one too, as long as the test runs."""
    home, away = product.tenants()[1], product.tenants()[0]
    who = next(user for user in product.endpoints["users"] if (user["tenant"], user["role"]) == (home, "owner"))
    claims = jwt.decode(sign_in_as(product, "owner", tenant=1).token, options={"verify_signature": False})
    rows = product.aws("dynamodb")
    table = next(name for name in rows.list_tables()["TableNames"] if name.endswith("directory"))
    held = {"v": 2, "user": user_of(rows, table, away), "grants": {"*": ["viewer"]}, "ends_ms": None, "since_ms": 2**41}
    row = {"TableName": table, "Key": {"p": {"S": f"U#{claims['iss']}#{claims['sub']}"}}}
    row["ExpressionAttributeNames"] = {"#t": away}
    rows.update_item(**row, UpdateExpression="SET #t = :m", ExpressionAttributeValues={":m": {"S": json.dumps(held)}})
    yield who
    rows.update_item(**row, UpdateExpression="REMOVE #t")


def user_of(rows: Any, table: str, tenant: str) -> str:
    """The id of somebody of this company."""
    found = rows.scan(
        TableName=table, FilterExpression="begins_with(p, :u)", ExpressionAttributeValues={":u": {"S": "U#"}}
    )["Items"]
    user: str = next(json.loads(row[tenant]["S"])["user"] for row in found if tenant in row)
    return user


def named(product: Product, tenant: int) -> tuple[str, list[str]]:
    found = product.graphql("{ viewer { tenantName } machines { id } }", tenant=tenant)
    return found["viewer"]["tenantName"], [machine["id"] for machine in found["machines"]]


def around(word: str, text: str) -> str:
    """Where a word stands, to be read in a failure; empty when it is not there."""
    at = text.find(word)
    return text[max(0, at - 200) : at + 100] if at >= 0 else ""


def shown(page: Page) -> str:
    return str(page.evaluate(STORED)) + page.content()


def test_after_a_switch_nothing_of_the_first_company_is_left(
    watched: Watched, product: Product, both: dict[str, str]
) -> None:
    page = watched.page
    (away, away_machines), (home, home_machines) = named(product, 0), named(product, 1)
    sign_in(page, product.endpoints["portal"].rstrip("/") + "/", email=both["email"], password=both["password"])
    expect(page.locator("article[data-machine]").first).to_be_visible(timeout=BUSY_MS)
    assert [one for one in home_machines if one in shown(page)]
    page.get_by_role("button", name="Account").click()
    page.get_by_role("link", name="Account").click()
    page.get_by_role("row").filter(has_text=away).get_by_role("button").click(timeout=BUSY_MS)
    page.wait_for_url(lambda url: url.rstrip("/").endswith(product.endpoints["portal"].rstrip("/").split("//")[1]))
    expect(page.locator("article[data-machine]").first).to_be_visible(timeout=BUSY_MS)
    now = shown(page)
    assert [one for one in away_machines if one in now]
    assert around(home, now) == ""
    assert [one for one in home_machines if one in now] == []
    for _ in range(4):
        page.go_back(wait_until="load")
        page.wait_for_load_state("networkidle")
        # The list of one's companies names both, by right; what belongs to the other one is not there.
        assert [one for one in home_machines if one in page.content()] == []
