"""API keys over REST, with real tables and the real credential check."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.tenancy import Directory, acting_for
from cnc.domain.base.clock import parse_rfc3339, utc_now
from cnc.domain.base.errors import CncError
from cnc.domain.rates.plans import PLANS
from cnc.services.caller import Caller
from cnc.services.credentials import Gate, caller_of
from tests.api.events import LambdaContext, http
from tests.api.issuer import CLIENT_ID, Issuer
from tests.api.tenants import Shop
from tests.cloud.fixtures import Cloud

Ask = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("rest")


def person(shop: Shop, *roles: str, **more: Any) -> Caller:
    return Caller(shop.tenant, shop.user, "user", roles or ("owner",), **more)


@pytest.fixture
def ask(module: ModuleType, ours: Shop) -> Ask:
    def ask(method: str, path: str, *, caller: Caller | None = None, **more: Any) -> tuple[int, Any]:
        answered = module.lambda_handler(http(method, path, caller=caller or person(ours), **more), LambdaContext())
        return answered["statusCode"], json.loads(answered["body"])

    return ask


@pytest.fixture(scope="module")
def enter(cloud: Cloud, issuer: Issuer) -> Callable[..., Caller]:
    """Who a key is for the authorizer."""

    class NoSessions:
        def get(self, session: str) -> None:
            return None

    class Keys:
        issuer = "https://issuer.test"

        def key(self, kid: str, /, *, now: Any) -> None:
            return None

    directory = Directory(cloud.raw, table=cloud.tables["directory"])
    gate = Gate(Keys(), frozenset({CLIENT_ID}), directory, sessions=NoSessions())  # type: ignore[arg-type]

    def enter(secret: str, *, after: timedelta = timedelta()) -> Caller:
        return caller_of(f"Bearer {secret}", gate=gate, now=utc_now() + after)

    return enter


def test_a_key_is_shown_once_and_opens_what_its_scopes_say(ask: Ask, enter: Callable[..., Caller], ours: Shop) -> None:
    status, made = ask("POST", "/v1/keys", body={"name": "Nightly report", "scopes": ["machines", "alarms"]})
    assert status == 200
    secret, key = made["secret"], made["key"]
    assert secret.startswith("cnc_machines_")
    assert len(secret) == len("cnc_machines_") + 43
    assert secret.startswith(key["prefix"])
    assert len(key["prefix"]) == len("cnc_machines_") + 4
    caller = enter(secret)
    assert (caller.tenant, caller.subject, caller.kind) == (ours.tenant, key["id"], "key")
    assert {"machine.read", "alarm.read"} <= caller.permissions
    assert not {"telemetry.read", "key.manage", "program.read"} & caller.permissions
    _, listed = ask("GET", "/v1/keys")
    assert secret not in json.dumps(listed)
    (found,) = [one for one in listed["keys"] if one["id"] == key["id"]]
    assert (found["createdBy"], found["lives"], found["lastUsedAt"]) == (ours.user, True, None)
    life = parse_rfc3339(key["endsAt"]) - parse_rfc3339(key["createdAt"])
    assert life == timedelta(days=365)


def test_the_key_itself_is_stored_nowhere(ask: Ask, cloud: Cloud) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "Secret", "scopes": ["usage"]})
    for table in cloud.tables.values():
        assert made["secret"].encode() not in json.dumps(cloud.raw.scan(TableName=table)["Items"], default=str).encode()


def test_a_revoked_key_is_refused_and_revoking_again_changes_nothing(ask: Ask, enter: Callable[..., Caller]) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "Short", "scopes": ["read"]})
    path = f"/v1/keys/{made['key']['id']}"
    status, revoked = ask("DELETE", path)
    assert (status, revoked["lives"]) == (200, False)
    with pytest.raises(CncError) as refused:
        enter(made["secret"])
    assert refused.value.code == "auth.invalid"
    assert ask("DELETE", path) == (200, revoked)


def test_a_key_ends_by_itself(ask: Ask, enter: Callable[..., Caller]) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "A day", "scopes": ["read"], "days": 1})
    enter(made["secret"], after=timedelta(hours=23))
    with pytest.raises(CncError) as refused:
        enter(made["secret"], after=timedelta(hours=25))
    assert refused.value.code == "auth.expired"


def test_while_a_key_is_replaced_both_are_good(ask: Ask, enter: Callable[..., Caller]) -> None:
    _, first = ask("POST", "/v1/keys", body={"name": "ERP", "scopes": ["telemetry"], "days": 30})
    status, second = ask("POST", f"/v1/keys/{first['key']['id']}/rotation", body={"overlapHours": 2})
    assert (status, second["key"]["scopes"], second["key"]["name"]) == (200, ["telemetry"], "ERP")
    assert enter(first["secret"]).permissions == enter(second["secret"]).permissions
    with pytest.raises(CncError):
        enter(first["secret"], after=timedelta(hours=3))
    enter(second["secret"], after=timedelta(days=29))
    assert parse_rfc3339(second["old"]["endsAt"]) < parse_rfc3339(second["key"]["endsAt"])


def test_a_key_that_has_ended_is_not_replaced(ask: Ask) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "Gone", "scopes": ["read"]})
    ask("DELETE", f"/v1/keys/{made['key']['id']}")
    status, problem = ask("POST", f"/v1/keys/{made['key']['id']}/rotation", body={})
    assert (status, problem["code"]) == (409, "key.ended")


def test_nobody_gives_a_key_more_than_they_have(ask: Ask, ours: Shop) -> None:
    developer = person(ours, "developer")
    status, problem = ask("POST", "/v1/keys", caller=developer, body={"name": "Log", "scopes": ["audit"]})
    assert (status, problem["code"]) == (403, "key.beyond")
    assert "audit.read" in problem["seen"]
    assert ask("POST", "/v1/keys", caller=developer, body={"name": "Values", "scopes": ["read"]})[0] == 200
    _, listed = ask("GET", "/v1/keys", caller=developer)
    given = {one["scope"] for one in listed["scopes"] if one["given"]}
    assert "read" in given
    assert not {"audit", "programs"} & given


@pytest.mark.parametrize("role", ["operator", "viewer", "supervisor", "quality", "buyer"])
def test_who_may_not_manage_keys_sees_none(ask: Ask, ours: Shop, role: str) -> None:
    caller = person(ours, role)
    assert ask("GET", "/v1/keys", caller=caller)[0] == 403
    assert ask("POST", "/v1/keys", caller=caller, body={"name": "No", "scopes": ["read"]})[0] == 403
    assert ask("GET", "/v1/usage", caller=caller)[0] == 403


def test_a_key_makes_no_keys(ask: Ask, ours: Shop) -> None:
    status, problem = ask("POST", "/v1/keys", caller=ours.key, body={"name": "Child", "scopes": ["read"]})
    assert (status, problem["code"]) == (403, "auth.forbidden")


def test_a_key_for_one_site_sees_that_site_alone(ask: Ask, enter: Callable[..., Caller], ours: Shop) -> None:
    body = {"name": "One hall", "scopes": ["read"], "siteIds": [ours.site]}
    status, made = ask("POST", "/v1/keys", body=body)
    assert (status, made["key"]["siteIds"]) == (200, [ours.site])
    caller = enter(made["secret"])
    assert caller.sees(ours.site)
    assert not caller.sees("s_zzzzzzzzzzzzzzzz")
    assert "machine.read" in caller.permissions_at(ours.site)


def test_a_foreign_site_and_a_foreign_key_are_unknown_ones(ask: Ask, ours: Shop, theirs: Shop) -> None:
    for site in (theirs.site, "s_zzzzzzzzzzzzzzzz"):
        status, problem = ask("POST", "/v1/keys", body={"name": "X", "scopes": ["read"], "siteIds": [site]})
        assert (status, problem["code"]) == (404, "site.not_found")
    answers = [ask("DELETE", f"/v1/keys/{key}") for key in (theirs.key.subject, "k_zzzzzzzzzzzzzzzz")]
    assert answers[0][0] == 404
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": "  ", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["read", "read"]},
        {"name": "x", "scopes": ["read"], "days": 731},
        {"name": "x", "scopes": ["read"], "days": 0},
        {"name": "x", "scopes": ["read"], "roles": ["owner"]},
        {"name": "x", "scopes": ["read"], "siteIds": ["*"]},
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_words(ask: Ask, body: dict[str, Any]) -> None:
    status, problem = ask("POST", "/v1/keys", body=body)
    assert status in (400, 422)
    assert problem["code"] in ("value.out_of_range", "request.invalid", "id.malformed")


def test_a_plan_holds_so_many_keys(ask: Ask, theirs: Shop) -> None:
    owner = replace(person(theirs), plan="trial keys=2")
    (first,) = ask("GET", "/v1/keys", caller=owner)[1]["keys"]
    module_limit = PLANS["trial"]
    assert module_limit.keys > 2
    body = {"name": "Second", "scopes": ["read"]}
    assert ask("POST", "/v1/keys", caller=owner, body=body)[0] == 200
    status, problem = ask("POST", "/v1/keys", caller=owner, body=body)
    assert (status, problem["code"]) == (409, "key.too_many")
    ask("DELETE", f"/v1/keys/{first['id']}", caller=owner)
    assert ask("POST", "/v1/keys", caller=owner, body=body)[0] == 200


def test_the_switch_of_a_tenant_keeps_its_keys_out_and_its_plan_goes_with_its_callers(
    enter: Callable[..., Caller], cloud: Cloud, theirs: Shop, ours: Shop
) -> None:
    directory = Directory(cloud.raw, table=cloud.tables["directory"])
    assert enter(ours.secret).plan == ""
    assert directory.set_plan(ours.tenant, plan="trial tenant=900", off="keys")
    stopped = enter(ours.secret)
    with pytest.raises(CncError) as refused:
        stopped.admit()
    assert (refused.value.code, stopped.plan) == ("tenant.suspended", "trial tenant=900")
    assert directory.set_plan(ours.tenant, plan="", off="people")
    enter(ours.secret).admit()
    assert directory.set_plan(ours.tenant, plan="", off="")
    assert not directory.set_plan("t_zzzzzzzzzzzzzzzz", plan="", off="all")


def test_what_happens_to_a_key_stands_in_the_audit_log(ask: Ask, cloud: Cloud, ours: Shop) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "Noted", "scopes": ["read"]})
    _, again = ask("POST", f"/v1/keys/{made['key']['id']}/rotation", body={})
    ask("DELETE", f"/v1/keys/{made['key']['id']}")
    with acting_for(ours.tenant):
        entries = list(AuditStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["audit"]).all())
    keys = {made["key"]["id"], again["key"]["id"]}
    told = [entry.action.action for entry in entries if entry.action.subject in keys]
    assert told == ["key.created", "key.rotated", "key.superseded", "key.revoked"]
    assert all(secret not in entry.body for entry in entries for secret in (made["secret"], again["secret"]))


def test_use_is_counted_by_day_and_key_and_shown_with_the_time_of_the_last_use(ask: Ask, ours: Shop) -> None:
    _, made = ask("POST", "/v1/keys", body={"name": "Busy", "scopes": ["read"]})
    key = Caller(ours.tenant, made["key"]["id"], "key", scopes=frozenset({"read"}))
    began = utc_now()
    for _ in range(3):
        assert ask("GET", "/v1/machines", caller=key)[0] == 200
    _, listed = ask("GET", "/v1/keys")
    (row,) = [one for one in listed["keys"] if one["id"] == key.subject]
    assert parse_rfc3339(row["lastUsedAt"]) >= began - timedelta(seconds=1)
    status, used = ask("GET", "/v1/usage")
    assert status == 200
    (day,) = [one for one in used["days"] if one["subject"] == key.subject]
    assert (day["calls"], day["points"], day["refused"]) == (1, 1, 0)  # the next two wait for their time
    assert day["sentBytes"] > 0
    assert used["quotas"]["windowS"] == 10


def test_usage_is_answered_for_a_span_of_days(ask: Ask) -> None:
    assert ask("GET", "/v1/usage", query={"from": "2026-01-01", "to": "2026-01-31"})[1]["days"] == []
    for first, last in (("2026-01-31", "2026-01-01"), ("2026-01-01", "2026-12-31")):
        status, problem = ask("GET", "/v1/usage", query={"from": first, "to": last})
        assert (status, problem["code"]) == (400, "range.invalid")
    assert ask("GET", "/v1/usage", query={"from": "yesterday"})[0] == 422
