"""The bill of a machine-month is a sum that can be done by hand."""

import pytest

from benchmarks.bill import Call, GatewayUse, machine_month

NOTHING = Call(calls=0)
MINUTE = Call(payload_bytes=894, write_units=2, read_units=1, cpu_ms=0, calls=2)
PACKED = Call(payload_bytes=19_318, write_units=36, read_units=3, cpu_ms=0, calls=2)


def use(machines: int = 1, minute: Call = MINUTE, **changed: object) -> GatewayUse:
    calls = {"events": NOTHING, "event_batches": 0, "receipt": NOTHING}
    per_tenant = {"hour": NOTHING, "parquet": NOTHING, "watch": 0.0}
    return GatewayUse(machines=machines, minute=minute, **{**calls, **per_tenant, **changed})  # type: ignore[arg-type]


def test_a_minute_pays_for_rule_writes_reads_and_its_function() -> None:
    run = 0.20e-6 + 0.010 * 0.25 * 13.3334e-6
    by_hand = 0.30e-6 + 2 * 0.625e-6 + 1 * 0.125e-6 + run
    assert machine_month(use())["minutes"] == pytest.approx(43_200 * by_hand)


def test_a_message_is_billed_by_started_five_kilobytes() -> None:
    once, five = Call(payload_bytes=5120), Call(payload_bytes=5121)
    assert five.dollars - once.dollars == pytest.approx(0.30e-6)


def test_a_function_with_less_memory_runs_longer_on_its_share_of_a_core() -> None:
    slow, quick = Call(cpu_ms=10, memory_mb=256), Call(cpu_ms=10, memory_mb=1769)
    assert slow.dollars == pytest.approx(0.20e-6 + 0.070 * 0.25 * 13.3334e-6)
    assert quick.dollars == pytest.approx(0.20e-6 + 0.010 * 1769 / 1024 * 13.3334e-6)


def test_an_answer_to_a_gateway_is_published_and_delivered() -> None:
    assert Call(published=1).dollars - Call().dollars == pytest.approx(2e-6)


def test_machines_of_a_gateway_share_what_belongs_to_the_gateway() -> None:
    receipt = Call(payload_bytes=100, published=1)
    alone, shared = machine_month(use(1, receipt=receipt)), machine_month(use(20, PACKED, receipt=receipt))
    assert shared["receipts"] == pytest.approx(alone["receipts"] / 20)
    assert shared["connection"] == pytest.approx(43_200 * 0.08e-6 / 20)
    assert shared["minutes"] < alone["minutes"]


def test_hours_belong_to_machines() -> None:
    hour = Call(write_units=40, memory_mb=512)
    assert machine_month(use(6, hour=hour))["hours"] == pytest.approx(machine_month(use(1, hour=hour))["hours"])


def test_an_object_an_hour_and_the_share_of_schedules_belong_to_the_tenant() -> None:
    parquet = Call(objects=1, memory_mb=1024)
    alone, shared = (machine_month(use(count, parquet=parquet, watch=1e-6)) for count in (1, 20))
    assert alone["objects"] == pytest.approx(720 * (5e-6 + 0.20e-6))
    assert alone["schedules"] == pytest.approx(8_640 * 1e-6)
    assert (shared["objects"], shared["schedules"]) == (alone["objects"] / 20, alone["schedules"] / 20)


def test_a_question_every_five_minutes_costs_a_fifth_of_the_same_each_minute() -> None:
    told = machine_month(use(receipt=MINUTE))
    assert told["minutes"] == pytest.approx(5 * told["receipts"])
