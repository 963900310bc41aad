"""A minute of a gateway, through the ingest function into real tables, and out again through GraphQL."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cnc.domain.base.clock import rfc3339
from cnc.domain.telemetry.health import HealthMessage, pack_health
from tests.api.events import LambdaContext, http
from tests.api.tenants import Shop
from tests.functions.gateway import Gateway, now_ms

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def gateway(ours: Shop) -> Gateway:
    return Gateway(sources=2, tenant=ours.tenant, site=ours.site, thing=ours.gateway)


@pytest.fixture(scope="module")
def ask(cold: Callable[[str], ModuleType], gateway: Gateway, theirs: Shop) -> Ask:
    stored = cold("telemetry_minute").lambda_handler(
        gateway.event(gateway.message(gateway.minute(0), gateway.minute(1))), LambdaContext()
    )
    assert stored["Stored"] == 2
    # A gateway of so few sources keeps no pointers to its newest rows: its reports say where to look for them.
    report = pack_health(HealthMessage(now_ms(), 1, {}, ()))
    cold("edge_health").lambda_handler(gateway.event(report), LambdaContext())
    module = cold("graphql")

    def ask(text: str, shop: Shop, **variables: Any) -> dict[str, Any]:
        event = http("POST", "/graphql", caller=shop.key, body={"query": text, "variables": variables})
        answered = json.loads(module.lambda_handler(event, LambdaContext())["body"])
        assert "errors" not in answered, answered
        told = [one["extensions"]["code"] for one in answered.get("extensions", {}).get("warnings", ())]
        assert told == ["signal.not_found"] * text.count("no.signal"), answered
        return answered["data"]

    return ask


def test_the_newest_values_of_a_machine(ask: Ask, ours: Shop, gateway: Gateway) -> None:
    text = "query($id: ID!) { machine(id: $id) { latest { signal value unit at quality } } }"
    latest = {value.pop("signal"): value for value in ask(text, ours, id=ours.machines[0])["machine"]["latest"]}
    at = rfc3339(gateway.t0_ms + 59_000)
    assert latest["controller.execution"] == {"value": "ACTIVE", "unit": "", "at": at, "quality": "GOOD"}
    assert latest["s1.load"]["value"] == pytest.approx(15.9)


def test_newest_values_of_all_machines_of_the_board(ask: Ask, ours: Shop) -> None:
    machines = ask("{ machines { id lastSeen signals { key kind } latest { signal } } }", ours)["machines"]
    assert [len(machine["latest"]) for machine in machines] == [2, 2]
    assert all(machine["lastSeen"] for machine in machines)


def test_a_series_of_the_minute(ask: Ask, ours: Shop, gateway: Gateway) -> None:
    text = (
        "query($id: ID!, $f: Timestamp!, $t: Timestamp!) { series(machineId: $id,"
        ' signals: ["s1.load", "controller.execution", "no.signal"], from: $f, to: $t, resolutionS: 10)'
        " { timestamps columns } }"
    )
    span = {"f": rfc3339(gateway.t0_ms), "t": rfc3339(gateway.t0_ms + 60_000)}
    series = ask(text, ours, id=ours.machines[0], **span)["series"]
    assert series["timestamps"][0] == span["f"]
    assert len(series["timestamps"]) == 6
    assert series["columns"]["s1.load"][0] == pytest.approx(10.45)
    assert series["columns"]["controller.execution"] == ["ACTIVE"] * 6
    assert series["columns"]["no.signal"] == [None] * 6


def test_completeness_counts_what_is_stored(ask: Ask, ours: Shop, gateway: Gateway) -> None:
    text = (
        "query($id: ID!, $f: Timestamp!, $t: Timestamp!) { machine(id: $id) { completeness(from: $f, to: $t)"
        " { stored missing duplicates } } }"
    )
    span = {"f": rfc3339(gateway.t0_ms), "t": rfc3339(gateway.t0_ms + 60_000)}
    counted = ask(text, ours, id=ours.machines[0], **span)["machine"]["completeness"]
    assert (counted["stored"], counted["duplicates"]) == (60, 0)


def test_the_other_tenant_sees_none_of_it(ask: Ask, ours: Shop, theirs: Shop) -> None:
    text = "query($id: ID!) { machine(id: $id) { latest { value } } machines { latest { value } } }"
    assert ask(text, theirs, id=ours.machines[0]) == {"machine": None, "machines": [{"latest": []}]}
