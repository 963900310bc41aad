"""Session state of one client id (MQTT 5, 4.1): subscriptions, what waits for it and what it has not acknowledged."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from mqtt5 import DisconnectReasonCode

from local_cloud.broker.limits import MAX_QUEUED
from local_cloud.broker.messages import Message
from local_cloud.broker.topics import Subscription, matches

PACKET_IDS = 65_535


@dataclass(frozen=True, slots=True)
class Subscribed:
    """One granted subscription and its options."""

    parsed: Subscription
    qos: int
    no_local: bool = False
    retain_as_published: bool = True
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message chosen for one session. `retain` is the flag the subscriber sees."""

    message: Message
    retain: bool
    subscription_ids: tuple[int, ...] = ()


class Link(Protocol):
    """The living connection of a session."""

    def send(self, delivery: Delivery, packet_id: int | None, *, duplicate: bool) -> bool:
        """False when a QoS 0 message was dropped because the client does not read."""

    def may_receive(self, topic: str) -> bool: ...

    def may_stay(self) -> bool: ...

    def close(self, reason: DisconnectReasonCode) -> None: ...


@dataclass(slots=True)
class Session:
    """`expiry_s` 0 = ends with the connection."""

    client_id: str
    certificate: str
    expiry_s: int = 0
    receive_max: int = 65_535
    link: Link | None = None
    subscriptions: dict[str, Subscribed] = field(default_factory=dict)
    queue: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MAX_QUEUED))
    unacknowledged: dict[int, Delivery] = field(default_factory=dict)
    last_packet_id: int = 0
    will: Message | None = None
    will_delay_s: int = 0

    def put(self, delivery: Delivery, *, now_ms: int) -> None:
        """QoS 0 goes out now or never; QoS 1 waits for room or for the client."""
        if delivery.message.qos == 0:
            if self.link is not None and self.link.may_receive(delivery.message.topic):
                self.link.send(delivery, None, duplicate=False)
            return
        self.queue.append(delivery)
        self.pump(now_ms=now_ms)

    def pump(self, *, now_ms: int) -> None:
        """Sends what waits, as far as the client's Receive Maximum allows."""
        while self.link is not None and self.queue and len(self.unacknowledged) < self.receive_max:
            delivery = self.queue.popleft()
            if delivery.message.expired(now_ms) or not self.link.may_receive(delivery.message.topic):
                continue
            packet_id = self._free_id()
            self.unacknowledged[packet_id] = delivery
            self.link.send(delivery, packet_id, duplicate=False)

    def resume(self, *, now_ms: int) -> None:
        """After a reconnect: first again what was not acknowledged (same ids), then the queue (MQTT 5, 4.4)."""
        for packet_id, delivery in list(self.unacknowledged.items()):
            if self.link is None:
                return
            if self.link.may_receive(delivery.message.topic):
                self.link.send(delivery, packet_id, duplicate=True)
            else:
                del self.unacknowledged[packet_id]
        self.pump(now_ms=now_ms)

    def acknowledge(self, packet_id: int, *, now_ms: int) -> None:
        self.unacknowledged.pop(packet_id, None)
        self.pump(now_ms=now_ms)

    def matching(self, topic: str) -> Iterator[Subscribed]:
        return (s for s in self.subscriptions.values() if matches(s.parsed.filter, topic))

    def _free_id(self) -> int:
        while True:
            self.last_packet_id = self.last_packet_id % PACKET_IDS + 1
            if self.last_packet_id not in self.unacknowledged:
                return self.last_packet_id
