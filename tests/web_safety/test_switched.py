"""Working for another company in the same browser: nothing of the first one is left where the second one is shown."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import sign_in
from tests.browser.watched import Watched
from tests.product.running import Product
from tests.web_safety.test_signed_out import BUSY_MS, STORED

pytestmark = [pytest.mark.browser, pytest.mark.cloud]


@pytest.fixture
def both(product: Product) -> Any:
    """The first user of the second company belongs to the first one too, as long as the test runs."""
    home, away = product.tenants()[1], product.tenants()[0]
    who = next(user for user in product.endpoints["users"] if user["tenant"] == home)
    rows = product.aws("dynamodb")
    table = next(name for name in rows.list_tables()["TableNames"] if name.endswith("directory"))
    key = next(row["p"] for row in people(rows, table) if membership(row, home) and of(product, row, home, who))
    names = {"#t": away}
    held = {"v": 2, "user": user_of(product, away), "grants": {"*": ["viewer"]}, "ends_ms": None, "since_ms": 2**41}
    rows.update_item(
        TableName=table,
        Key={"p": key},
        UpdateExpression="SET #t = :m",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":m": {"S": json.dumps(held)}},
    )
    yield who
    rows.update_item(TableName=table, Key={"p": key}, UpdateExpression="REMOVE #t", ExpressionAttributeNames=names)


def people(rows: Any, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.scan(
        TableName=table,
        FilterExpression="begins_with(p, :u)",
        ExpressionAttributeValues={":u": {"S": "U#"}},
    )["Items"]
    return found


def membership(row: dict[str, Any], tenant: str) -> str:
    """The user id of a row in this company, or nothing."""
    if tenant in row:
        return str(json.loads(row[tenant]["S"])["user"])
    return row["user"]["S"] if row.get("tenant", {}).get("S") == tenant else ""


def of(product: Product, row: dict[str, Any], tenant: str, who: dict[str, str]) -> bool:
    shop = product.aws("dynamodb")
    table = next(name for name in shop.list_tables()["TableNames"] if name.endswith("shop"))
    key = {"p": {"S": f"T#{tenant}#U"}, "s": {"S": membership(row, tenant)}}
    found = shop.get_item(TableName=table, Key=key).get("Item", {})
    return bool(found.get("email", {}).get("S") == who["email"])


def user_of(product: Product, tenant: str) -> str:
    rows = product.aws("dynamodb")
    table = next(name for name in rows.list_tables()["TableNames"] if name.endswith("directory"))
    return next(user for row in people(rows, table) if (user := membership(row, tenant)))


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
