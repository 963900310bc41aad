"""Canaries in the running product: the export holds them, and after the erasure no file, log or journal does.

`make canaries`; a few minutes. The short version over the stores is tests/privacy/test_canaries.py.
"""

import io
import json
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.privacy.canaries import files_with
from tests.product.people import Person, sign_in
from tests.product.running import Product, running, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
#: What the operator of this computer is told of the demo: its file of accounts, and what the terminal showed.
OPERATORS_OWN = {"demo.json", "up.log"}
SITE, SHOP, PROGRAM = "Halle Kanarienvogel", "Kanarien & Söhne Präzision", "KANARIENPROGRAMM"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("canaries")) as made:
        until(lambda: _page(made), within_s=90, what="the portal")
        yield made


def _page(product: Product) -> bool:
    """Whether the page is there: first requests of a busy computer are given up."""
    request = urllib.request.Request(product.endpoints["portal"], headers={"Accept": "text/html"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return b"cnc-config" in answer.read()
    except OSError:
        return False


def signed_in(product: Product, role: str) -> Person:
    """Somebody who signed in; a busy computer gives up first requests, and then it is tried again."""

    def tried() -> Person | None:
        try:
            return sign_in(product, role)
        except (IndexError, KeyError, OSError, TimeoutError):
            return None

    person = until(tried, within_s=180, what=f"a sign-in as {role}", every_s=2)
    assert person is not None
    return person


def asked(person: Person, method: str, path: str, body: Any = None) -> Any:
    """The answer of one request; one that a busy computer gave up is made again."""

    def answered() -> Any:
        try:
            status, answer = person.rest(method, path, body)
        except TimeoutError:
            return None
        return None if status in (503, 504) else (status, answer)

    status, answer = until(answered, within_s=120, what=f"an answer of {method} {path}", every_s=2)
    assert status == 200, (method, path, answer)
    return answer


def exported(person: Person, **wish: str) -> dict[str, bytes]:
    """The archive, fetched as a browser fetches it."""
    order = asked(person, "POST", "/exports", wish)["id"]

    def done() -> Any:
        held = asked(person, "GET", f"/exports/{order}")
        assert held["state"] not in ("failed", "expired"), held
        return held if held["state"] == "done" else None

    until(done, within_s=240, what=f"an archive of {wish}", every_s=1)
    link = asked(person, "POST", f"/exports/{order}/link", {})["url"]
    with urllib.request.urlopen(link, timeout=60) as answer:
        body = answer.read()
    with zipfile.ZipFile(io.BytesIO(body)) as read:
        assert read.testzip() is None
        return {name: read.read(name) for name in read.namelist()}


def scrubbed(product: Product) -> None:
    request = urllib.request.Request(f"{product.endpoints['aws']['url']}/_scrub", method="POST")
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 200


def left(product: Product, *words: str) -> list[tuple[str, str]]:
    """Files of the product that still hold one of the words: stores, logs, journals of gateways, the log of `up`."""
    found = files_with(product.data.parent, *words)
    return [(name, word) for name, word in found if Path(name).name not in OPERATORS_OWN | {"endpoints.json"}]


def of_role(product: Product, role: str) -> dict[str, str]:
    tenant = product.tenants()[0]
    found: dict[str, str] = next(
        one for one in product.endpoints["users"] if (one["role"], one["tenant"]) == (role, tenant)
    )
    return found


def test_a_person_and_then_the_company_leave_nothing(product: Product) -> None:
    owner, operator = signed_in(product, "owner"), signed_in(product, "operator")
    email = of_role(product, "operator")["email"]
    mine = exported(operator, kind="person")
    person = json.loads(mine["person.json"])
    assert person["email"] == email
    assert person["account"]["sub"] == person["subject"]
    assert left(product, email) != [], "it is somewhere before"

    order = asked(operator, "POST", "/erasures", {"personId": person["id"], "confirmation": email})
    assert order["state"] == "ordered"
    until(
        lambda: asked(owner, "GET", "/erasures")["erasures"][0]["state"] == "done",
        within_s=120,
        what="the erasure of the person",
    )
    until(
        lambda: operator.rest("GET", "/sessions/current")[0] == 401, within_s=30, what="the end of the person's sign-in"
    )
    # That no sign-in of before counts is known by the subject, for as long as tokens live.
    words = [email, person["name"]]
    scrubbed(product)
    assert left(product, *words) == []
    company(product, owner)


def company(product: Product, owner: Person) -> None:
    """The same of the whole company."""
    asked(owner, "PATCH", "/tenant", {"name": SHOP})
    site = asked(owner, "GET", "/tenant")["sites"][0]
    asked(owner, "PATCH", f"/sites/{site['id']}", {"name": SITE, "timeZone": site["timeZone"]})
    everything = exported(owner, kind="tenant")
    text = b"".join(everything.values())
    assert SHOP.encode() in text
    assert SITE.encode() in text
    assert any(name.startswith("telemetry/open/") for name in everything)
    machine = asked(owner, "GET", "/machines")["machines"][0]["id"]
    one = exported(owner, kind="machine", id=machine)
    assert any(name.startswith("telemetry/") for name in one)
    assert not any("people" in name for name in one)

    asked(owner, "DELETE", "/tenant", {"confirmation": SHOP})
    erase(product)
    scrubbed(product)
    assert left(product, SHOP, SITE) == []


def erase(product: Product) -> None:
    """As if the days of grace were over: the order is due now, and again for the sweep."""
    tenant = product.tenants()[0]
    dynamodb, functions = product.aws("dynamodb"), product.aws("lambda")
    for _ in range(2):
        key = {"p": {"S": f"Z#{tenant}"}}
        order = json.loads(dynamodb.get_item(TableName="cnc-local-directory", Key=key)["Item"]["erasure"]["S"])
        order["due_ms"] = 0
        dynamodb.update_item(
            TableName="cnc-local-directory",
            Key=key,
            UpdateExpression="SET erasure = :e",
            ExpressionAttributeValues={":e": {"S": json.dumps(order)}},
        )
        before = order["state"]
        functions.invoke(
            FunctionName="cnc-local-tenant_erasure",
            InvocationType="Event",
            Payload=json.dumps({"v": 1, "tenant": tenant}).encode(),
        )

        def moved_on(key: dict[str, Any] = key, before: str = before) -> Any:
            item = dynamodb.get_item(TableName="cnc-local-directory", Key=key)["Item"]["erasure"]["S"]
            state = json.loads(item)["state"]
            return state if state not in (before, "running") and (before != "sweeping" or state == "done") else None

        until(moved_on, within_s=400, what=f"an erasure beyond {before}", every_s=1)
    assert json.loads(dynamodb.get_item(TableName="cnc-local-directory", Key=key)["Item"]["erasure"]["S"])["wiped"]
