"""Events and live frames reach the screen at once; health fills the ledgers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from cnc.domain.telemetry.events import Event, pack_events
from cnc.domain.telemetry.health import Gap, HealthMessage, SourceHealth, pack_health
from cnc.domain.telemetry.minute import SourceMinute, pack_minute_events
from tests.cloud.fixtures import Cloud
from tests.functions.gateway import (
    BOOT,
    OTHER,
    SCHEMA,
    TENANT,
    Gateway,
    LambdaContext,
    cold_start,
    machine_id,
    source_id,
)
from tests.functions.parts import FannedOut, items, quarantined, recorded
from tests.functions.record_events import AT_MS, STATE

Say = Callable[..., dict[str, int]]


@pytest.fixture
def fanned_out() -> FannedOut:
    return FannedOut()


@pytest.fixture
def watcher(cloud: Cloud, gateway: Gateway) -> None:
    """Somebody's socket is open."""
    cloud.raw.put_item(
        TableName=cloud.tables["shop"], Item={"p": {"S": f"T#{gateway.tenant}#W"}, "s": {"S": "connection#1"}}
    )


@pytest.fixture
def say(gateway: Gateway, fanned_out: FannedOut, watcher: None) -> Say:
    module = cold_start("telemetry_events")
    module.stores.fan_out._lambda = lambda: fanned_out

    def say(*events: Event, **changed: Any) -> dict[str, int]:
        payload = pack_events(list(events), sent_ms=AT_MS)
        counts: dict[str, int] = module.lambda_handler(gateway.event(payload, **changed), LambdaContext())
        return counts

    return say


def state(seq: int, execution: str, *, source: int = 1, boot: str = BOOT.hex()) -> Event:
    return Event(source_id(source), boot, seq, AT_MS + seq * 1000, "state", STATE | {"execution": execution})


def shown(fanned_out: FannedOut) -> list[tuple[str, str]]:
    return [(event["payload"]["execution"], event["payload"]["tile_state"]) for event in fanned_out.events]


def test_a_state_event_becomes_a_tile_and_reaches_subscribers(cloud: Cloud, say: Say, fanned_out: FannedOut) -> None:
    say(state(5, "ACTIVE"))
    assert fanned_out.events == [
        {
            "v": 1,
            "tenant": TENANT,
            "kind": "machine_state",
            "machine": machine_id(1),
            "payload": {
                "machine": machine_id(1),
                "execution": "ACTIVE",
                "tile_state": "ACTIVE",
                "at_ms": AT_MS + 5000,
                "program": None,
                "part_count": None,
                "tool": None,
            },
        }
    ]
    assert [item["s"]["S"] for item in items(cloud, "G")] == [f"E#{machine_id(1)}"]


def test_nobody_is_told_while_nobody_watches_and_the_first_to_watch_at_once(
    cloud: Cloud, say: Say, fanned_out: FannedOut
) -> None:
    row = {"p": {"S": f"T#{TENANT}#W"}, "s": {"S": "connection#1"}}
    cloud.raw.delete_item(TableName=cloud.tables["shop"], Key=row)
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=row | {"p": {"S": f"T#{OTHER}#W"}})
    say(state(5, "ACTIVE"))
    assert fanned_out.events == []
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=row)
    say(state(6, "READY"))
    assert shown(fanned_out) == [("READY", "IDLE")]


def test_events_that_come_twice_or_late_change_nothing(say: Say, fanned_out: FannedOut) -> None:
    say(state(5, "ACTIVE"))
    say(state(5, "ACTIVE"))
    say(state(4, "READY"))
    assert shown(fanned_out) == [("ACTIVE", "ACTIVE")]


def test_a_newer_boot_counts_though_its_seq_is_lower(say: Say, fanned_out: FannedOut) -> None:
    say(state(500, "ACTIVE"))
    say(state(1, "FEED_HOLD", boot="0000000811223344"))
    assert shown(fanned_out) == [("ACTIVE", "ACTIVE"), ("FEED_HOLD", "SETUP")]


def test_many_events_of_a_machine_are_one_message_to_subscribers(say: Say, fanned_out: FannedOut) -> None:
    say(state(5, "ACTIVE"), state(6, "READY"), state(7, "ACTIVE", source=2))
    assert [event["machine"] for event in fanned_out.events] == [machine_id(1), machine_id(2)]
    assert shown(fanned_out)[0] == ("READY", "IDLE")


def test_a_fault_makes_the_tile_an_alarm_and_keeps_a_record(cloud: Cloud, say: Say, fanned_out: FannedOut) -> None:
    fault = Event(source_id(1), BOOT.hex(), 8, AT_MS, "state", STATE | {"execution": "STOPPED", "fault": True})
    raised = Event(source_id(1), BOOT.hex(), 8, AT_MS, "alarm", {"number": 401, "type": "servo", "text": "VRDY OFF"})
    assert say(fault, raised)["AlarmsChanged"] == 1
    assert shown(fanned_out) == [("STOPPED", "ALARM")]
    (item,) = items(cloud, "A")
    assert json.loads(item["b"]["S"])["active"] is True


def test_a_source_of_another_gateway_shows_nothing(cloud: Cloud, say: Say, fanned_out: FannedOut) -> None:
    assert say(state(5, "ACTIVE", source=9), state(5, "ACTIVE"))["Quarantined"] == 1
    assert [event["machine"] for event in fanned_out.events] == [machine_id(1)]
    assert quarantined(cloud) == ["source.not_assigned"]


def test_a_gateway_under_another_tenant_shows_nothing(say: Say, fanned_out: FannedOut) -> None:
    assert say(state(5, "ACTIVE"), tenant=OTHER)["Events"] == 0
    assert fanned_out.events == []


def test_live_frames_reach_those_who_watch_and_nothing_is_stored(
    cloud: Cloud, gateway: Gateway, fanned_out: FannedOut
) -> None:
    module = cold_start("telemetry_live")
    module.stores.fan_out._lambda = lambda: fanned_out
    assert module.lambda_handler(recorded("telemetry_live"), LambdaContext())["LiveFrames"] == 1
    (event,) = fanned_out.events
    assert event["kind"] == "live_signals"
    assert event["payload"] == {
        "machine": machine_id(1),
        "at_ms": AT_MS,
        "columns": {"s1.load": 12.5, "controller.execution": "ACTIVE"},
    }
    assert items(cloud, "") == []


@pytest.fixture
def health(gateway: Gateway) -> Callable[..., dict[str, int]]:
    module = cold_start("edge_health")

    def tell(produced: int, *gaps: Gap, sent_ms: int = AT_MS, source: int = 1) -> dict[str, int]:
        entry = SourceHealth(source_id(source), BOOT.hex(), produced, AT_MS + produced * 1000, AT_MS, tuple(gaps))
        message = HealthMessage(sent_ms, 3, {"focas": "running"}, (entry,))
        counts: dict[str, int] = module.lambda_handler(gateway.event(pack_health(message)), LambdaContext())
        return counts

    return tell


def ledger(cloud: Cloud) -> dict[str, Any]:
    (item,) = items(cloud, "M")
    return {"produced": int(item["h"]["N"]), "gaps": [row[:3] for row in json.loads(item["g"]["S"])]}


def test_a_ledger_only_grows(cloud: Cloud, health: Any) -> None:
    gap = Gap(61, 90, "power_cut", AT_MS, AT_MS)
    health(100, gap)
    health(80)
    assert ledger(cloud) == {"produced": 100, "gaps": [[61, 90, "power_cut"]]}


def test_newly_declared_gaps_are_counted_once(cloud: Cloud, health: Any) -> None:
    first, second = Gap(61, 90, "power_cut", AT_MS, AT_MS), Gap(120, 120, "disk_full", AT_MS, AT_MS)
    assert health(100, first)["DeclaredGapRows"] == 30
    assert health(100, first)["DeclaredGapRows"] == 0
    assert health(130, first, second)["DeclaredGapRows"] == 1
    assert len(ledger(cloud)["gaps"]) == 2


def test_the_newest_health_of_a_gateway_is_kept(cloud: Cloud, health: Any) -> None:
    health(10, sent_ms=AT_MS + 5)
    health(20, sent_ms=AT_MS + 1)
    (item,) = items(cloud, "G")
    assert (item["s"]["S"], int(item["o"]["N"])) == ("H", AT_MS + 5)


def test_health_of_a_gateway_without_pointers_says_which_machines_to_look_at(
    cloud: Cloud, gateway: Gateway, health: Any
) -> None:
    health(10)
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=Gateway(sources=2).shop_row())
    cold = cold_start("edge_health")
    few = HealthMessage(AT_MS + 1, 3, {}, ())
    told = [items(cloud, "G")[0]["m"]["S"]]
    cold.lambda_handler(gateway.event(pack_health(few)), LambdaContext())
    told += [items(cloud, "G")[0]["m"]["S"]]
    assert [json.loads(text) for text in told] == [{}, {source_id(n): machine_id(n) for n in (1, 2)}]


def test_a_foreign_ledger_is_refused(cloud: Cloud, health: Any) -> None:
    assert health(100, source=9)["Quarantined"] == 1
    assert items(cloud, "M") == []


def test_recorded_health_with_every_field_is_understood(cloud: Cloud, gateway: Gateway) -> None:
    module = cold_start("edge_health")
    counts = module.lambda_handler(recorded("edge_health"), LambdaContext())
    assert counts == {"Ledgers": 1, "DeclaredGapRows": 30, "FailingComponents": 1, "Quarantined": 0}


@pytest.fixture
def minute(gateway: Gateway, fanned_out: FannedOut) -> Callable[..., dict[str, int]]:
    module = cold_start("telemetry_minute")
    module.stores.previews.fan_out._lambda = lambda: fanned_out

    def send(*events: Event) -> dict[str, int]:
        told = SourceMinute(source_id(1), gateway.chunk(), pack_minute_events(list(events)), SCHEMA.canonical())
        counts: dict[str, int] = module.lambda_handler(gateway.event(gateway.message(told)), LambdaContext())
        return counts

    return send


def test_the_minute_brings_what_the_event_lane_lost(cloud: Cloud, say: Say, minute: Any, fanned_out: FannedOut) -> None:
    say(state(5, "ACTIVE"))
    raised = Event(source_id(1), BOOT.hex(), 8, AT_MS, "alarm", {"number": 401, "type": "servo", "active": True})
    minute(state(5, "ACTIVE"), state(8, "STOPPED"), raised)
    assert shown(fanned_out) == [("ACTIVE", "ACTIVE"), ("STOPPED", "IDLE")]
    assert len(items(cloud, "A")) == 1


def test_the_minute_says_nothing_that_the_event_lane_said(say: Say, minute: Any, fanned_out: FannedOut) -> None:
    say(state(5, "ACTIVE"), state(8, "READY"))
    minute(state(5, "ACTIVE"), state(8, "READY"))
    assert shown(fanned_out) == [("READY", "IDLE")]


def test_a_minute_with_events_of_another_source_keeps_its_rows(cloud: Cloud, minute: Any) -> None:
    assert minute(state(5, "ACTIVE", source=2)) == {"Stored": 1, "Quarantined": 1, "Skewed": 0}
    assert "e" not in items(cloud, "M")[0]
