"""The audit log over REST: pages with filters, a verdict, an export that a stranger can verify."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.ed25519 import fits
from cnc.cloud.store.anchors import AnchorStore
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.audit.export import prove
from cnc.domain.base.clock import utc_now
from cnc.services import audit_reading
from cnc.services.anchoring import anchor_head
from cnc.services.audit import Action, note
from cnc.services.caller import Caller
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.audit.locked import locked_bucket
from tests.audit.signing import Key
from tests.cloud.fixtures import ANCHOR_BUCKET, Cloud

Ask = Callable[..., tuple[int, Any]]
HOUR_MS = 3_600_000
BEGUN_MS = 1_700_000_000_000
COUNT = 60
TOOL = Path(__file__).parents[3] / "tools" / "verify_audit.py"


def head_of(shop: Shop) -> Caller:
    return Caller(shop.tenant, shop.user, "user", ("owner",))


@pytest.fixture(scope="module")
def filled(cloud: Cloud, ours: Shop, theirs: Shop) -> Iterator[AuditStore]:
    """Sixty entries of ours, an hour apart, the first fifty anchored; one of theirs."""
    locked_bucket()
    log = AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"])
    anchors = AnchorStore(lambda: cloud.clients.tenant("s3"), bucket=ANCHOR_BUCKET)
    with acting_for(theirs.tenant):
        note(Action(theirs.user, "key.created", "k_1", "done", BEGUN_MS), log=log)
    with acting_for(ours.tenant):
        for number in range(COUNT):
            actor = ours.user if number % 2 else "k_0000000000000001"
            action = ("key.created", "key.revoked", "change.approved")[number % 3]
            result = "auth.forbidden" if number % 10 == 0 else "done"
            note(Action(actor, action, f"o_{number % 4}", result, BEGUN_MS + number * HOUR_MS), log=log)
            if number == 49:
                anchor_head(ours.tenant, chain=log, anchors=anchors, key=Key(), now=utc_now())
        yield log


@pytest.fixture(scope="module")
def ask(cold: Callable[[str], ModuleType], ours: Shop, filled: AuditStore) -> Ask:
    module = cold("rest")

    def ask(path: str, *, caller: Caller | None = None, **query: Any) -> tuple[int, Any]:
        event = http("GET", path, caller=caller or head_of(ours), query={k: str(v) for k, v in query.items()})
        answered = module.lambda_handler(event, LambdaContext())
        ndjson = "ndjson" in answered["headers"].get("content-type", answered["headers"].get("Content-Type", ""))
        return answered["statusCode"], answered["body"] if ndjson else json.loads(answered["body"])

    return ask


def every(ask: Ask, **query: Any) -> list[int]:
    """Places of all pages."""
    found: list[int] = []
    more: dict[str, Any] = {}
    for _ in range(COUNT):
        status, body = ask("/v1/audit", **query, **more)
        assert status == 200, body
        found += [entry["seq"] for entry in body["entries"]]
        if body["cursor"] is None:
            return found
        more = {"cursor": body["cursor"]}
    raise AssertionError("the pages do not end")


def test_pages_go_back_in_time_without_gap_or_repetition(ask: Ask) -> None:
    assert every(ask, first=7) == list(range(COUNT, 0, -1))


@pytest.mark.parametrize(
    ("query", "fits_it"),
    [
        ({"action": "key.created"}, lambda n: n % 3 == 0),
        ({"action": "key"}, lambda n: n % 3 != 2),
        ({"action": "ke"}, lambda n: False),
        ({"object": "o_1"}, lambda n: n % 4 == 1),
        ({"actor": "k_0000000000000001"}, lambda n: n % 2 == 0),
        ({"result": "refused"}, lambda n: n % 10 == 0),
        ({"result": "done", "action": "change.approved"}, lambda n: n % 10 != 0 and n % 3 == 2),
        ({"from": "2023-11-15T22:13:20Z"}, lambda n: n >= 24),
        ({"to": "2023-11-15T22:13:20Z"}, lambda n: n < 24),
        ({"from": "2023-11-15T22:13:20Z", "to": "2023-11-16T22:13:20Z"}, lambda n: 24 <= n < 48),
        ({"to": "2000-01-01T00:00:00Z"}, lambda n: False),
    ],
)
def test_filters_find_what_fits_and_nothing_else(
    ask: Ask, query: dict[str, str], fits_it: Callable[[int], bool]
) -> None:
    assert every(ask, first=5, **query) == [n + 1 for n in range(COUNT - 1, -1, -1) if fits_it(n)]


def test_a_rare_entry_is_found_page_after_page(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_reading, "MOST_LOOKED_AT", 10)
    status, body = ask("/v1/audit", object="o_none")
    assert (status, body["entries"]) == (200, [])
    assert body["cursor"] is not None
    assert every(ask, object="o_none") == []


def test_a_cursor_is_good_for_its_own_list_alone(ask: Ask, theirs: Shop) -> None:
    cursor = ask("/v1/audit", first=5)[1]["cursor"]
    assert ask("/v1/audit", first=5, cursor=cursor)[0] == 200
    for query in ({"cursor": cursor, "action": "key"}, {"cursor": cursor[:-1] + "x"}, {"cursor": f"3{cursor}"}):
        status, body = ask("/v1/audit", **query)
        assert (status, body["code"]) == (400, "cursor.invalid")
    for made_up in ("x", "-1.", "0.0", "٣.a", "9" * 40):
        assert ask("/v1/audit", cursor=made_up)[0] == 400
    status, body = ask("/v1/audit", cursor=cursor, caller=head_of(theirs))
    assert (status, body["code"]) == (400, "cursor.invalid")


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/verify", "/v1/audit/export"])
def test_who_may_not_read_the_log_reads_none_of_it(ask: Ask, ours: Shop, path: str) -> None:
    for roles in (("viewer",), ("operator",), ()):
        status, body = ask(path, caller=Caller(ours.tenant, ours.user, "user", roles))
        assert (status, body["code"]) == (403, "auth.forbidden")


def test_an_entry_says_who_what_when_and_shows_its_hash(ask: Ask, ours: Shop) -> None:
    entry = ask("/v1/audit", first=1)[1]["entries"][0]
    assert entry["actor"] == ours.user
    assert entry["at"] == "2023-11-17T09:13:20.000Z"
    assert json.loads(entry["body"])["seq"] == entry["seq"] == COUNT
    assert len(entry["hash"]) == len(entry["previous"]) == 64


def test_the_chain_is_verified_against_its_anchor(ask: Ask) -> None:
    status, verdict = ask("/v1/audit/verify")
    assert status == 200
    assert (verdict["holds"], verdict["verified"], verdict["anchored"]) == (True, COUNT, 50)
    assert verdict["anchor"]["seq"] == 50
    assert verdict["key"] == Key().public_hex()
    assert verdict["cursor"] is None


def exported(ask: Ask) -> list[str]:
    """All parts, joined as the page joins them."""
    lines: list[str] = []
    more: dict[str, str] = {}
    while True:
        status, text = ask("/v1/audit/export", **more)
        assert status == 200
        lines += text.splitlines()
        said = json.loads(lines[-1])
        if "more" not in said:
            return lines
        lines.pop()
        more = {"cursor": said["more"]}


def test_an_export_verifies_with_the_tool_that_ships_in_the_documents(
    ask: Ask, ours: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(audit_reading.export.__kwdefaults__, "most", 25)
    lines = exported(ask)
    proof = prove(lines, fits=fits, key=Key().public_hex())
    assert (proof.holds, proof.verdict.entries, proof.tenant) == (True, COUNT, ours.tenant)
    file, key = tmp_path / "export.jsonl", tmp_path / "key.hex"
    key.write_text(Key().public_hex() + "\n")

    def tool() -> subprocess.CompletedProcess[str]:
        file.write_text("".join(f"{line}\n" for line in lines))
        command = [sys.executable, str(TOOL), str(file), "--key", str(key)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    good = tool()
    assert (good.returncode, good.stdout) == (0, f"60 entries of {ours.tenant} hold, anchored up to entry 50\n")
    lines[30] = lines[30].replace('"result":"done"', '"result":"none"')
    bad = tool()
    assert bad.returncode != 0
    assert "is not the one that was written" in bad.stderr
    assert not prove(lines, fits=fits).holds
