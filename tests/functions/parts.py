"""Fixtures of the function tests: a configured gateway, and stand-ins for what the engines here do not speak."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.fixtures import Cloud
from tests.functions.gateway import TENANT, Gateway

EVENTS = Path(__file__).parents[1] / "events"

__all__ = ["gateway"]


@pytest.fixture
def gateway(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Sources 1 to 3 in the shop table, and the environment that CDK would set."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    gateway = Gateway()
    cloud.raw.put_item(TableName=cloud.tables["shop"], Item=gateway.shop_row())
    return gateway


def recorded(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def names(folder: str) -> list[str]:
    """Recorded events of one folder."""
    return sorted(path.stem for path in (EVENTS / folder).glob("*.json"))


class FannedOut:
    """What was handed to fan_out, in place of the Lambda API."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def invoke(self, **call: Any) -> None:
        assert (call["FunctionName"], call["InvocationType"]) == ("cnc-test-fan_out", "Event")
        self.events.append(json.loads(call["Payload"]))


def items(cloud: Cloud, kind: str, tenant: str = TENANT) -> list[dict[str, Any]]:
    """Telemetry items of one tenant whose partition starts with this letter."""
    found = cloud.raw.scan(TableName=cloud.tables["telemetry"])["Items"]
    return [item for item in found if item["p"]["S"].startswith(f"T#{tenant}#{kind}")]


def quarantined(cloud: Cloud) -> list[str]:
    """Reasons."""
    return [item["r"]["S"] for item in items(cloud, "Q")]


def kept_bytes(cloud: Cloud) -> list[bytes]:
    """Original payloads in the quarantine of the bucket."""
    s3 = cloud.clients.own("s3")
    keys = [row["Key"] for row in s3.list_objects_v2(Bucket=cloud.bucket).get("Contents", [])]
    assert all(key.startswith(f"tenant={TENANT}/kind=quarantine/date=") for key in keys)
    return [s3.get_object(Bucket=cloud.bucket, Key=key)["Body"].read() for key in keys]
