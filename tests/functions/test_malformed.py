"""Whatever arrives: it ends in quarantine with its bytes and a reason, and everything else is unaffected."""

from base64 import b64decode
from typing import Any

import pytest

from tests.cloud.fixtures import Cloud
from tests.functions.gateway import Gateway, LambdaContext, cold_start
from tests.functions.parts import FannedOut, items, kept_bytes, names, quarantined, recorded

MINUTES = names("malformed/minute")
#: Wrong in the part of one source only; the message also brings two good ones.
IN_ONE_PART = {name for name in MINUTES if name.startswith(("chunk_", "events_", "schema_", "source_of_"))}
JSON_CHANNELS = ("telemetry_events", "telemetry_live", "receipt", "edge_health")


def ready(function: str) -> Any:
    """The function's module, with what it would call on AWS standing still."""
    module = cold_start(function)
    if hasattr(module.stores, "fan_out"):
        module.stores.fan_out._lambda = FannedOut()
    return module


def test_there_are_more_than_twenty_kinds() -> None:
    assert len(MINUTES) + len(names("malformed/json")) + len(names("malformed/events")) >= 40
    assert len(IN_ONE_PART) >= 14


@pytest.mark.parametrize("kind", MINUTES)
def test_a_malformed_minute_is_kept_and_the_rest_is_stored(cloud: Cloud, gateway: Gateway, kind: str) -> None:
    module = ready("telemetry_minute")
    event = recorded(f"malformed/minute/{kind}")
    counts = module.lambda_handler(event, LambdaContext())
    assert counts["Quarantined"] == 1
    assert counts["Stored"] == (2 if kind in IN_ONE_PART else 0)
    assert kept_bytes(cloud) == [b64decode(event["payload"])]
    assert all(reason and len(reason) <= 300 for reason in quarantined(cloud))
    assert module.lambda_handler(gateway.event(gateway.message()), LambdaContext())["Stored"] == 3


@pytest.mark.parametrize("channel", JSON_CHANNELS)
def test_malformed_json_is_kept_on_every_channel(cloud: Cloud, gateway: Gateway, channel: str) -> None:
    module = ready(channel)
    kinds = names("malformed/json")
    for kind in kinds:
        module.lambda_handler(recorded(f"malformed/json/{kind}"), LambdaContext())
    assert len(quarantined(cloud)) == len(kinds)
    wanted = sorted(b64decode(recorded(f"malformed/json/{kind}")["payload"]) for kind in kinds)
    assert sorted(kept_bytes(cloud)) == wanted


@pytest.mark.parametrize("kind", names("malformed/events"))
def test_malformed_events_change_no_tile(cloud: Cloud, gateway: Gateway, kind: str) -> None:
    module = ready("telemetry_events")
    counts = module.lambda_handler(recorded(f"malformed/events/{kind}"), LambdaContext())
    assert (counts["Events"], counts["Quarantined"]) == (0, 1)
    assert items(cloud, "G") == items(cloud, "A") == []
    assert module.lambda_handler(recorded("telemetry_events"), LambdaContext())["Events"] == 2


def test_the_same_bytes_again_are_kept_once(cloud: Cloud, gateway: Gateway) -> None:
    module = ready("telemetry_minute")
    for _ in range(2):
        module.lambda_handler(recorded("malformed/minute/checksum"), LambdaContext())
    assert len(kept_bytes(cloud)) == len(quarantined(cloud)) == 1
