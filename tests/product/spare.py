"""The spare gateway of the endpoints file, through the unmodified client of the AWS Common Runtime."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from awscrt import mqtt5
from awsiot import mqtt5_client_builder

WITHIN_S = 20


@dataclass
class Spare:
    """A connected client; `mqtt` is what the endpoints file says."""

    client: Any
    mqtt: dict[str, Any]

    def up(self, channel: str, **changed: str) -> str:
        """The Basic Ingest topic of a channel; `changed` replaces tenant, site, thing or rule."""
        who = {**self.mqtt, "rule": channel, **changed}
        return f"$aws/rules/{who['rule']}/cnc/{who['tenant']}/{who['site']}/{who['thing']}/{channel}"

    def publish(self, topic: str, payload: bytes) -> mqtt5.PubackReasonCode:
        packet = mqtt5.PublishPacket(topic=topic, payload=payload, qos=mqtt5.QoS.AT_LEAST_ONCE)
        done = self.client.publish(packet).result(WITHIN_S)
        code: mqtt5.PubackReasonCode = done.puback.reason_code
        return code

    def subscribe(self, topic: str) -> mqtt5.SubackReasonCode:
        wanted = mqtt5.Subscription(topic_filter=topic, qos=mqtt5.QoS.AT_LEAST_ONCE)
        done = self.client.subscribe(mqtt5.SubscribePacket(subscriptions=[wanted])).result(WITHIN_S)
        code: mqtt5.SubackReasonCode = done.reason_codes[0]
        return code


@contextmanager
def spare_gateway(mqtt: dict[str, Any]) -> Iterator[Spare]:
    connected: Future[None] = Future()
    stopped: Future[None] = Future()
    client = mqtt5_client_builder.mtls_from_path(
        mqtt["cert"],
        mqtt["key"],
        endpoint=mqtt["host"],
        port=mqtt["port"],
        ca_filepath=mqtt["ca"],
        client_id=mqtt["thing"],
        on_lifecycle_connection_success=lambda _: connected.done() or connected.set_result(None),
        on_lifecycle_stopped=lambda _: stopped.set_result(None),
    )
    client.start()
    try:
        connected.result(WITHIN_S)
        yield Spare(client, mqtt)
    finally:
        client.stop()
        stopped.result(WITHIN_S)
