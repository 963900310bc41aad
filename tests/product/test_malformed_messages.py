"""Whatever a gateway publishes: it is kept with its reason, and nobody else notices."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from awscrt import mqtt5

from tests.product.running import Product, ago, until
from tests.product.spare import Spare, spare_gateway

pytestmark = pytest.mark.cloud
EVENTS = Path(__file__).parents[1] / "events" / "malformed"
#: Kinds of malformed payload, and the channels that each is published on.
CHANNELS = {
    "minute": ("telemetry_minute", "telemetry_backlog"),
    "json": ("telemetry_events", "telemetry_live", "receipt", "edge_health"),
    "events": ("telemetry_events",),
}
#: "AWS IoT Core message broker and protocol limits and quotas": more is refused before any rule sees it.
MAX_BYTES = 128 * 1024
DOWN = ("receipt", "config", "cmd")
Quarantined = dict[bytes, str]


@pytest.fixture
def spare(product: Product) -> Iterator[Spare]:
    with spare_gateway(product.endpoints["mqtt"]) as connected:
        yield connected


def payloads(kind: str) -> list[bytes]:
    found = [b64decode(json.loads(path.read_bytes())["payload"]) for path in sorted((EVENTS / kind).glob("*.json"))]
    return [payload for payload in found if len(payload) <= MAX_BYTES]


def quarantined(product: Product) -> Quarantined:
    """Original bytes in the bucket -> the reason in the table."""
    mqtt = product.endpoints["mqtt"]
    bucket = product.aws("ssm").get_parameter(Name="/cnc/local/bucket")["Parameter"]["Value"]
    rows = product.aws("dynamodb").query(
        TableName="cnc-local-telemetry",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": f"T#{mqtt['tenant']}#Q"}},
        ConsistentRead=True,
    )["Items"]
    return {kept(product, bucket, row["k"]["S"]): row["r"]["S"] for row in rows if row["g"]["S"] == mqtt["thing"]}


def kept(product: Product, bucket: str, key: str) -> bytes:
    assert key.startswith(f"tenant={product.endpoints['mqtt']['tenant']}/kind=quarantine/date=")
    body: bytes = product.aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def worker(name: str) -> bool:
    return name.startswith("lambda:") and not name.startswith("lambda:zygote:")


def processes(product: Product) -> dict[str, int]:
    """Everything that must not end; workers come and go."""
    every = product.endpoints["processes"]
    return {name: pid for name, pid in every.items() if name == "lambda:zygote:0" or not name.startswith("lambda:")}


def missing(product: Product) -> list[Any]:
    query = """query($from: Timestamp!, $to: Timestamp!) { machines { id
      completeness(from: $from, to: $to) { produced stored declaredGaps missing duplicates } } }"""
    found = product.graphql(query, **{"from": ago(3600), "to": ago(0)})["machines"]
    return [one for one in found if one["completeness"]["missing"] or one["completeness"]["declaredGaps"]]


def test_malformed_payloads_are_kept_with_their_reason_and_nothing_else_changes(product: Product, spare: Spare) -> None:
    before = processes(product)
    sent: set[bytes] = set()
    for kind, channels in CHANNELS.items():
        for number, payload in enumerate(payloads(kind)):
            code = spare.publish(spare.up(channels[number % len(channels)]), payload)
            assert code == mqtt5.PubackReasonCode.SUCCESS
            sent.add(payload)
    assert len(sent) >= 20
    found = until(
        lambda: (q := quarantined(product)).keys() >= sent and q, within_s=90, what="every payload in quarantine"
    )
    assert all(found[payload] for payload in sent)
    assert processes(product) == before
    assert missing(product) == []


def test_a_payload_above_the_limit_of_iot_is_refused(spare: Spare) -> None:
    code = spare.publish(spare.up("telemetry_minute"), b"x" * (MAX_BYTES + 1))
    assert code == mqtt5.PubackReasonCode.QUOTA_EXCEEDED


@pytest.mark.parametrize("channel", ["telemetry_minute", "telemetry_events", "receipt", "edge_health"])
def test_a_gateway_speaks_for_itself_alone(product: Product, spare: Spare, channel: str) -> None:
    other_tenant = product.tenants()[1]
    foreign = [
        spare.up(channel, tenant=other_tenant),
        spare.up(channel, thing="g_" + "0" * 16),
        spare.up(channel, site="s_" + "0" * 16),
        spare.up(channel, rule="no_such_rule"),
    ]
    assert [spare.publish(topic, b"{}") for topic in foreign] == [mqtt5.PubackReasonCode.NOT_AUTHORIZED] * 4


def test_a_gateway_neither_hears_nor_commands_another(product: Product, spare: Spare) -> None:
    mqtt = product.endpoints["mqtt"]
    own = f"cnc/{mqtt['tenant']}/{mqtt['site']}/{mqtt['thing']}"
    others = [f"cnc/{mqtt['tenant']}/{mqtt['site']}/g_{'0' * 16}/{channel}" for channel in DOWN]
    assert [spare.subscribe(topic) for topic in (*others, "cnc/#", "#")] == [mqtt5.SubackReasonCode.NOT_AUTHORIZED] * 5
    commands = [f"{own}/cmd", *others]
    assert [spare.publish(topic, b"{}") for topic in commands] == [mqtt5.PubackReasonCode.NOT_AUTHORIZED] * 4
    assert [spare.subscribe(f"{own}/{channel}") for channel in DOWN] == [mqtt5.SubackReasonCode.GRANTED_QOS_1] * 3
