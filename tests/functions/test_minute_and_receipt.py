"""A minute message becomes chunks, and the receipt says so: the first half of the way of a row, over real parts."""

from collections.abc import Callable
from typing import Any

import pytest

from cnc.domain.telemetry.health import HealthMessage, SourceHealth
from cnc.domain.telemetry.receipt import Ask, pack_asks, unpack_answers
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
from tests.functions.parts import items, kept_bytes, quarantined

Send = Callable[..., dict[str, int]]


@pytest.fixture
def send(gateway: Gateway) -> Send:
    module = cold_start("telemetry_minute")
    return lambda payload, **changed: module.lambda_handler(gateway.event(payload, **changed), LambdaContext())


class Published:
    """Records what the receipt function publishes in place of the IoT data plane."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def publish(self, *, topic: str, qos: int, payload: bytes) -> None:
        assert qos == 0
        self.messages.append((topic, payload))


@pytest.fixture
def ask(gateway: Gateway) -> Callable[..., Any]:
    module = cold_start("receipt")
    published = Published()
    module.stores.receipts._iot_data = published

    def ask(
        number: int = 1,
        *,
        first: int = 1,
        last: int = 60,
        thing: Gateway = gateway,
        health: HealthMessage | None = None,
    ) -> Any:
        asks = [Ask(source_id(number), BOOT.hex(), first, last, thing.t0_ms, thing.t0_ms + 59_000)]
        module.lambda_handler(thing.event(pack_asks("q1", asks, health)), LambdaContext())
        topic, payload = published.messages.pop()
        assert topic == f"cnc/{thing.tenant}/{thing.site}/{thing.thing}/receipt"
        request, answers = unpack_answers(payload)
        assert request == "q1"
        return answers[0]

    return ask


def test_a_message_of_three_machines_is_three_items_under_their_machines(
    cloud: Cloud, gateway: Gateway, send: Send
) -> None:
    assert send(gateway.message())["Stored"] == 3
    chunks = items(cloud, "M")
    assert {chunk["p"]["S"] for chunk in chunks} == {f"T#{TENANT}#M#{machine_id(n)}" for n in (1, 2, 3)}
    assert chunks[0]["b"]["B"] == gateway.chunk()
    assert chunks[0].keys() == {"p", "s", "b", "v", "x"}


@pytest.mark.parametrize(("sources", "items_of_gateway"), [(2, []), (3, ["L"])])
def test_only_a_gateway_with_several_sources_has_pointers_to_its_newest_rows(
    cloud: Cloud, send: Send, sources: int, items_of_gateway: list[str]
) -> None:
    gateway = Gateway(sources=sources)
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=gateway.shop_row())
    send(gateway.message())
    assert [item["s"]["S"] for item in items(cloud, "G")] == items_of_gateway


def test_the_same_message_again_changes_nothing(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    payload = gateway.message()
    send(payload)
    before = items(cloud, "M")
    send(payload)
    assert [{**item, "x": 0} for item in items(cloud, "M")] == [{**item, "x": 0} for item in before]


def test_the_schema_is_learnt_once_from_the_message(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message())
    assert [item["b"]["B"] for item in items(cloud, "H")] == [SCHEMA.canonical()]


def test_more_sources_than_one_batch_holds_are_all_stored(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    many = Gateway(sources=60)
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=many.shop_row())
    assert send(many.message())["Stored"] == 60
    assert len(items(cloud, "M")) == 60


def test_a_receipt_names_what_is_stored_and_what_is_missing(gateway: Gateway, send: Send, ask: Any) -> None:
    send(gateway.message(gateway.minute(1, first=11, rows=20)))
    answer = ask(first=1, last=60)
    assert (answer.stored, answer.missing, answer.quarantined) == (((11, 30),), ((1, 10), (31, 60)), ())


def health_of(gateway: Gateway, produced: int) -> HealthMessage:
    ledger = SourceHealth(source_id(1), BOOT.hex(), produced, gateway.t0_ms + 59_000, gateway.t0_ms)
    return HealthMessage(gateway.t0_ms, 3, {"focas": "running"}, (ledger,))


def test_health_that_rides_with_a_question_is_recorded(cloud: Cloud, gateway: Gateway, send: Send, ask: Any) -> None:
    send(gateway.message(gateway.minute(1)))
    assert ask(health=health_of(gateway, 90)).stored == ((1, 60),)
    (ledger,) = [item for item in items(cloud, "M") if item["s"]["S"].startswith("P#")]
    assert int(ledger["h"]["N"]) == 90
    assert "H" in [item["s"]["S"] for item in items(cloud, "G")]


def test_health_that_cannot_be_read_costs_no_receipt(cloud: Cloud, gateway: Gateway, send: Send, ask: Any) -> None:
    send(gateway.message(gateway.minute(1)))
    assert ask(health=health_of(gateway, -1)).stored == ((1, 60),)
    assert len(quarantined(cloud)) == 1


def test_a_receipt_asks_for_a_schema_it_does_not_know(gateway: Gateway, send: Send, ask: Any) -> None:
    send(gateway.message(gateway.minute(1, with_schema=False)))
    assert ask().unknown_schemas == (SCHEMA.hash.hex(),)
    send(gateway.message(gateway.minute(2)))
    assert ask().unknown_schemas == ()


def test_a_damaged_chunk_is_quarantined_with_its_bytes_and_the_rest_is_stored(
    cloud: Cloud, gateway: Gateway, send: Send, ask: Any
) -> None:
    good = gateway.minute(2)
    bad = gateway.minute(1)
    damaged = type(bad)(bad.source, bad.chunk[:-1] + bytes([bad.chunk[-1] ^ 1]), bad.events, bad.schema)
    payload = gateway.message(damaged, good)
    assert send(payload) == {"Stored": 1, "Quarantined": 1, "Skewed": 0}
    assert "checksum" in quarantined(cloud)[0]
    assert kept_bytes(cloud) == [payload]
    answer = ask()
    assert (answer.quarantined, answer.missing) == (((1, 60),), ())


def test_a_source_of_another_gateway_is_quarantined(cloud: Cloud, gateway: Gateway, send: Send, ask: Any) -> None:
    assert send(gateway.message(gateway.minute(9), gateway.minute(1)))["Stored"] == 1
    assert quarantined(cloud) == ["source.not_assigned"]
    assert ask(9).quarantined == ((1, 60),)


def test_a_source_added_a_moment_ago_is_found_without_waiting(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message())
    module = cold_start("telemetry_minute")
    clock = iter([0.0, 0.5, 2.0, 2.0, 2.0])
    module.stores.assignments._monotonic_s = lambda: next(clock)
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=Gateway(sources=3).shop_row())
    module.lambda_handler(gateway.event(gateway.message(gateway.minute(1))), LambdaContext())
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=Gateway(sources=4).shop_row())
    stored = module.lambda_handler(gateway.event(gateway.message(gateway.minute(4))), LambdaContext())
    assert stored["Stored"] == 1


def test_the_topic_decides_the_tenant_and_a_foreign_thing_is_quarantined_there(
    cloud: Cloud, gateway: Gateway, send: Send
) -> None:
    assert send(gateway.message(), tenant=OTHER)["Stored"] == 0
    assert items(cloud, "M", TENANT) == items(cloud, "M", OTHER) == []
    assert {item["r"]["S"] for item in items(cloud, "Q", OTHER)} == {"gateway.not_found"}


def test_another_site_than_the_gateways_own_is_quarantined(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message(), site="s_0000000000000009")
    assert set(quarantined(cloud)) == {"gateway.other_site"}


def test_an_event_that_no_rule_sends_fails_loudly(gateway: Gateway, send: Send) -> None:
    with pytest.raises(ValueError, match="t_1"):
        send(gateway.message(), tenant="t_1")


def test_rows_that_come_after_their_hour_mark_it_dirty(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message())
    assert items(cloud, "D") == []
    old = gateway.t0_ms - 3 * 3_600_000
    send(gateway.message(gateway.minute(1, t0_ms=old)))
    hour = old // 3_600_000 * 3600
    assert [item["s"]["S"] for item in items(cloud, "D")] == [f"{machine_id(1)}#{hour:010d}"]


def test_a_clock_far_off_is_flagged_and_stored(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    assert send(gateway.message(gateway.minute(1, t0_ms=gateway.t0_ms + 10 * 60_000)))["Skewed"] == 1
    assert int(items(cloud, "M")[0]["w"]["N"]) > 500_000


def test_the_life_of_a_chunk_counts_from_its_arrival(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message(gateway.minute(1, t0_ms=gateway.t0_ms - 30 * 86_400_000)))
    (chunk,) = items(cloud, "M")
    assert abs(int(chunk["x"]["N"]) - (gateway.t0_ms // 1000 + 35 * 86_400)) < 300


def test_a_minute_cut_shorter_the_second_time_takes_nothing_away(gateway: Gateway, send: Send, ask: Any) -> None:
    send(gateway.message(gateway.minute(1, rows=60)))
    send(gateway.message(gateway.minute(1, rows=10)))
    assert ask().stored == ((1, 60),)


def test_latest_points_to_the_newest_rows_of_every_source(cloud: Cloud, gateway: Gateway, send: Send) -> None:
    send(gateway.message())
    (item,) = items(cloud, "G")
    assert {source_id(1), source_id(2), source_id(3)} <= item.keys()


def test_a_held_back_minute_is_stored_and_never_taken_for_the_newest(cloud: Cloud, gateway: Gateway) -> None:
    backlog = cold_start("telemetry_backlog")
    assert backlog.lambda_handler(gateway.event(gateway.message()), LambdaContext())["Stored"] == 3
    assert items(cloud, "G") == []


def test_a_missing_variable_fails_the_cold_start_by_name(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEMETRY_TABLE", "")
    with pytest.raises(Exception, match="TELEMETRY_TABLE"):
        cold_start("telemetry_minute")
