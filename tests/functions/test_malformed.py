"""Whatever arrives: it ends in quarantine with its bytes and a reason, and everything else is unaffected."""

from base64 import b64decode
from typing import Any

import pytest

from tests.cloud.fixtures import Cloud
from tests.functions.gateway import Gateway, LambdaContext, cold_start
from tests.functions.parts import FannedOut, items, kept_bytes, names, quarantined, recorded

MINUTES = names("malformed/minute")
#: Wrong in the rows of one source only; the message also brings two good ones.
IN_ONE_PART = {name for name in MINUTES if name.startswith(("chunk_", "source_of_"))}
#: Wrong beside the rows, which are good and stored.
BESIDE_ROWS = {name for name in MINUTES if name.startswith(("events_", "schema_"))}
JSON_CHANNELS = ("telemetry_events", "telemetry_live", "receipt", "edge_health")


def ready(function: str) -> Any:
    """The function's module, with what it would call on AWS standing still."""
    module = cold_start(function)
    if hasattr(module.stores, "fan_out"):
        fanned_out = FannedOut()
        module.stores.fan_out._lambda = lambda: fanned_out
    return module


def stored_of(kind: str) -> int:
    """How many of the message's three chunks are good."""
    if kind in BESIDE_ROWS:
        return 3
    return 2 if kind in IN_ONE_PART else 0


def forget_schemas(cloud: Cloud) -> None:
    for item in items(cloud, "H"):
        cloud.raw.delete_item(TableName=cloud.tables["telemetry"], Key={"p": item["p"], "s": item["s"]})


def test_there_are_more_than_twenty_kinds() -> None:
    assert len(MINUTES) + len(names("malformed/json")) + len(names("malformed/events")) >= 40
    assert len(IN_ONE_PART | BESIDE_ROWS) >= 14


def test_a_malformed_minute_is_kept_and_the_rest_is_stored(cloud: Cloud, gateway: Gateway) -> None:
    module = ready("telemetry_minute")
    kept = set()
    for kind in MINUTES:
        module.stores.schemas._seen.clear()  # a malformed schema is looked at only while the good one is not known
        forget_schemas(cloud)
        event = recorded(f"malformed/minute/{kind}")
        counts = module.lambda_handler(event, LambdaContext())
        assert (kind, counts["Quarantined"], counts["Stored"]) == (kind, 1, stored_of(kind))
        kept.add(b64decode(event["payload"]))
        again = module.lambda_handler(gateway.event(gateway.message()), LambdaContext())
        assert (kind, again["Stored"]) == (kind, 3)
    assert set(kept_bytes(cloud)) == kept
    assert len(quarantined(cloud)) == len(MINUTES)
    assert all(reason and len(reason) <= 300 for reason in quarantined(cloud))


@pytest.mark.parametrize("channel", JSON_CHANNELS)
def test_malformed_json_is_kept_on_every_channel(cloud: Cloud, gateway: Gateway, channel: str) -> None:
    module = ready(channel)
    kinds = names("malformed/json")
    for kind in kinds:
        module.lambda_handler(recorded(f"malformed/json/{kind}"), LambdaContext())
    assert len(quarantined(cloud)) == len(kinds)
    wanted = sorted(b64decode(recorded(f"malformed/json/{kind}")["payload"]) for kind in kinds)
    assert sorted(kept_bytes(cloud)) == wanted


def test_malformed_events_change_no_tile(cloud: Cloud, gateway: Gateway) -> None:
    module = ready("telemetry_events")
    for kind in names("malformed/events"):
        counts = module.lambda_handler(recorded(f"malformed/events/{kind}"), LambdaContext())
        assert (kind, counts["Events"], counts["Quarantined"]) == (kind, 0, 1)
    assert items(cloud, "G") == items(cloud, "A") == []
    assert module.lambda_handler(recorded("telemetry_events"), LambdaContext())["Events"] == 2


def test_the_same_bytes_again_are_kept_once(cloud: Cloud, gateway: Gateway) -> None:
    module = ready("telemetry_minute")
    for _ in range(2):
        module.lambda_handler(recorded("malformed/minute/checksum"), LambdaContext())
    assert len(kept_bytes(cloud)) == len(quarantined(cloud)) == 1
