"""Both links: MQTT 5 against a real broker with certificates, and Greengrass IPC against a recording client."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from greengrass_components.edge_kit.ipc_link import IpcLink
from greengrass_components.edge_kit.link import Link, LinkError, open_link
from greengrass_components.edge_kit.mqtt_link import MqttLink
from local_cloud.broker.server import Broker
from tests.edge_kit.fakes import bootstrap, eventually
from tests.local_cloud.broker.support import GATEWAY_POLICY, Iot, make_cloud, resource

TENANT, SITE, THING = "t_" + "0" * 16, "s_" + "0" * 16, "g_" + "0" * 16


class Gateway:
    """A broker, an enrolled thing, and a started link."""

    def __init__(self, broker: Broker, iot: Iot, link: MqttLink) -> None:
        self.broker, self.iot, self.link = broker, iot, link
        self.received: list[tuple[str, bytes]] = []
        self.connects = 0

    async def start(self, *channels: str) -> None:
        topics = [f"cnc/{TENANT}/{SITE}/{THING}/{channel}" for channel in channels]
        await self.link.start(topics, lambda topic, payload: self.received.append((topic, payload)), self._count)
        await eventually(lambda: self.link.connected)

    def _count(self) -> None:
        self.connects += 1

    async def say(self, channel: str, payload: bytes, *, retain: bool = False) -> None:
        topic = f"cnc/{TENANT}/{SITE}/{THING}/{channel}"
        await asyncio.to_thread(self.iot.data.publish, topic=topic, qos=1, payload=payload, retain=retain)


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    policy = resource("AWS::IoT::Policy", "gateway", {"PolicyDocument": GATEWAY_POLICY})
    broker = Broker(make_cloud(tmp_path, resources=(policy,), rules=1))
    await broker.start()
    iot = await asyncio.to_thread(Iot, broker.control_port)
    made = await asyncio.to_thread(iot.enrol, THING, TENANT, tmp_path)
    link = MqttLink(
        bootstrap(
            tmp_path,
            endpoint="localhost",
            port=broker.tls_port,
            ca=Path(broker.cloud.pki.ca_cert),
            cert=made.cert,
            key=made.key,
        )
    )
    yield Gateway(broker, iot, link)
    await link.close()
    iot.close()
    await broker.close()


async def test_messages_flow_both_ways_over_tls(gateway: Gateway) -> None:
    await gateway.say("config", b"kept", retain=True)
    await gateway.start("receipt", "config", "cmd")
    await gateway.link.publish(f"$aws/rules/receipt/cnc/{TENANT}/{SITE}/{THING}/receipt", b"ask")
    await gateway.say("receipt", b"answer")
    await eventually(lambda: {payload for _, payload in gateway.received} == {b"kept", b"answer"})
    assert gateway.connects == 1


async def test_a_topic_that_is_not_the_gateways_is_refused_with_its_name(gateway: Gateway) -> None:
    await gateway.start("receipt")
    with pytest.raises(LinkError, match="t_9"):
        await gateway.link.publish("$aws/rules/receipt/cnc/t_9/s/g/receipt", b"ask")


async def test_without_a_connection_a_publish_fails_at_once(gateway: Gateway) -> None:
    with pytest.raises(LinkError, match="not connected"):
        await gateway.link.publish("cnc/x", b"")


class RecordingIpc:
    """The part of the nucleus' client that the link uses."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.streams: dict[str, Any] = {}
        self.closed = False

    def subscribe_to_iot_core(self, *, topic_name: str, on_stream_event: Any, **_: Any) -> None:
        self.streams[topic_name] = on_stream_event

    def publish_to_iot_core_async(self, **request: Any) -> "Future[None]":
        self.published.append(request)
        future: Future[None] = Future()
        future.set_result(None)
        return future

    def close(self) -> None:
        self.closed = True


async def test_the_nucleus_carries_messages_both_ways() -> None:
    client, received = RecordingIpc(), []
    link: Link = IpcLink(lambda: client)
    await link.start(["cnc/a/receipt"], lambda topic, payload: received.append((topic, payload)), lambda: None)
    await eventually(lambda: link.connected)
    await link.publish("$aws/rules/x", b"payload")
    client.streams["cnc/a/receipt"](SimpleNamespace(message=SimpleNamespace(topic_name="cnc/a/receipt", payload=b"r")))
    await eventually(lambda: received == [("cnc/a/receipt", b"r")])
    assert [(r["topic_name"], r["payload"], r["qos"]) for r in client.published] == [("$aws/rules/x", b"payload", "1")]
    await link.close()
    assert client.closed


def test_the_bootstrap_names_the_link(tmp_path: Path) -> None:
    assert isinstance(open_link(bootstrap(tmp_path, link="ipc")), IpcLink)
    assert isinstance(open_link(bootstrap(tmp_path)), MqttLink)
