"""What a client may send to hurt the broker, and what the broker does to clients that are gone or too fast."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import mqtt5
import pytest

from local_cloud.broker.faults import Faults, Shaken
from local_cloud.broker.pace import Pace
from local_cloud.broker.server import Broker
from local_cloud.broker.wire import Malformed, take
from tests.local_cloud.broker.conftest import Connect
from tests.local_cloud.broker.support import WAIT_S, Gateway, Iot

# The codec reports text that is no UTF-8 as «unraisable» beside the ValueError it raises.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
Raw = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Open = Callable[[], Awaitable[Raw]]
CONNECT = mqtt5.ConnectPacket("g_1", clean_start=True).write()


@pytest.fixture
async def raw(broker: Broker, gateway: Gateway) -> AsyncIterator[Open]:
    """TLS connections of an enrolled gateway that speak bytes."""
    writers: list[asyncio.StreamWriter] = []
    context = ssl.create_default_context(cafile=broker.cloud.pki.ca_cert)
    context.load_cert_chain(gateway.cert, gateway.key)

    async def make() -> Raw:
        reader, writer = await asyncio.open_connection("localhost", broker.tls_port, ssl=context)
        writers.append(writer)
        return reader, writer

    yield make
    for writer in writers:
        writer.transport.abort()


async def packet(reader: asyncio.StreamReader, buffer: bytearray) -> mqtt5.Packet | None:
    """The next packet, None at the end of the connection."""
    async with asyncio.timeout(WAIT_S):
        while (found := take(buffer)) is None:
            data = await reader.read(65_536)
            if not data:
                return None
            buffer += data
    return found


async def ended(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(WAIT_S):
        while await reader.read(65_536):
            pass


@pytest.mark.parametrize("seed", range(12))
async def test_random_bytes_end_their_own_connection_alone(
    raw: Open, connect: Connect, gateway: Gateway, seed: int
) -> None:
    rng = random.Random(seed)
    _, writer = await raw()
    start = CONNECT if seed % 2 else b""
    writer.write(
        start + bytes([rng.choice((0x10, 0x30, 0x32, 0x82, 0xA2, 0xE0, 0xFF))]) + rng.randbytes(400) + b"\xff" * 8
    )
    await writer.drain()
    writer.transport.abort()  # the rest of a packet may be awaited for ever
    client = await connect(gateway)
    assert await client.publish("cnc/t_a/x", b"1") == 0


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_packet_is_a_packet_or_malformed(seed: int) -> None:
    rng = random.Random(seed)
    good = mqtt5.PublishPacket("cnc/a", b"x" * 40, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=7, content_type="a").write()
    for _ in range(50):
        damaged = bytearray(rng.choice((good, CONNECT, mqtt5.SubscribePacket(1, [mqtt5.TopicFilter("a/#")]).write())))
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with suppress(Malformed):
            take(damaged)


def test_a_huge_packet_is_refused_before_it_is_buffered() -> None:
    with pytest.raises(Malformed) as refused:
        take(bytearray(b"\x30\xff\xff\xff\x7f"))
    assert refused.value.reason == mqtt5.DisconnectReasonCode.PACKET_TOO_LARGE


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (mqtt5.PublishPacket("cnc/t_b/x", b"1").write(), mqtt5.DisconnectReasonCode.NOT_AUTHORIZED),
        (b"\x30\x09\x00\x05cnc/+\x001", mqtt5.DisconnectReasonCode.TOPIC_NAME_INVALID),
        (b"\x30\x07\x00\x00\x03\x23\x00\x031", mqtt5.DisconnectReasonCode.TOPIC_ALIAS_INVALID),
        (mqtt5.PublishPacket("cnc/t_a/x", b"1", topic_alias=9).write(), mqtt5.DisconnectReasonCode.TOPIC_ALIAS_INVALID),
        (
            mqtt5.PublishPacket("cnc/t_a/x", b"1", qos=mqtt5.QoS.EXACTLY_ONCE, packet_id=1).write(),
            mqtt5.DisconnectReasonCode.QOS_NOT_SUPPORTED,
        ),
        (CONNECT, mqtt5.DisconnectReasonCode.PROTOCOL_ERROR),
        (mqtt5.PingRespPacket().write(), mqtt5.DisconnectReasonCode.PROTOCOL_ERROR),
        (b"\x00\x00", mqtt5.DisconnectReasonCode.MALFORMED_PACKET),
    ],
    ids=["foreign", "wildcard", "alias unknown", "alias too high", "qos 2", "second connect", "pingresp", "type 0"],
)
async def test_a_broken_rule_is_answered_with_its_reason(
    raw: Open, sent: bytes, reason: mqtt5.DisconnectReasonCode
) -> None:
    reader, writer = await raw()
    writer.write(CONNECT + sent)
    buffer = bytearray()
    assert isinstance(await packet(reader, buffer), mqtt5.ConnAckPacket)
    last = await packet(reader, buffer)
    assert isinstance(last, mqtt5.DisconnectPacket)
    assert last.reason_code == reason


@pytest.mark.parametrize(
    ("connect_packet", "reason"),
    [
        (mqtt5.PingReqPacket().write(), mqtt5.ConnAckReasonCode.PROTOCOL_ERROR),
        (mqtt5.ConnectPacket("x" * 129).write(), mqtt5.ConnAckReasonCode.CLIENT_ID_NOT_VALID),
        (mqtt5.ConnectPacket("g_2").write(), mqtt5.ConnAckReasonCode.NOT_AUTHORIZED),
        (mqtt5.ConnectPacket("").write(), mqtt5.ConnAckReasonCode.NOT_AUTHORIZED),
        (mqtt5.ConnectPacket("g_1", will=mqtt5.Will("cnc/t_b/x")).write(), mqtt5.ConnAckReasonCode.NOT_AUTHORIZED),
        (
            mqtt5.ConnectPacket("g_1", authentication_method="x").write(),
            mqtt5.ConnAckReasonCode.BAD_AUTHENTICATION_METHOD,
        ),
        (b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00", mqtt5.ConnAckReasonCode.MALFORMED_PACKET),
    ],
    ids=["ping first", "long id", "foreign id", "no id", "foreign will", "auth", "version 3.1.1"],
)
async def test_a_connect_that_is_refused(raw: Open, connect_packet: bytes, reason: mqtt5.ConnAckReasonCode) -> None:
    reader, writer = await raw()
    writer.write(connect_packet)
    answer = await packet(reader, bytearray())
    assert isinstance(answer, mqtt5.ConnAckPacket)
    assert answer.reason_code == reason
    await ended(reader)


async def test_a_client_without_certificate_gets_no_mqtt(broker: Broker) -> None:
    context = ssl.create_default_context(cafile=broker.cloud.pki.ca_cert)

    async def try_it() -> bytes:
        reader, writer = await asyncio.open_connection("localhost", broker.tls_port, ssl=context)
        writer.write(CONNECT)
        return await reader.readexactly(1)

    with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(try_it(), WAIT_S)


async def test_a_will_is_published_when_its_client_vanishes_and_not_after_goodbye(
    raw: Open, connect: Connect, iot: Iot, tmp_path: Path
) -> None:
    other = await asyncio.to_thread(iot.enrol, "g_2", "t_a", tmp_path)
    watcher = await connect(other)
    await watcher.subscribe("cnc/t_a/last")
    for last in (mqtt5.DisconnectPacket().write(), b""):
        reader, writer = await raw()
        will = mqtt5.Will("cnc/t_a/last", payload=b"gone" if not last else b"never")
        writer.write(mqtt5.ConnectPacket("g_1", clean_start=True, will=will).write() + last)
        assert isinstance(await packet(reader, bytearray()), mqtt5.ConnAckPacket)
        if last:
            await ended(reader)
        writer.transport.abort()
    assert await watcher.payloads(1) == [b"gone"]


async def test_a_fast_publisher_is_slowed_down_to_the_rate_of_aws() -> None:
    pace = Pace()
    waits = [pace.wait_s(100, now=1000.0) for _ in range(200)]
    assert waits[99] == 0
    assert waits[-1] == pytest.approx(1.0)
    assert Pace().wait_s(1024 * 1024, now=1.0) == pytest.approx(1.0)


def test_faults_repeat_and_swap_by_seed_and_lose_nothing() -> None:
    def run(seed: int) -> list[int]:
        sent: list[int] = []
        later: list[Callable[[], None]] = []
        lane: Shaken[int] = Shaken(Faults(seed, 0.1, 0.1), sent.append, lambda _, call: later.append(call))
        for number in range(300):
            lane.put(number)
        for call in later:
            call()
        return sent

    first = run(1)
    assert set(first) == set(range(300))
    assert len(first) > 300
    assert first != sorted(first)
    assert first == run(1) != run(2)
