"""Programs, changes and probes over REST: the whole way, and who is refused where."""

import json
from base64 import b32decode, b64decode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import time
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cnc.cloud.store.contents import ContentStore
from cnc.cloud.store.factors import ProbeStore
from cnc.cloud.store.programs import SnapshotStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.identity.totp import STEP_S, code
from cnc.domain.programs.canonical import canonical, digest
from cnc.domain.programs.snapshot import Item, Snapshot
from cnc.services.caller import Caller
from tests.api.events import LambdaContext, http
from tests.api.tenants import WRITE_SECRET, Shop
from tests.cloud.fixtures import Cloud
from tests.sessions.living import signed_in

FOLDER = "//CNC_MEM/USER/PATH1/"
OLD = canonical(b"O1234(OLD)\nG21G90G54\nG0X0Y0Z50.\nM30\n")
NEW = "O1234(NEW)\nG21G90G17G54\nT1M6\nG43H1G0Z50.\nS900M3\nG0X0Y0\nG1Z-1.F100.\nG0Z50.\nM5\nM30\n"


@dataclass
class Desk:
    """Somebody at the API of one shop; `sent` are the commands and documents that went to gateways."""

    module: ModuleType
    shop: Shop
    sent: list[dict[str, Any]] = field(default_factory=list)

    def person(self, name: str, *roles: str) -> Caller:
        return Caller(self.shop.tenant, f"u_{name:0<16}", "user", roles)

    def ask(self, who: Caller, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        event = http(method, path, caller=who, body=body, query=query)
        answered = self.module.lambda_handler(event, LambdaContext())
        return answered["statusCode"], json.loads(answered["body"])


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType], cloud: Cloud) -> ModuleType:
    where = {"LocationConstraint": cloud.region}
    cloud.clients.own("s3").create_bucket(Bucket=cloud.bucket, CreateBucketConfiguration=where)
    cloud.clients.own("secretsmanager").create_secret(Name=WRITE_SECRET, SecretString="a secret of 64 letters")
    return cold("rest")


@pytest.fixture
def desk(module: ModuleType, cloud: Cloud, ours: Shop) -> Desk:
    made = Desk(module, ours)
    client = module.clients.tenant("iot-data")
    client.publish = lambda **call: made.sent.append({**call, "payload": json.loads(call["payload"])})
    with acting_for(ours.tenant):
        sha256 = digest(OLD)
        ContentStore(lambda: cloud.clients.tenant("s3"), bucket=cloud.bucket).put(sha256, OLD)
        item = Item("program", f"{FOLDER}O1234", sha256, len(OLD))
        taken_ms = int(time() * 1000)
        SnapshotStore(cloud.clients, table=cloud.tables["shop"]).add(
            Snapshot(ours.machines[0], "d_0000000000000000", "AF01", taken_ms, (item,))
        )
    return made


def draft(desk: Desk, who: Caller, text: str = NEW) -> tuple[int, Any]:
    target = {"path": 1, "folder": FOLDER, "name": "O1234"}
    body = {"machineId": desk.shop.machines[0], "operation": "program", "target": target, "reason": "new tool"}
    return desk.ask(who, "POST", "/v1/changes", {**body, "text": text})


def authenticator(desk: Desk, who: Caller, cloud: Cloud) -> Callable[[], str]:
    """Sets one up, as at the account page; gives codes that were not used yet."""
    who = signed_in(who, cloud=cloud)
    _, made = desk.ask(who, "POST", "/v1/second-factor", {})
    secret = b32decode(parse_qs(urlsplit(made["uri"]).query)["secret"][0])
    step = int(time()) // STEP_S
    status, _ = desk.ask(who, "POST", "/v1/second-factor/confirmation", {"code": code(secret, step=step - 1)})
    assert status == 200
    return lambda: code(secret, step=step)


def test_a_change_walks_from_draft_to_a_signed_order(desk: Desk, cloud: Cloud) -> None:
    ann, ben, eva = desk.person("ann", "operator"), desk.person("ben", "supervisor"), desk.person("eva", "owner")
    status, made = draft(desk, ann)
    assert (status, made["state"], made["findings"]) == (200, "checked", made["findings"])
    path = f"/v1/changes/{made['id']}"
    _, read = desk.ask(ann, "POST", f"{path}/dry-run", {})
    assert read["dryRun"]["difference"]["changes"]
    assert read["dryRun"]["time"]["total_s"] > 0
    assert desk.ask(ben, "POST", f"{path}/approvals", {})[1]["state"] == "approved_once"
    refused, problem = desk.ask(eva, "POST", f"{path}/approvals", {})
    assert (refused, problem["code"]) == (403, "change.second_factor")
    codes = authenticator(desk, eva, cloud)
    assert desk.ask(eva, "POST", f"{path}/approvals", {"code": codes()})[1]["state"] == "approved"
    assert desk.ask(ann, "POST", f"{path}/order", {})[0] == 403
    status, ordered = desk.ask(eva, "POST", f"{path}/order", {})
    assert (status, ordered["state"]) == (200, "ordered")
    command = desk.sent[-1]
    assert (command["qos"], command["messageExpiry"], command["payload"]["type"]) == (1, 60, "write")
    assert command["payload"]["content_url"].startswith("https://")


@pytest.mark.parametrize("roles", [("viewer",), ("publisher",), ("buyer",), ()])
def test_programs_are_not_shown_to_everybody(desk: Desk, roles: tuple[str, ...]) -> None:
    who = desk.person("kim", *roles)
    machine = desk.shop.machines[0]
    for path in (f"/v1/machines/{machine}/programs", "/v1/changes", f"/v1/machines/{machine}/drift"):
        assert desk.ask(who, "GET", path)[0] == 403
    assert draft(desk, who)[0] == 403


def test_a_key_drafts_with_its_scope_and_approves_nothing(desk: Desk) -> None:
    plain = desk.shop.key
    assert draft(desk, plain)[0] == 403
    key = replace(plain, scopes=frozenset({"api", "programs"}))
    status, made = draft(desk, key)
    assert (status, made["author"]) == (200, key.subject)
    path = f"/v1/changes/{made['id']}"
    for step in ("dry-run", "approvals", "order"):
        assert desk.ask(key, "POST", f"{path}/{step}", {})[0] in (403, 409)
    assert desk.ask(key, "POST", "/v1/second-factor", {})[0] == 403


def test_another_shop_sees_none_of_it(desk: Desk, theirs: Shop) -> None:
    ann = desk.person("ann", "operator")
    _, made = draft(desk, ann)
    stranger = Caller(theirs.tenant, "u_0123456789abcdef", "user", ("owner",))
    unknown = desk.ask(stranger, "GET", "/v1/changes/c_0123456789abcdef")
    foreign = desk.ask(stranger, "GET", f"/v1/changes/{made['id']}")
    assert foreign[0] == unknown[0] == 404
    assert desk.ask(stranger, "GET", "/v1/changes")[1] == {"changes": []}
    assert desk.ask(stranger, "GET", f"/v1/machines/{desk.shop.machines[0]}/programs")[0] == 404


def test_versions_are_read_compared_and_drawn(desk: Desk) -> None:
    ann = desk.person("ann", "operator")
    draft(desk, ann)
    draft(desk, ann, NEW.replace("F100.", "F200."))
    machine = desk.shop.machines[0]
    _, listed = desk.ask(ann, "GET", f"/v1/machines/{machine}/programs")
    (program,) = listed["programs"]
    newest, before = program["versions"][:2]
    assert (program["name"], program["present"]) == (f"{FOLDER}O1234", True)
    assert "F200." in desk.ask(ann, "GET", f"/v1/programs/{newest['id']}")[1]["text"]
    _, found = desk.ask(ann, "GET", f"/v1/programs/{newest['id']}/diff", since=before["id"])
    assert [change["meaning"][0]["what"] for change in found["changes"]] == ["feed"]
    assert desk.ask(ann, "GET", f"/v1/programs/{newest['id']}/report")[1]["time"]["total_s"] > 0
    status, path = desk.ask(ann, "GET", f"/v1/programs/{newest['id']}/toolpath")
    assert (status, b64decode(path["packed"])[:4]) == (200, b"NCTP")


def test_writing_is_stopped_by_anybody_of_the_floor_and_allowed_by_few(desk: Desk) -> None:
    path = f"/v1/machines/{desk.shop.machines[0]}/writing"
    ann, eva = desk.person("ann", "operator"), desk.person("eva", "owner")
    stopped = desk.ask(ann, "PUT", path, {"scope": "machine", "allowed": False})
    assert stopped == (200, {"enabledUntil": None, "stopped": [desk.shop.machines[0]]})
    assert desk.ask(ann, "PUT", path, {"scope": "machine", "allowed": True})[0] == 403
    assert desk.ask(eva, "PUT", path, {"scope": "machine", "allowed": True})[1]["stopped"] == []
    assert [sent["payload"]["stopped"] for sent in desk.sent] == [True, False]


def test_a_probe_is_asked_of_the_gateway_and_its_report_shown(desk: Desk, cloud: Cloud) -> None:
    who = desk.person("max", "maintenance")
    body = {"gatewayId": desk.shop.gateway, "host": "10.0.0.5", "port": 8193}
    status, probe = desk.ask(who, "POST", "/v1/probes", body)
    assert (status, probe["report"]) == (200, None)
    asked = desk.sent[-1]["payload"]
    assert (asked["type"], asked["request"], asked["host"], asked["component"]) == (
        "probe", probe["id"], "10.0.0.5", "focas",
    )  # fmt: skip
    with acting_for(desk.shop.tenant):
        ProbeStore(cloud.clients, table=cloud.tables["shop"]).answer(probe["id"], '{"ok":false}')
    assert desk.ask(who, "GET", f"/v1/probes/{probe['id']}")[1]["report"] == {"ok": False}
    assert desk.ask(desk.person("ann", "operator"), "POST", "/v1/probes", body)[0] == 403
    assert desk.ask(who, "POST", "/v1/probes", {**body, "gatewayId": "g_0123456789abcdef"})[0] == 404


def test_a_machine_is_added_to_the_configuration_of_its_gateway(desk: Desk) -> None:
    who = desk.person("max", "maintenance")
    body = {"gatewayId": desk.shop.gateway, "name": "Mill 9", "kind": "mill", "cell": "B", "component": "focas"}
    status, made = desk.ask(who, "POST", "/v1/machines", {**body, "host": "10.0.0.9", "port": 8193})
    assert status == 200
    document = desk.sent[-1]["payload"]
    assert (desk.sent[-1]["retain"], document["version"]) == (True, 2)
    added = document["sources"][-1]
    assert (added["machine"], added["host"], added["port"], added["component"]) == (
        made["id"], "10.0.0.9", 8193, "focas",
    )  # fmt: skip
    assert len(document["sources"]) == 3
    desk.ask(who, "POST", "/v1/machines", {**body, "kind": "lathe", "host": "10.0.0.10", "port": 8193})
    assert desk.sent[-1]["payload"]["sources"][-1]["reads_as"] == "lathe"
    clash = {**body, "host": "x", "port": 1, "settings": {"machine": "m"}}
    assert desk.ask(who, "POST", "/v1/machines", clash)[0] == 400


def test_people_see_who_is_in_their_own_shop_and_keys_do_not(desk: Desk, theirs: Shop) -> None:
    status, body = desk.ask(desk.person("viewer", "viewer"), "GET", "/v1/people")
    found = next(person for person in body["people"] if person["id"] == desk.shop.user)
    # Names are shown of those who agreed to it, and to those who manage people.
    assert (status, found["name"], found["email"], found["grants"]) == (200, "", None, None)
    assert theirs.user not in {person["id"] for person in body["people"]}
    assert desk.ask(desk.shop.key, "GET", "/v1/people")[0] == 403


def test_a_lost_authenticator_is_taken_away_by_another_owner_or_admin(desk: Desk, cloud: Cloud) -> None:
    people = desk.person("ida", "owner"), desk.person("boss", "admin"), desk.person("ann", "supervisor")
    ida, boss, ann = (signed_in(who, cloud=cloud) for who in people)
    authenticator(desk, ida, cloud)
    path = f"/v1/second-factor/{ida.subject}"
    assert desk.ask(ida, "POST", "/v1/second-factor", {})[1]["code"] == "auth.step_up"
    assert [desk.ask(who, "DELETE", path)[0] for who in (ida, ann, boss)] == [403, 403, 200]
    assert desk.ask(ida, "POST", "/v1/second-factor", {})[0] == 200
    assert desk.ask(boss, "DELETE", "/v1/second-factor/u_unknown000000000")[0] == 404


def test_a_text_that_no_control_can_hold_is_refused_and_not_altered(desk: Desk) -> None:
    status, problem = draft(desk, desk.person("ann", "operator"), NEW.replace("NEW", "NEU \u2192 ALT"))
    assert (status, problem["code"]) == (400, "value.out_of_range")
    assert "'\u2192'" in problem["detail"]
