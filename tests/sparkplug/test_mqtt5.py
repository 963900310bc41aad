"""MQTT 5 with client certificates, and a node that is killed: its will speaks for it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from awscrt import mqtt5

from local_cloud.broker.server import Broker
from tests.local_cloud.broker.support import ARN, Gateway, Iot, make_cloud, new_client, resource
from tests.sparkplug.broker import SOURCES, free_port, host, node, row, stepping, views
from tests.sparkplug.broker import broker as broker_3
from tests.sparkplug.decoder import command, value_of

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "iot:Connect", "Resource": f"{ARN}client/*"},
        {"Effect": "Allow", "Action": ["iot:Publish", "iot:Receive"], "Resource": f"{ARN}topic/spBv1.0/*"},
        {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": f"{ARN}topicfilter/spBv1.0/*"},
    ],
}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    policy = resource("AWS::IoT::Policy", "sparkplug", {"PolicyDocument": POLICY})
    running = Broker(make_cloud(tmp_path, resources=(policy,), rules=1))
    await running.start()
    yield running
    await running.close()


async def enrolled(broker: Broker, thing: str, folder: Path) -> Gateway:
    iot = await asyncio.to_thread(Iot, broker.control_port)
    try:
        return await asyncio.to_thread(lambda: iot.enrol(thing, "t_a", folder, policy="sparkplug"))
    finally:
        iot.close()


async def test_the_same_node_speaks_mqtt_5_with_a_client_certificate(broker: Broker, tmp_path: Path) -> None:
    secrets = tmp_path / "data" / "secrets"
    secrets.mkdir(parents=True)
    own, other = await enrolled(broker, "edge", tmp_path), await enrolled(broker, "host", tmp_path)
    (secrets / "ca.pem").write_bytes(Path(broker.cloud.pki.ca_cert).read_bytes())
    (secrets / "own.pem").write_bytes(own.cert.read_bytes())
    (secrets / "own.key").write_bytes(own.key.read_bytes())
    client = new_client(other, broker.cloud.pki.ca_cert, broker.tls_port)
    await asyncio.wait_for(client.connected.wait(), 20)
    wanted = [mqtt5.Subscription(topic_filter="spBv1.0/#", qos=mqtt5.QoS.AT_LEAST_ONCE)]
    await asyncio.wrap_future(client.client.subscribe(mqtt5.SubscribePacket(subscriptions=wanted)))
    made = node(
        tmp_path / "data", broker.tls_port, protocol="5", tls=True, client_id="edge", ca_file="ca.pem",
        cert_file="own.pem", key_file="own.key",
    )  # fmt: skip
    try:
        await made.start(views())
        await stepping(made, lambda: len(client.received) >= 3)
        assert [packet.topic.split("/")[2] for packet in client.received] == ["NBIRTH", "DBIRTH", "DBIRTH"]
        made.take(row(SOURCES[0], 2000, 1, 7))
        await stepping(made, lambda: len(client.received) >= 4)
        rebirth = mqtt5.PublishPacket(
            topic="spBv1.0/Plant/NCMD/edge", payload=command("Node Control/Rebirth", True), qos=mqtt5.QoS.AT_LEAST_ONCE
        )
        await asyncio.wrap_future(client.client.publish(rebirth))
        await stepping(made, lambda: sum("/NBIRTH/" in packet.topic for packet in client.received) == 2)
    finally:
        await made.stop()
    async with asyncio.timeout(20):
        while not any("/NDEATH/" in packet.topic for packet in client.received):
            await asyncio.sleep(0.02)
    await client.stop()


NODE = """
import asyncio, sys
from pathlib import Path
from tests.sparkplug.broker import node, stepping, views

async def main():
    made = node(Path(sys.argv[1]), int(sys.argv[2]))
    await made.start(views())
    await stepping(made, lambda: False, within_s=60)

asyncio.run(main())
"""


async def test_a_node_that_is_killed_is_dead_by_its_will_with_the_bd_seq_of_its_birth(tmp_path: Path) -> None:
    port = free_port()
    async with broker_3(port), host(port) as heard:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", NODE, str(tmp_path), str(port))
        try:
            await heard.hears("DBIRTH")
            process.send_signal(signal.SIGKILL)
            await heard.hears("NDEATH")
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        birth = heard.heard[0][1]
        assert value_of(heard.last("NDEATH").metrics[0]) == value_of(birth.metrics[0])
