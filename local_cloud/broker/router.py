"""Who gets a message: subscribers, shared groups, retained store, shadows and the rules engine."""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from mqtt5 import DisconnectReasonCode

from local_cloud.broker.faults import Faults, Shaken
from local_cloud.broker.messages import Message
from local_cloud.broker.retained import Retained, RetainedMessages
from local_cloud.broker.sessions import Delivery, Session, Subscribed
from local_cloud.broker.topics import basic_ingest
from local_cloud.rules.meter import units


class RuleFeed(Protocol):
    """Takes messages for the rules engine; False when its buffer is full."""

    def put(self, message: Message, *, rule: str | None, client_id: str, received_ms: int, principal: str) -> bool: ...


class Reserved(Protocol):
    """Answers what is published to the `$aws/` topics it knows; neither rules nor subscribers see a private one."""

    private: bool

    def knows(self, topic: str) -> bool: ...

    def handle(self, message: Message, *, client_id: str) -> None: ...


class Overloaded(Exception):
    """The rules engine is behind: the publisher must try again."""


class ReservedTopic(Exception):
    """A `$aws/` topic that clients may not publish to."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Router:
    """All sessions and retained messages of the broker. Every method is synchronous: one event loop thread."""

    def __init__(self, retained: RetainedMessages, rules: RuleFeed, faults: Faults) -> None:
        self.retained, self.rules, self.faults = retained, rules, faults
        self.reserved: list[Reserved] = []
        self.sessions: dict[str, Session] = {}
        self.turns: dict[str, itertools.count[int]] = {}
        self.lanes: dict[str, Shaken[Delivery]] = {}
        self.expiries: dict[str, asyncio.TimerHandle] = {}
        self.messages = 0  # billed units, Basic Ingest is free

    def publish(self, message: Message, *, client_id: str) -> int:
        """Answers how many sessions got it. Raises Overloaded, ReservedTopic and topics.BadTopic."""
        rule, topic = basic_ingest(message.topic)
        service: Reserved | None = None
        if rule is None and topic.startswith("$"):
            service = next((one for one in self.reserved if one.knows(topic)), None)
            if service is None:
                raise ReservedTopic(topic)
            if service.private:
                self.messages += units(len(message.payload))
                service.handle(message, client_id=client_id)
                return 0
        seen, by = replace(message, topic=topic), self.sessions.get(client_id)
        principal = by.certificate if by is not None else ""
        if not self.rules.put(seen, rule=rule, client_id=client_id, received_ms=now_ms(), principal=principal):
            raise Overloaded(message.topic)
        if rule is not None:
            return 0
        self.messages += units(len(message.payload))
        if service is not None:
            service.handle(message, client_id=client_id)
        if message.retain:
            self._retain(message)
        return self.deliver(message, publisher=client_id)

    def deliver(self, message: Message, *, publisher: str = "") -> int:
        """To subscribers only: neither rules nor retained store see it."""
        shared: dict[tuple[str, str], list[tuple[Session, Subscribed]]] = {}
        count = 0
        for session in self.sessions.values():
            own: list[Subscribed] = []
            for found in session.matching(message.topic):
                if found.parsed.group is not None:
                    shared.setdefault((found.parsed.group, found.parsed.filter), []).append((session, found))
                elif not (found.no_local and session.client_id == publisher):
                    own.append(found)
            if own:
                self._send(session, message, own)
                count += 1
        for key, members in shared.items():
            session, found = self._pick("/".join(key), members)
            self._send(session, message, [found])
            count += 1
        return count

    def answer(self, message: Message, *, to: str) -> None:
        """To one session alone, if it subscribed."""
        session = self.sessions.get(to)
        own = [] if session is None else [one for one in session.matching(message.topic) if one.parsed.group is None]
        if session is not None and own:
            self._send(session, message, own)

    def send_retained(self, session: Session, subscribed: Subscribed) -> None:
        if subscribed.parsed.group is not None:
            return  # MQTT 5, 4.8.2: shared subscriptions get no retained messages
        for kept in self.retained.matching(subscribed.parsed.filter, now_ms=now_ms()):
            message = Message(kept.topic, kept.payload, kept.qos, True, kept.expires_ms).at_most(subscribed.qos)
            ids = () if subscribed.id is None else (subscribed.id,)
            session.put(Delivery(message, retain=True, subscription_ids=ids), now_ms=now_ms())

    def opened(self, session: Session) -> None:
        """The session has a connection again: nothing of it expires now."""
        self.sessions[session.client_id] = session
        timer = self.expiries.pop(session.client_id, None)
        if timer is not None:
            timer.cancel()

    def lost(self, session: Session, *, graceful: bool) -> None:
        """The connection of the session ended; sends the will and starts the expiry."""
        session.link = None
        if graceful:
            session.will = None
        self._later(min(session.will_delay_s, session.expiry_s), lambda: self._send_will(session))
        if self.sessions.get(session.client_id) is not session:
            return
        if session.expiry_s == 0:
            self.forget(session)
            return
        loop = asyncio.get_running_loop()
        self.expiries[session.client_id] = loop.call_later(session.expiry_s, self.forget, session)

    def forget(self, session: Session) -> None:
        if self.sessions.get(session.client_id) is session:
            del self.sessions[session.client_id]
            self.lanes.pop(session.client_id, None)
            self.expiries.pop(session.client_id, None)

    def close_all(self, reason: DisconnectReasonCode) -> None:
        for session in list(self.sessions.values()):
            if session.link is not None:
                session.link.close(reason)

    def _retain(self, message: Message) -> None:
        at = now_ms()
        self.retained.put(Retained(message.topic, message.payload, message.qos, at, message.expires_ms))

    def _send(self, session: Session, message: Message, found: list[Subscribed]) -> None:
        self.messages += units(len(message.payload))
        granted = message.at_most(max(s.qos for s in found))
        ids = tuple(s.id for s in found if s.id is not None)
        retain = message.retain and any(s.retain_as_published for s in found)
        delivery = Delivery(granted, retain=retain, subscription_ids=ids)
        if granted.qos == 0:
            session.put(delivery, now_ms=now_ms())
            return
        lane = self.lanes.get(session.client_id)
        if lane is None:
            lane = Shaken(self.faults, lambda item: self._put(session.client_id, item), self._later)
            self.lanes[session.client_id] = lane
        lane.put(delivery)

    def _put(self, client_id: str, delivery: Delivery) -> None:
        session = self.sessions.get(client_id)
        if session is not None:
            session.put(delivery, now_ms=now_ms())

    def _pick(self, key: str, members: list[tuple[Session, Subscribed]]) -> tuple[Session, Subscribed]:
        online = [member for member in members if member[0].link is not None] or members
        return online[next(self.turns.setdefault(key, itertools.count())) % len(online)]

    def _send_will(self, session: Session) -> None:
        will, session.will = session.will, None
        current = self.sessions.get(session.client_id)
        if will is None or (session.will_delay_s and current is not None and current.link is not None):
            return
        self.publish(will, client_id=session.client_id)

    @staticmethod
    def _later(delay_s: float, call: Callable[[], None]) -> None:
        if delay_s <= 0:
            call()
        else:
            asyncio.get_running_loop().call_later(delay_s, call)
