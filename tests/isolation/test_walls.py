"""Each wall is proven with the other one opened: keys that are built wrong meet the policies, and policies that allow
everything meet keys that are built right."""

import json
import random
from itertools import islice
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cnc.cloud.tenancy import BadKeyPart, BadTenant, TenantContext, acting_for, current
from tests.isolation import matrix, rows_graphql, rows_rest
from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop
from tests.isolation.stage import Stage
from tests.isolation.tap import Done, let_through_to_others, tried_others
from tests.isolation.ways import Bench, Way, colliding

FEW = 2
#: What belongs to nobody, or to the person who asks: no key of a tenant is built.
WITHOUT_KEYS = {
    "GET /v1/status", "POST /v1/socket-tickets", "GET /v1/memberships", "GET /v1/sessions", "GET /v1/sessions/current",
    "DELETE /v1/sessions", "DELETE /v1/sessions/{session_id}", "POST /v1/sessions/current/tenant", "POST /v1/tenants",
    "POST /v1/pairings", "POST /v1/screens/token", "GET /v1/pairings/{code}", "POST /v1/invitations/letter",
    "POST /v1/invitations/accept", "GET /v1/tenant/erasure", "DELETE /v1/tenant/erasure", "DELETE /v1/tenant",
    "POST /v1/sso/join", "POST /v1/sso/accounts", "GET /v1/security-policy", "POST /v1/tenant/resume",
    "POST /v1/consents",
}  # fmt: skip
API = sorted({*rows_rest.ROUTES, *rows_graphql.FIELDS} - WITHOUT_KEYS)
CHANNELS = sorted(name for name in matrix.ROWS if name.startswith("up ") and name != "up gateway_identity")


@pytest.fixture
def keys_of_the_other(monkeypatch: pytest.MonkeyPatch, shops: list[Shop]) -> None:
    """The code wall is open: every key, prefix and topic is built for the second tenant, whoever is acted for."""
    victim = shops[1].tenant

    def partition(_: TenantContext, *parts: str) -> str:
        return "#".join(("T", victim, *parts))

    def within(made: Any) -> Any:
        return lambda self, *args, **more: made(TenantContext(victim), *args, **more)

    monkeypatch.setattr(TenantContext, "partition", partition)
    for name in ("object_key", "content_key", "topic"):
        monkeypatch.setattr(TenantContext, name, within(getattr(TenantContext, name)))


def watched(desk: Desk, operation: str, shop: Shop) -> tuple[Answer, list[Done]]:
    with desk.stage.tap.watching() as calls:
        answer = matrix.own(desk, operation, shop, spare=lambda: shop)
    assert answer is not None
    return answer, list(calls)


@pytest.mark.parametrize("operation", API)
@pytest.mark.usefixtures("keys_of_the_other")
def test_a_key_of_another_tenant_is_refused_by_the_policies(operation: str, desk: Desk, shops: list[Shop]) -> None:
    mine, victim = shops[0], shops[1]
    answer, calls = watched(desk, operation, mine)
    assert tried_others(calls, tenant=mine.tenant), "the wall was not open: nothing was asked of the other tenant"
    assert let_through_to_others(calls, tenant=mine.tenant) == []
    assert victim.canary not in answer.text
    assert answer.status >= 500 or '"internal.error"' in answer.text, answer


@pytest.mark.parametrize("operation", CHANNELS)
@pytest.mark.usefixtures("keys_of_the_other")
def test_a_rule_that_builds_keys_of_another_tenant_is_refused(operation: str, desk: Desk, shops: list[Shop]) -> None:
    mine, channel = shops[0], operation.partition(" ")[2]
    edge = mine.edge
    with desk.stage.tap.watching() as calls:
        module = desk.module(channel)
        for held in (
            getattr(module, "assignments", None),
            getattr(getattr(module, "stores", None), "assignments", None),
        ):
            if held is not None:
                held._kept.clear()  # what was read while the wall stood would hide that it is open
        with pytest.raises(ClientError) as refused:
            desk.call(channel, edge.event(edge.said(channel)))
    assert refused.value.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied")
    assert tried_others(calls, tenant=mine.tenant)
    assert let_through_to_others(calls, tenant=mine.tenant) == []


def test_nothing_of_the_other_tenant_was_changed(desk: Desk, shops: list[Shop], keys_of_the_other: None) -> None:
    before = rows_of(desk.stage, shops[1].tenant)
    for operation in API:
        matrix.own(desk, operation, shops[0], spare=lambda: shops[0])
    after = rows_of(desk.stage, shops[1].tenant)
    assert (sorted(set(after) - set(before)), sorted(set(before) - set(after))) == ([], [])
    assert before


def rows_of(stage: Stage, tenant: str) -> list[Any]:
    """Every row of a tenant in every table, read behind the product's back."""
    client, found = stage.client("dynamodb"), []
    for noun in ("telemetry", "shop", "audit"):
        for page in client.get_paginator("scan").paginate(TableName=stage.resource(noun)):
            found += [
                json.dumps(row, sort_keys=True, default=repr)
                for row in page["Items"]
                if row["p"]["S"].startswith(f"T#{tenant}#")
            ]
    return sorted(found)


@pytest.mark.parametrize("operation", [*API, *CHANNELS])
def test_with_the_policies_open_code_alone_keeps_tenants_apart(
    operation: str, desk: Desk, shops: list[Shop], bench: Bench, rng: random.Random
) -> None:
    with desk.stage.policies_open():
        tried = matrix.attempts(desk, operation, shops[0], shops[1], rng)
        for attempt in islice((one for one in tried if one.way is not Way.SESSION), FEW):
            bench.take(attempt)


def test_the_switch_opens_the_policies_and_nothing_else_does(desk: Desk, shops: list[Shop]) -> None:
    stage, mine, other = desk.stage, shops[0], shops[1]
    client = stage.client("dynamodb", stage.role(stage.resource("rest-tenant"), tenant=mine.tenant))
    asked = {"TableName": stage.resource("shop"), "Key": {"p": {"S": f"T#{other.tenant}#M"}, "s": {"S": "x"}}}
    with stage.policies_open():
        client.get_item(**asked)
    with pytest.raises(ClientError, match="not authorized"):
        client.get_item(**asked)


@pytest.mark.parametrize("near", list(colliding("t_0123456789abcdef", "t_1111111111111111")))
def test_the_key_builder_takes_no_id_that_would_collide(near: str) -> None:
    with pytest.raises(BadTenant), acting_for(near):
        raise AssertionError(f"{near!r} was taken for a tenant")
    with acting_for("t_1111111111111111"):
        for build in (
            lambda: current().partition("M", near),
            lambda: current().content_key("program", sha256=near),
            lambda: current().topic(site=near, thing="g", channel="cmd"),
        ):
            try:
                made = build()
            except BadKeyPart:
                continue
            assert "t_1111111111111111" in made
            assert made.count("#") + made.count("/") in (2, 3, 4)


@pytest.mark.parametrize("tenant", ["a", "a-b", "A", "a#", "", "t_0123456789abcde", "t_0123456789ABCDEF", "t_*", None])
def test_nobody_acts_for_what_is_no_tenant(tenant: Any) -> None:
    with pytest.raises(BadTenant), acting_for(tenant):
        raise AssertionError("acted")
