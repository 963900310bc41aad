"""A message on its way through the broker, and its forms on the wire."""

from dataclasses import dataclass, field, replace

from mqtt5 import PublishPacket, QoS, Will


@dataclass(frozen=True, slots=True)
class Message:
    """`expires_ms` is wall time, milliseconds UTC, None = never."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    expires_ms: int | None = None
    payload_format: int = 0
    content_type: str | None = None
    response_topic: str | None = None
    correlation: bytes | None = None
    properties: tuple[tuple[str, str], ...] = field(default=())

    def at_most(self, qos: int) -> "Message":
        return self if self.qos <= qos else replace(self, qos=qos)

    def expired(self, now_ms: int) -> bool:
        return self.expires_ms is not None and self.expires_ms <= now_ms

    def packet(
        self, *, now_ms: int, packet_id: int | None, retain: bool, subscription_ids: list[int], duplicate: bool = False
    ) -> PublishPacket:
        """The PUBLISH for a subscriber; the rest of the life time is sent along (MQTT 5, 3.3.2.3.3)."""
        left_s = None if self.expires_ms is None else max(1, -(-(self.expires_ms - now_ms) // 1000))
        return PublishPacket(
            self.topic,
            self.payload,
            qos=QoS(self.qos),
            retain=retain,
            packet_id=packet_id,
            duplicate=duplicate,
            payload_format_indicator=self.payload_format,
            message_expiry_interval=left_s,
            content_type=self.content_type,
            response_topic=self.response_topic,
            correlation_data=self.correlation,
            subscription_ids=subscription_ids,
            user_properties=list(self.properties),
        )


def of_packet(packet: PublishPacket, *, topic: str, now_ms: int) -> Message:
    """`topic` is the name after topic aliases."""
    return _of(packet, topic=topic, qos=int(packet.qos), payload=packet.payload, now_ms=now_ms)


def of_will(will: Will, *, now_ms: int) -> Message:
    return _of(will, topic=will.topic, qos=int(will.qos), payload=will.payload or b"", now_ms=now_ms)


def _of(source: PublishPacket | Will, *, topic: str, qos: int, payload: bytes, now_ms: int) -> Message:
    life_s = source.message_expiry_interval
    return Message(
        topic=topic,
        payload=payload,
        qos=qos,
        retain=source.retain,
        expires_ms=None if life_s is None else now_ms + life_s * 1000,
        payload_format=source.payload_format_indicator,
        content_type=source.content_type,
        response_topic=source.response_topic,
        correlation=source.correlation_data,
        properties=tuple(source.user_properties),
    )
