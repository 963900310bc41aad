"""The watch over gateways, as the schedule calls it: silent machines reach those who watch."""

import pytest

from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.telemetry.events import Event, pack_events
from cnc.services.shop import Machine
from tests.cloud.fixtures import Cloud
from tests.functions.gateway import (
    BOOT,
    SITE,
    TENANT,
    THING,
    Gateway,
    LambdaContext,
    cold_start,
    machine_id,
    now_ms,
    source_id,
)
from tests.functions.parts import FannedOut
from tests.functions.record_events import STATE


@pytest.mark.parametrize(
    ("ago_ms", "watched", "shown"),
    [(10_000, True, ["ACTIVE"]), (200_000, True, ["OFFLINE"]), (200_000, False, [])],
)
def test_who_watches_is_told_of_a_silent_machine(
    cloud: Cloud, gateway: Gateway, ago_ms: int, watched: bool, shown: list[str]
) -> None:
    cloud.raw.put_item(TableName=cloud.tables["directory"], Item={"p": {"S": f"N#{TENANT}"}, "tenant": {"S": TENANT}})
    told_by_shop = {"name": {"S": "Gateway"}, "site": {"S": SITE}, "version": {"N": "1"}}
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=gateway.shop_row() | told_by_shop)
    with acting_for(TENANT):
        machine = Machine(machine_id(1), "Mill", "mill", "A", SITE, gateway=THING, sources=(source_id(1),))
        ShopStore(cloud.clients, table=cloud.tables["shop"]).put_machine(machine)
    said = Event(source_id(1), BOOT.hex(), 1, now_ms() - ago_ms, "state", STATE | {"execution": "ACTIVE"})
    cold_start("telemetry_events").lambda_handler(gateway.event(pack_events([said], sent_ms=now_ms())), LambdaContext())
    if watched:
        row = {"p": {"S": f"T#{TENANT}#W"}, "s": {"S": "connection#1"}}
        cloud.raw.put_item(TableName=cloud.tables["shop"], Item=row)
    told = FannedOut()
    watch = cold_start("gateway_watch")
    watch.fan_out._lambda = lambda: told
    counts = watch.lambda_handler({}, LambdaContext())
    assert [event["payload"]["tile_state"] for event in told.events] == shown
    assert counts["MachinesTold"] == len(shown)
    assert watch.lambda_handler({}, LambdaContext())["MachinesTold"] == 0
