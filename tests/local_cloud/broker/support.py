"""Builds a broker on free ports and unmodified clients for it."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from awscrt import mqtt5
from awsiot import mqtt5_client_builder
from botocore.config import Config

from local_cloud import pki
from local_cloud.cloud import Chaos, Cloud, Credentials, Ports, Resource

REGION, ACCOUNT = "us-east-1", "123456789012"
ARN = f"arn:aws:iot:{REGION}:{ACCOUNT}:"
WAIT_S = 20.0
GATEWAY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "iot:Connect",
            "Resource": f"{ARN}client/${{iot:Connection.Thing.ThingName}}",
            "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
        },
        {
            "Effect": "Allow",
            "Action": ["iot:Publish", "iot:RetainPublish"],
            "Resource": [
                f"{ARN}topic/$aws/rules/*/cnc/${{iot:Connection.Thing.Attributes[tenant]}}"
                "/*/${iot:Connection.Thing.ThingName}/*",
                f"{ARN}topic/cnc/${{iot:Connection.Thing.Attributes[tenant]}}/*",
                f"{ARN}topic/$aws/things/${{iot:Connection.Thing.ThingName}}/*",
            ],
        },
        {
            "Effect": "Allow",
            "Action": "iot:Subscribe",
            "Resource": [
                f"{ARN}topicfilter/cnc/${{iot:Connection.Thing.Attributes[tenant]}}/*",
                f"{ARN}topicfilter/$aws/things/${{iot:Connection.Thing.ThingName}}/*",
            ],
        },
        {
            "Effect": "Allow",
            "Action": "iot:Receive",
            "Resource": [
                f"{ARN}topic/cnc/${{iot:Connection.Thing.Attributes[tenant]}}/*",
                f"{ARN}topic/$aws/things/${{iot:Connection.Thing.ThingName}}/*",
            ],
        },
    ],
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resource(type_: str, physical_id: str, properties: dict[str, Any], *, arn: str = "") -> Resource:
    return Resource("stack", physical_id, type_, physical_id, arn, properties)


def make_cloud(data: Path, *, resources: tuple[Resource, ...] = (), chaos: Chaos | None = None, **ports: int) -> Cloud:
    """Every port is 0 but those given."""
    zero = dict.fromkeys(("http", "aws", "dynamodb", "broker_tls", "broker_control", "rules", "zygote"), 0)
    return Cloud(
        repository_root=str(data),
        data_dir=str(data),
        origin=f"http://127.0.0.1:{ports.get('http', 0)}",
        ports=Ports(**{**zero, **ports}),
        service_credentials=Credentials("AKIASERVICE", "service-secret"),
        admin_credentials=Credentials("AKIAADMIN", "admin-secret"),
        session_key="00",
        pki=pki.ensure(data / "pki", now=datetime.now(UTC)),
        resources=resources,
        chaos=chaos or Chaos(1, 0.0, 0.0),
    )


@dataclass
class Gateway:
    """An enrolled gateway: files for a client, ids for the registry."""

    thing: str
    cert: Path
    key: Path
    certificate: str
    arn: str


class Iot:
    """boto3 `iot` and `iot-data` against the control port, called from a thread."""

    def __init__(self, port: int) -> None:
        options: dict[str, Any] = {
            "endpoint_url": f"http://127.0.0.1:{port}",
            "region_name": REGION,
            "aws_access_key_id": "AKIA",
            "aws_secret_access_key": "x",
            "config": Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=10),
        }
        self.control = boto3.client("iot", **options)
        self.data = boto3.client("iot-data", **options)

    def close(self) -> None:
        self.control.close()
        self.data.close()

    def enrol(self, thing: str, tenant: str, folder: Path, *, policy: str = "gateway") -> Gateway:
        self.control.create_thing(thingName=thing, attributePayload={"attributes": {"tenant": tenant, "site": "s_1"}})
        made = self.control.create_keys_and_certificate(setAsActive=True)
        self.control.attach_thing_principal(thingName=thing, principal=made["certificateArn"])
        self.control.attach_policy(policyName=policy, target=made["certificateArn"])
        cert, key = folder / f"{thing}.pem", folder / f"{thing}.key"
        cert.write_text(made["certificatePem"])
        key.write_text(made["keyPair"]["PrivateKey"])
        return Gateway(thing, cert, key, made["certificateId"], made["certificateArn"])


@dataclass
class Client:
    """awscrt's MQTT 5 client with its events on the loop of the test."""

    client: mqtt5.Client
    loop: asyncio.AbstractEventLoop
    connected: asyncio.Event
    failed: asyncio.Event
    stopped: asyncio.Event
    disconnected: asyncio.Event
    received: list[mqtt5.PublishPacket] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, topic: str, payload: bytes, **options: Any) -> int:
        """The reason code of the PUBACK."""
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE, **options)
        done = await asyncio.wait_for(asyncio.wrap_future(self.client.publish(packet)), WAIT_S)
        return int(done.puback.reason_code)

    async def subscribe(self, *filters: str, **options: Any) -> list[int]:
        subscriptions = [mqtt5.Subscription(topic_filter=f, qos=mqtt5.QoS.AT_LEAST_ONCE, **options) for f in filters]
        packet = mqtt5.SubscribePacket(subscriptions=subscriptions)
        done = await asyncio.wait_for(asyncio.wrap_future(self.client.subscribe(packet)), WAIT_S)
        return [int(code) for code in done.reason_codes]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not true():
                self.arrived.clear()
                await self.arrived.wait()

    async def payloads(self, count: int) -> list[bytes]:
        await self.until(lambda: len(self.received) >= count)
        return [bytes(packet.payload or b"") for packet in self.received]

    async def stop(self) -> None:
        self.client.stop()
        await asyncio.wait_for(self.stopped.wait(), WAIT_S)


def new_client(gateway: Gateway, ca: str, port: int, **options: Any) -> Client:
    """Starts connecting; must be called on the loop."""
    loop = asyncio.get_running_loop()
    events = [asyncio.Event() for _ in range(4)]
    made = Client.__new__(Client)

    def on(event: asyncio.Event) -> Callable[[Any], None]:
        return lambda _: loop.call_soon_threadsafe(event.set)

    def received(data: Any) -> None:
        def put() -> None:
            made.received.append(data.publish_packet)
            made.arrived.set()

        loop.call_soon_threadsafe(put)

    def failed(data: Any) -> None:
        def put() -> None:
            if data.connack_packet is not None:
                made.codes.append(int(data.connack_packet.reason_code))
            made.failed.set()

        loop.call_soon_threadsafe(put)

    def lost(data: Any) -> None:
        def put() -> None:
            if data.disconnect_packet is not None:
                made.codes.append(int(data.disconnect_packet.reason_code))
            made.disconnected.set()

        loop.call_soon_threadsafe(put)

    client = mqtt5_client_builder.mtls_from_path(
        endpoint="localhost",
        port=port,
        cert_filepath=str(gateway.cert),
        pri_key_filepath=str(gateway.key),
        ca_filepath=ca,
        client_id=options.pop("client_id", gateway.thing),
        on_publish_received=received,
        on_lifecycle_connection_success=on(events[0]),
        on_lifecycle_connection_failure=failed,
        on_lifecycle_stopped=on(events[2]),
        on_lifecycle_disconnection=lost,
        **options,
    )
    made.__init__(client, loop, *events)  # type: ignore[misc]
    client.start()
    return made


@contextmanager
def closing(iot: Iot) -> Iterator[Iot]:
    try:
        yield iot
    finally:
        iot.close()
