"""The unmodified awscrt client against the broker."""

import asyncio
from pathlib import Path

from awscrt import mqtt5

from local_cloud.broker.server import Broker
from tests.local_cloud.broker.conftest import Connect
from tests.local_cloud.broker.support import WAIT_S, Gateway, Iot

NOT_AUTHORIZED, TAKEN_OVER = 135, 142


async def test_a_gateway_hears_what_it_subscribed_to(connect: Connect, gateway: Gateway) -> None:
    client = await connect(gateway)
    assert await client.subscribe("cnc/t_a/s_1/g_1/cmd") == [1]
    assert await client.publish("cnc/t_a/s_1/g_1/cmd", b"hello") == 0
    assert await client.payloads(1) == [b"hello"]


async def test_another_tenants_topic_is_refused_for_publish_and_subscribe(connect: Connect, gateway: Gateway) -> None:
    client = await connect(gateway)
    assert await client.publish("cnc/t_b/s_1/g_1/cmd", b"x") == NOT_AUTHORIZED
    assert await client.subscribe("cnc/t_b/#", "cnc/+/s_1/g_1/cmd", "#", "$share/x/cnc/t_b/#") == [NOT_AUTHORIZED] * 4


async def test_nobody_subscribes_to_basic_ingest(connect: Connect, gateway: Gateway) -> None:
    client = await connect(gateway)
    assert await client.subscribe("$aws/rules/live/#", "$share/g/$aws/rules/live/#") == [NOT_AUTHORIZED] * 2


async def test_a_client_id_that_is_not_the_thing_is_refused(connect: Connect, gateway: Gateway) -> None:
    client = await connect(gateway, client_id="g_2", wait=False)
    await asyncio.wait_for(client.failed.wait(), WAIT_S)
    assert client.codes[0] == NOT_AUTHORIZED


async def test_a_deactivated_certificate_is_cut_off_and_stays_out(connect: Connect, gateway: Gateway, iot: Iot) -> None:
    client = await connect(gateway)
    await asyncio.to_thread(iot.control.update_certificate, certificateId=gateway.certificate, newStatus="INACTIVE")
    await asyncio.wait_for(client.disconnected.wait(), WAIT_S)
    await asyncio.wait_for(client.failed.wait(), WAIT_S)
    assert client.codes[:2] == [NOT_AUTHORIZED, NOT_AUTHORIZED]


async def test_a_second_client_with_the_same_id_takes_over(connect: Connect, gateway: Gateway) -> None:
    first = await connect(gateway)
    await connect(gateway)
    await asyncio.wait_for(first.disconnected.wait(), WAIT_S)
    assert first.codes == [TAKEN_OVER]


async def test_a_retained_message_is_sent_to_who_comes_later(connect: Connect, gateway: Gateway, iot: Iot) -> None:
    topic = "cnc/t_a/s_1/g_1/config"
    await asyncio.to_thread(iot.data.publish, topic=topic, qos=1, retain=True, payload=b"v1")
    client = await connect(gateway)
    await client.subscribe(topic)
    assert await client.payloads(1) == [b"v1"]
    assert client.received[0].retain is True
    kept = await asyncio.to_thread(iot.data.get_retained_message, topic=topic)
    assert kept["payload"] == b"v1"


async def test_a_session_keeps_what_came_while_it_was_away(
    connect: Connect, gateway: Gateway, iot: Iot, broker: Broker
) -> None:
    keep = {
        "connect_options": mqtt5.ConnectPacket(client_id=gateway.thing, session_expiry_interval_sec=600),
        "session_behavior": mqtt5.ClientSessionBehaviorType.REJOIN_ALWAYS,
    }
    first = await connect(gateway, **keep)
    await first.subscribe("cnc/t_a/s_1/g_1/cmd")
    await first.stop()
    publish = {"topic": "cnc/t_a/s_1/g_1/cmd", "qos": 1}
    await asyncio.to_thread(iot.data.publish, payload=b"waited", **publish)
    await asyncio.to_thread(iot.data.publish, payload=b"too old", messageExpiry=0, **publish)
    second = await connect(gateway, **keep)
    await asyncio.to_thread(iot.data.publish, payload=b"last", **publish)
    assert await second.payloads(2) == [b"waited", b"last"]


async def test_shared_subscribers_each_get_a_part(connect: Connect, gateway: Gateway, iot: Iot, tmp_path: Path) -> None:
    other = await asyncio.to_thread(iot.enrol, "g_2", "t_a", tmp_path)
    first, second = await connect(gateway), await connect(other)
    for client in (first, second):
        assert await client.subscribe("$share/workers/cnc/t_a/jobs") == [1]
    for number in range(4):
        await first.publish("cnc/t_a/jobs", b"%d" % number)
    await first.payloads(2)
    await second.payloads(2)
    assert {bytes(p.payload or b"") for p in first.received + second.received} == {b"0", b"1", b"2", b"3"}


async def test_a_shadow_update_answers_and_tells_the_delta(connect: Connect, gateway: Gateway) -> None:
    client = await connect(gateway)
    await client.subscribe("$aws/things/g_1/shadow/update/accepted", "$aws/things/g_1/shadow/update/delta")
    await client.publish("$aws/things/g_1/shadow/update", b'{"state":{"desired":{"a":1}}}')
    await client.payloads(2)
    delta = [p.payload for p in client.received if str(p.topic).endswith("delta")]
    assert b'"state":{"a":1}' in bytes(delta[0] or b"")


async def test_too_large_and_too_deep_are_refused(connect: Connect, gateway: Gateway) -> None:
    unchecked = mqtt5.ExtendedValidationAndFlowControlOptions.NONE
    client = await connect(gateway, extended_validation_and_flow_control_options=unchecked)
    assert await client.publish("cnc/t_a/x", b"x" * (128 * 1024 + 1)) == 151
    assert await client.publish("cnc/t_a/3/4/5/6/7/8/9", b"x") == 144
    assert await client.publish("cnc/t_a/" + "x" * 250, b"x") == 144
