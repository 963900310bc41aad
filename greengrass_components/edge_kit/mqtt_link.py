"""MQTT 5 over TLS with the gateway's own thing certificate (AWS Common Runtime)."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from awscrt import mqtt5
from awscrt.exceptions import AwsCrtError
from awsiot import mqtt5_client_builder

from greengrass_components.edge_kit.config import BadConfig, Bootstrap
from greengrass_components.edge_kit.identity import renewed
from greengrass_components.edge_kit.identity.keys import Credentials
from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.link import PUBLISH_TIMEOUT_S, LinkError, OnMessage

log = logging.getLogger(__name__)

KEEP_ALIVE_S: Final = 30
PING_TIMEOUT_MS: Final = 10_000
SUBSCRIBE_TIMEOUT_S: Final = 15.0
SUBSCRIBE_RETRY_S: Final = 5.0
MIN_RECONNECT_MS: Final = 250
MAX_RECONNECT_MS: Final = 15_000
STOP_TIMEOUT_S: Final = 5.0
ANSWER_TIMEOUT_S: Final = 20.0


class MqttLink:
    """Client id = thing name. Callbacks come from threads of the runtime and are handed to the event loop."""

    def __init__(self, bootstrap: Bootstrap) -> None:
        self._bootstrap = bootstrap
        self._connected = False
        self.trouble = ""
        """Why the last attempt to connect failed."""
        self._client: Any = None
        self._stopped = asyncio.Event()
        self._subscribing: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Future[tuple[bool, bytes]]] = {}

    @property
    def connected(self) -> bool:
        return self._connected

    async def start(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def up(_: Any) -> None:
            loop.call_soon_threadsafe(self._up, topics, on_connected)

        def down(event: Any) -> None:
            loop.call_soon_threadsafe(self._down, getattr(event, "exception", None))

        def message(event: Any) -> None:
            packet = event.publish_packet
            loop.call_soon_threadsafe(self._message, on_message, packet.topic, bytes(packet.payload or b""))

        def stopped(_: Any) -> None:
            loop.call_soon_threadsafe(self._stopped.set)

        made, held = self._bootstrap, self._credentials()
        self._client = mqtt5_client_builder.mtls_from_bytes(
            held.certificate.encode(),
            held.key.encode(),
            endpoint=made.endpoint,
            port=made.port,
            ca_filepath=str(made.ca),
            client_id=made.thing,
            keep_alive_interval_sec=KEEP_ALIVE_S,
            ping_timeout_ms=PING_TIMEOUT_MS,
            session_behavior=mqtt5.ClientSessionBehaviorType.CLEAN,
            offline_queue_behavior=mqtt5.ClientOperationQueueBehaviorType.FAIL_ALL_ON_DISCONNECT,
            ack_timeout_sec=round(PUBLISH_TIMEOUT_S),
            min_reconnect_delay_ms=MIN_RECONNECT_MS,
            max_reconnect_delay_ms=MAX_RECONNECT_MS,
            enable_metrics_collection=False,
            on_publish_received=message,
            on_lifecycle_connection_success=up,
            on_lifecycle_connection_failure=down,
            on_lifecycle_disconnection=down,
            on_lifecycle_stopped=stopped,
        )
        self._client.start()

    async def publish(self, topic: str, payload: bytes) -> None:
        if not self._connected:
            raise LinkError(f"{topic}: not connected")
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE)
        try:
            done = await in_time(PUBLISH_TIMEOUT_S, asyncio.wrap_future(self._client.publish(packet)))
        except (AwsCrtError, TimeoutError) as error:
            raise LinkError(f"{topic}: {error or 'no acknowledgement'}") from error
        code = done.puback.reason_code if done.puback else mqtt5.PubackReasonCode.SUCCESS
        if code >= mqtt5.PubackReasonCode.UNSPECIFIED_ERROR:
            raise LinkError(f"{topic}: refused with {code!r}")

    async def request(self, topic: str, payload: bytes) -> tuple[bool, bytes]:
        """Publish and wait for `<topic>/accepted` or `<topic>/rejected`: (accepted, payload). Raises LinkError."""
        answer: asyncio.Future[tuple[bool, bytes]] = asyncio.get_running_loop().create_future()
        topics = [f"{topic}/accepted", f"{topic}/rejected"]
        self._answers |= dict.fromkeys(topics, answer)
        try:
            refused = await self._ask_for(topics)
            if refused:
                raise LinkError(f"{topic}: its answers may not be heard, {refused}")
            await self.publish(topic, payload)
            return await in_time(ANSWER_TIMEOUT_S, answer)
        except (AwsCrtError, TimeoutError) as error:
            raise LinkError(f"{topic}: {error or 'no answer'}") from error
        finally:
            for one in topics:
                self._answers.pop(one, None)

    async def close(self) -> None:
        if self._subscribing:
            self._subscribing.cancel()
        if self._client is None:
            return
        self._client.stop()
        try:
            await in_time(STOP_TIMEOUT_S, self._stopped.wait())
        except TimeoutError:
            log.warning("the connection did not close within %.0f s", STOP_TIMEOUT_S)
        self._connected = False
        self._client = None

    def _up(self, topics: Sequence[str], on_connected: Callable[[], None]) -> None:
        if self._subscribing:
            self._subscribing.cancel()
        self._subscribing = asyncio.create_task(self._subscribe(topics, on_connected), name="subscribe")

    def _credentials(self) -> Credentials:
        try:
            return renewed.credentials(self._bootstrap)
        except OSError as error:
            raise BadConfig(f"certificate of {self._bootstrap.thing}: {error}") from error

    def _message(self, on_message: OnMessage, topic: str, payload: bytes) -> None:
        answer = self._answers.get(topic)
        if answer is None:
            on_message(topic, payload)
        elif not answer.done():
            answer.set_result((topic.endswith("/accepted"), payload))

    async def _ask_for(self, topics: Sequence[str]) -> list[mqtt5.SubackReasonCode]:
        """Subscribe; answers what was refused. Raises AwsCrtError and TimeoutError."""
        wanted = [mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE) for topic in topics]
        future = self._client.subscribe(mqtt5.SubscribePacket(subscriptions=wanted))
        answer = await in_time(SUBSCRIBE_TIMEOUT_S, asyncio.wrap_future(future))
        return [code for code in answer.reason_codes if code >= mqtt5.SubackReasonCode.UNSPECIFIED_ERROR]

    async def _subscribe(self, topics: Sequence[str], on_connected: Callable[[], None]) -> None:
        while True:
            try:
                refused = await self._ask_for(topics) if topics else []
                if not refused:
                    break
                log.error("subscription refused: %s", refused)
            except (AwsCrtError, TimeoutError) as error:
                log.warning("subscription failed: %s", error)
            await asyncio.sleep(SUBSCRIBE_RETRY_S)
        self._connected = True
        log.info("connected to %s as %s", self._bootstrap.endpoint, self._bootstrap.thing)
        on_connected()

    def _down(self, error: object) -> None:
        if self._subscribing:
            self._subscribing.cancel()
        self.trouble = str(error or "")
        if self._connected:
            log.warning("connection lost: %s", error)
        self._connected = False
