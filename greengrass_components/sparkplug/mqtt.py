"""The connection to the customer's broker: MQTT 3.1.1 or 5, with a will, and no reconnect of its own.

A reconnect would use the old will; every connection of an edge node has a will with a bdSeq of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from awscrt import io, mqtt, mqtt5
from awscrt.exceptions import AwsCrtError

from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.output import OutputError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
ANSWER_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 2.0
NEVER_MS: Final = 3_600_000
OnMessage = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who we are there. `ca`, `cert` and `key` are PEM."""

    host: str
    port: int
    client_id: str
    tls: bool = False
    username: str | None = None
    password: str | None = None
    ca: bytes | None = None
    cert: bytes | None = None
    key: bytes | None = None
    keep_alive_s: int = 30

    def tls_context(self) -> Any:
        """None for a connection in the clear. Raises OutputError for certificates that cannot be used."""
        if not self.tls:
            return None
        try:
            if self.cert and self.key:
                options = io.TlsContextOptions.create_client_with_mtls(self.cert, self.key)
            else:
                options = io.TlsContextOptions()
            if self.ca:
                options.override_default_trust_store(self.ca)
            return io.ClientTlsContext(options)
        except (AwsCrtError, ValueError, RuntimeError) as error:
            raise OutputError(f"certificates: {error}") from error


@dataclass(frozen=True, slots=True)
class Will:
    topic: str
    payload: bytes


class Connection(Protocol):
    """One connection, from its CONNECT to its end; not used again."""

    async def connect(self, will: Will, on_message: OnMessage, on_lost: Callable[[str], None]) -> None:
        """Raises OutputError. `on_lost` is called at most once, in the event loop."""

    async def subscribe(self, topics: Sequence[str]) -> None:
        """At QoS 1. Raises OutputError."""

    def publish(self, topic: str, payload: bytes) -> None:
        """QoS 0, not retained, in the order of the calls."""

    async def publish_death(self, will: Will) -> None:
        """At QoS 1, within seconds; never raises."""

    async def close(self) -> None:
        """With a DISCONNECT where there is a connection; never raises."""


class Mqtt311:
    """MQTT 3.1.1."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: Any = None

    async def connect(self, will: Will, on_message: OnMessage, on_lost: Callable[[str], None]) -> None:
        loop, address = asyncio.get_running_loop(), self._address

        def interrupted(connection: object, error: object, **_: object) -> None:
            del connection
            loop.call_soon_threadsafe(on_lost, str(error))

        self._connection = mqtt.Connection(
            client=mqtt.Client(tls_ctx=address.tls_context()),
            host_name=address.host,
            port=address.port,
            client_id=address.client_id,
            clean_session=True,
            keep_alive_secs=address.keep_alive_s,
            reconnect_min_timeout_secs=NEVER_MS // 1000,
            reconnect_max_timeout_secs=NEVER_MS // 1000,
            will=mqtt.Will(will.topic, mqtt.QoS.AT_LEAST_ONCE, will.payload, False),
            username=address.username,
            password=address.password,
            on_connection_interrupted=interrupted,
        )
        self._connection.on_message(
            lambda topic, payload, **_: loop.call_soon_threadsafe(on_message, topic, bytes(payload))
        )
        await _done(self._connection.connect(), CONNECT_TIMEOUT_S, f"{address.host}:{address.port}")

    async def subscribe(self, topics: Sequence[str]) -> None:
        for topic in topics:
            future, _ = self._connection.subscribe(topic, mqtt.QoS.AT_LEAST_ONCE)
            answer = await _done(future, ANSWER_TIMEOUT_S, topic)
            if answer["qos"] is None:
                raise OutputError(f"the broker refuses the subscription of {topic}")

    def publish(self, topic: str, payload: bytes) -> None:
        self._connection.publish(topic, payload, mqtt.QoS.AT_MOST_ONCE, False)

    async def publish_death(self, will: Will) -> None:
        try:
            future, _ = self._connection.publish(will.topic, will.payload, mqtt.QoS.AT_LEAST_ONCE, False)
            await _done(future, ANSWER_TIMEOUT_S, will.topic)
        except OutputError as error:
            log.warning("the death could not be said: %s", error)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await _done(connection.disconnect(), CLOSE_TIMEOUT_S, "disconnect")
            except OutputError as error:
                log.info("disconnect: %s", error)


class Mqtt5:
    """MQTT 5."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client: Any = None
        self._stopped: asyncio.Future[None] | None = None

    async def connect(self, will: Will, on_message: OnMessage, on_lost: Callable[[str], None]) -> None:
        loop, address = asyncio.get_running_loop(), self._address
        connected: asyncio.Future[None] = loop.create_future()
        stopped: asyncio.Future[None] = loop.create_future()
        self._stopped = stopped

        def up(_: Any) -> None:
            loop.call_soon_threadsafe(_resolve, connected, None)

        def failed(event: Any) -> None:
            loop.call_soon_threadsafe(_resolve, connected, OutputError(f"{address.host}: {event.exception}"))

        def down(event: Any) -> None:
            loop.call_soon_threadsafe(on_lost, str(event.exception))

        def message(event: Any) -> None:
            packet = event.publish_packet
            loop.call_soon_threadsafe(on_message, packet.topic, bytes(packet.payload or b""))

        packet = mqtt5.ConnectPacket(
            client_id=address.client_id,
            keep_alive_interval_sec=address.keep_alive_s,
            username=address.username,
            password=address.password,
            session_expiry_interval_sec=0,
            will=mqtt5.PublishPacket(topic=will.topic, payload=will.payload, qos=mqtt5.QoS.AT_LEAST_ONCE, retain=False),
        )
        self._client = mqtt5.Client(
            mqtt5.ClientOptions(
                host_name=address.host,
                port=address.port,
                tls_ctx=address.tls_context(),
                connect_options=packet,
                session_behavior=mqtt5.ClientSessionBehaviorType.CLEAN,
                offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
                min_reconnect_delay_ms=NEVER_MS,
                max_reconnect_delay_ms=NEVER_MS,
                on_publish_callback_fn=message,
                on_lifecycle_event_connection_success_fn=up,
                on_lifecycle_event_connection_failure_fn=failed,
                on_lifecycle_event_disconnection_fn=down,
                on_lifecycle_event_stopped_fn=lambda _: loop.call_soon_threadsafe(_resolve, stopped, None),
            )
        )
        self._client.start()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await connected
        except TimeoutError as error:
            raise OutputError(f"{address.host}:{address.port}: no answer within {CONNECT_TIMEOUT_S:.0f} s") from error

    async def subscribe(self, topics: Sequence[str]) -> None:
        wanted = [mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE) for topic in topics]
        future = self._client.subscribe(mqtt5.SubscribePacket(subscriptions=wanted))
        answer = await _done(future, ANSWER_TIMEOUT_S, ", ".join(topics))
        if any(code >= mqtt5.SubackReasonCode.UNSPECIFIED_ERROR for code in answer.reason_codes):
            raise OutputError(f"the broker refuses the subscription of {', '.join(topics)}")

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_MOST_ONCE))

    async def publish_death(self, will: Will) -> None:
        packet = mqtt5.PublishPacket(topic=will.topic, payload=will.payload, qos=mqtt5.QoS.AT_LEAST_ONCE)
        try:
            await _done(self._client.publish(packet), ANSWER_TIMEOUT_S, will.topic)
        except OutputError as error:
            log.warning("the death could not be said: %s", error)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is None or self._stopped is None:
            return
        client.stop(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.NORMAL_DISCONNECTION))
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._stopped
        except TimeoutError:
            log.warning("the connection did not close within %.0f s", CLOSE_TIMEOUT_S)


def _resolve(future: "asyncio.Future[None]", error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


async def _done(future: "Future[Any]", timeout_s: float, what: str) -> Any:
    try:
        return await in_time(timeout_s, asyncio.wrap_future(future))
    except (AwsCrtError, TimeoutError, RuntimeError) as error:
        raise OutputError(f"{what}: {error or f'no answer within {timeout_s:.0f} s'}") from error
