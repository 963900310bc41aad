"""One MQTT 5 connection: CONNECT, then packets until either side ends it."""

import asyncio
import hashlib
import logging
import ssl
import time

import mqtt5
from mqtt5 import ConnAckReasonCode, DisconnectReasonCode, PubAckReasonCode, SubAckReasonCode, UnsubAckReasonCode

from local_cloud.broker import limits
from local_cloud.broker.access import Access
from local_cloud.broker.messages import of_packet, of_will
from local_cloud.broker.pace import Pace
from local_cloud.broker.registry import Registry
from local_cloud.broker.router import Overloaded, ReservedTopic, Router, now_ms
from local_cloud.broker.sessions import Delivery, Session, Subscribed
from local_cloud.broker.topics import BadTopic, basic_ingest, check_topic, parse_filter
from local_cloud.broker.wire import Malformed, Packet, take

log = logging.getLogger(__name__)
READ_BYTES = 64 * 1024
#: Reserved topics on which something is answered.
ANSWERED = ("$aws/things/", "$aws/certificates/", "$aws/provisioning-templates/")


class Refused(Exception):
    """Ends the connection with a DISCONNECT of this reason."""

    def __init__(self, reason: DisconnectReasonCode, why: str) -> None:
        super().__init__(why)
        self.reason = reason


class NotConnected(Exception):
    """The CONNECT is refused with this reason."""

    def __init__(self, reason: ConnAckReasonCode, why: str) -> None:
        super().__init__(why)
        self.reason = reason


class Connection:
    """Serves one socket; `run` returns when it is closed and never raises for what the client did."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        router: Router,
        registry: Registry,
        arn_prefix: str,
    ) -> None:
        self.reader, self.writer = reader, writer
        self.router, self.registry, self.arn_prefix = router, registry, arn_prefix
        self.buffer = bytearray()
        self.aliases: dict[int, str] = {}
        self.pace = Pace()
        self.session: Session | None = None
        self.access: Access | None = None
        self.keep_alive_s = limits.CONNECT_TIMEOUT_S
        self.max_packet = limits.MAX_PACKET_BYTES
        self.open = True

    async def run(self) -> None:
        graceful = False
        try:
            await self._connect()
            graceful = await self._serve()
        except NotConnected as refusal:
            log.info("connect refused: %s", refusal)
            self._write(mqtt5.ConnAckPacket(reason_code=refusal.reason))
        except (Malformed, Refused) as end:
            log.info("%s: %s", self._name(), end)
            if self.session is not None:
                self.close(end.reason)
        except TimeoutError:
            log.info("%s: silent for too long", self._name())
            if self.session is not None:
                self.close(DisconnectReasonCode.KEEP_ALIVE_TIMEOUT)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError) as lost:
            log.info("%s: %s", self._name(), lost)
        finally:
            if self.session is not None and self.session.link is self:
                self.router.lost(self.session, graceful=graceful)
            self._shut()

    # Link
    def send(self, delivery: Delivery, packet_id: int | None, *, duplicate: bool) -> bool:
        transport = self.writer.transport
        if packet_id is None and transport.get_write_buffer_size() > limits.MAX_WRITE_BUFFER_BYTES:
            return False
        packet = delivery.message.packet(
            now_ms=now_ms(),
            packet_id=packet_id,
            retain=delivery.retain,
            subscription_ids=list(delivery.subscription_ids),
            duplicate=duplicate,
        ).write()
        if len(packet) > self.max_packet:
            return False
        return self._write_bytes(packet)

    def may_receive(self, topic: str) -> bool:
        return self.access is not None and self.access.may_receive(topic)

    def may_stay(self) -> bool:
        return self.access is not None and self.access.may_connect()

    def close(self, reason: DisconnectReasonCode) -> None:
        self._write(mqtt5.DisconnectPacket(reason_code=reason))
        self._shut()

    # connecting
    async def _connect(self) -> None:
        async with asyncio.timeout(limits.CONNECT_TIMEOUT_S):
            try:
                packet = await self._next()
            except Malformed as malformed:
                raise NotConnected(ConnAckReasonCode.MALFORMED_PACKET, str(malformed)) from malformed
        if not isinstance(packet, mqtt5.ConnectPacket):
            raise NotConnected(ConnAckReasonCode.PROTOCOL_ERROR, f"first packet is {type(packet).__name__}")
        if packet.authentication_method is not None:
            raise NotConnected(ConnAckReasonCode.BAD_AUTHENTICATION_METHOD, packet.authentication_method)
        certificate = self._certificate()
        client_id = packet.client_id or f"auto-{hashlib.sha256(str(time.time_ns()).encode()).hexdigest()[:23]}"
        if len(client_id.encode()) > limits.MAX_CLIENT_ID_BYTES or "\0" in client_id or client_id.startswith("$"):
            raise NotConnected(ConnAckReasonCode.CLIENT_ID_NOT_VALID, client_id)
        self.access = Access(self.registry, arn_prefix=self.arn_prefix, certificate=certificate, client_id=client_id)
        if not self.access.may_connect():
            raise NotConnected(ConnAckReasonCode.NOT_AUTHORIZED, f"{client_id} with certificate {certificate}")
        if packet.will is not None:
            self._check_will(packet.will, self.access)
        self._open(packet, client_id, certificate)

    def _check_will(self, will: mqtt5.Will, access: Access) -> None:
        if int(will.qos) > 1:
            raise NotConnected(ConnAckReasonCode.QUALITY_NOT_SUPPORTED, "will with QoS 2")
        if len(will.payload or b"") > limits.MAX_PAYLOAD_BYTES:
            raise NotConnected(ConnAckReasonCode.PACKET_TOO_LARGE, "will of more than 128 KB")
        try:
            check_topic(will.topic)
        except BadTopic as bad:
            raise NotConnected(ConnAckReasonCode.TOPIC_NAME_INVALID, str(bad)) from bad
        if not access.may_publish(will.topic, retain=will.retain):
            raise NotConnected(ConnAckReasonCode.NOT_AUTHORIZED, f"will on {will.topic}")

    def _open(self, packet: mqtt5.ConnectPacket, client_id: str, certificate: str) -> None:
        old = self.router.sessions.get(client_id)
        if old is not None and old.link is not None:
            link, old.link = old.link, None
            link.close(DisconnectReasonCode.SESSION_TAKEN_OVER)
            self.router.lost(old, graceful=False)
        old = self.router.sessions.get(client_id)
        resumed = old is not None and not packet.clean_start and old.certificate == certificate
        if old is not None and not resumed:
            self.router.forget(old)
        session = old if resumed and old is not None else Session(client_id, certificate)
        session.expiry_s = min(packet.session_expiry_interval, limits.MAX_SESSION_EXPIRY_S)
        session.receive_max = min(packet.receive_max, limits.RECEIVE_MAX)
        session.will = None if packet.will is None else of_will(packet.will, now_ms=now_ms())
        session.will_delay_s = 0 if packet.will is None else packet.will.will_delay_interval
        session.link = self
        self.session = session
        self.max_packet = min(packet.max_packet_size or limits.MAX_PACKET_BYTES, limits.MAX_PACKET_BYTES)
        wanted_s = packet.keep_alive or limits.MAX_KEEP_ALIVE_S
        keep_alive_s = min(max(wanted_s, limits.MIN_KEEP_ALIVE_S), limits.MAX_KEEP_ALIVE_S)
        self.keep_alive_s = keep_alive_s * 1.5
        self.router.opened(session)
        self._write(
            mqtt5.ConnAckPacket(
                session_present=resumed,
                session_expiry_interval=session.expiry_s,
                assigned_client_id=None if packet.client_id else client_id,
                server_keep_alive=keep_alive_s,
                receive_max=limits.RECEIVE_MAX,
                topic_alias_max=limits.TOPIC_ALIAS_MAX,
                max_qos=mqtt5.QoS.AT_LEAST_ONCE,
                max_packet_size=limits.MAX_PACKET_BYTES,
            )
        )
        session.resume(now_ms=now_ms())

    def _certificate(self) -> str:
        tls = self.writer.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        if not der:
            raise NotConnected(ConnAckReasonCode.NOT_AUTHORIZED, "no client certificate")
        return hashlib.sha256(der).hexdigest()

    # serving
    async def _serve(self) -> bool:
        """True when the client said goodbye and wants no will."""
        while self.open:
            async with asyncio.timeout(self.keep_alive_s):
                packet = await self._next()
            if isinstance(packet, mqtt5.PublishPacket):
                wait_s = self.pace.wait_s(len(packet.payload), now=time.monotonic())
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                self._publish(packet)
                await self.writer.drain()
            elif isinstance(packet, mqtt5.DisconnectPacket):
                self._change_expiry(packet)
                return packet.reason_code != DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE
            else:
                self._handle(packet)
        return False

    def _handle(self, packet: Packet) -> None:
        session = self._session()
        if isinstance(packet, mqtt5.PubAckPacket):
            session.acknowledge(packet.packet_id, now_ms=now_ms())
        elif isinstance(packet, mqtt5.PingReqPacket):
            self._write(mqtt5.PingRespPacket())
        elif isinstance(packet, mqtt5.SubscribePacket):
            self._subscribe(packet)
        elif isinstance(packet, mqtt5.UnsubscribePacket):
            codes = [
                UnsubAckReasonCode.SUCCESS
                if session.subscriptions.pop(pattern, None)
                else UnsubAckReasonCode.NO_SUBSCRIPTION_EXISTED
                for pattern in packet.patterns
            ]
            self._write(mqtt5.UnsubAckPacket(packet.packet_id, codes))
        else:
            raise Refused(DisconnectReasonCode.PROTOCOL_ERROR, f"unexpected {type(packet).__name__}")

    def _publish(self, packet: mqtt5.PublishPacket) -> None:
        if int(packet.qos) > 1:
            raise Refused(DisconnectReasonCode.QOS_NOT_SUPPORTED, "QoS 2")
        topic = self._unalias(packet)
        code, why = self._route(packet, topic)
        if packet.packet_id is not None:
            self._write(mqtt5.PubAckPacket(packet.packet_id, reason_code=code, reason_str=why))
        elif code == PubAckReasonCode.NOT_AUTHORIZED:
            raise Refused(DisconnectReasonCode.NOT_AUTHORIZED, f"publish to {topic}")
        elif code == PubAckReasonCode.TOPIC_NAME_INVALID:
            raise Refused(DisconnectReasonCode.TOPIC_NAME_INVALID, str(why))
        if code not in (PubAckReasonCode.SUCCESS, PubAckReasonCode.NO_MATCHING_SUBSCRIBERS):
            log.info("%s: publish to %s refused, %s %s", self._name(), topic, code.name, why or "")

    def _route(self, packet: mqtt5.PublishPacket, topic: str) -> tuple[PubAckReasonCode, str | None]:
        if len(packet.payload) > limits.MAX_PAYLOAD_BYTES:
            return PubAckReasonCode.QUOTA_EXCEEDED, f"payload of {len(packet.payload)} bytes, at most 131072"
        try:
            check_topic(topic)
            if self.access is None or not self.access.may_publish(topic, retain=packet.retain):
                return PubAckReasonCode.NOT_AUTHORIZED, None
            if packet.retain and basic_ingest(topic)[0] is not None:
                return PubAckReasonCode.NOT_AUTHORIZED, "Basic Ingest messages cannot be retained"
            message = of_packet(packet, topic=topic, now_ms=now_ms())
            self.router.publish(message, client_id=self._session().client_id)
        except BadTopic as bad:
            return PubAckReasonCode.TOPIC_NAME_INVALID, str(bad)
        except ReservedTopic:
            return PubAckReasonCode.NOT_AUTHORIZED, "reserved topic"
        except Overloaded:
            return PubAckReasonCode.QUOTA_EXCEEDED, "rules engine is behind"
        return PubAckReasonCode.SUCCESS, None

    def _unalias(self, packet: mqtt5.PublishPacket) -> str:
        alias = packet.topic_alias
        if alias is None:
            return packet.topic
        if not 1 <= alias <= limits.TOPIC_ALIAS_MAX or (not packet.topic and alias not in self.aliases):
            raise Refused(DisconnectReasonCode.TOPIC_ALIAS_INVALID, f"topic alias {alias}")
        if packet.topic:
            self.aliases[alias] = packet.topic
        return self.aliases[alias]

    def _subscribe(self, packet: mqtt5.SubscribePacket) -> None:
        session = self._session()
        if not packet.topic_filters:
            raise Refused(DisconnectReasonCode.PROTOCOL_ERROR, "SUBSCRIBE without filters")
        too_many = len(packet.topic_filters) > limits.MAX_FILTERS_PER_SUBSCRIBE
        codes: list[SubAckReasonCode] = []
        granted: list[tuple[mqtt5.TopicFilter, Subscribed, bool]] = []
        for wanted in packet.topic_filters:
            code = SubAckReasonCode.QUOTA_EXCEEDED if too_many else self._check_filter(wanted.pattern)
            if code == SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE:
                parsed = parse_filter(wanted.pattern)
                qos = min(int(wanted.max_qos), 1)
                code = SubAckReasonCode(qos)
                new = wanted.pattern not in session.subscriptions
                subscribed = Subscribed(
                    parsed, qos, wanted.no_local, wanted.retain_as_published, packet.subscription_id
                )
                session.subscriptions[wanted.pattern] = subscribed
                granted.append((wanted, subscribed, new))
            codes.append(code)
        self._write(mqtt5.SubAckPacket(packet.packet_id, codes))
        for wanted, subscribed, new in granted:
            if wanted.retain_handling == mqtt5.RetainHandling.SEND_ALWAYS or (
                new and wanted.retain_handling == mqtt5.RetainHandling.SEND_IF_SUBSCRIPTION_NOT_EXISTS
            ):
                self.router.send_retained(session, subscribed)

    def _check_filter(self, pattern: str) -> SubAckReasonCode:
        """GRANTED_QOS_AT_MOST_ONCE stands for «granted»."""
        try:
            parsed = parse_filter(pattern)
        except BadTopic:
            return SubAckReasonCode.TOPIC_FILTER_INVALID
        session = self._session()
        if len(session.subscriptions) >= limits.MAX_SUBSCRIPTIONS and pattern not in session.subscriptions:
            return SubAckReasonCode.QUOTA_EXCEEDED
        reserved = parsed.filter.startswith("$aws/") and not parsed.filter.startswith(ANSWERED)
        if reserved or self.access is None or not self.access.may_subscribe(parsed.filter):
            return SubAckReasonCode.NOT_AUTHORIZED
        return SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE

    def _change_expiry(self, packet: mqtt5.DisconnectPacket) -> None:
        session = self._session()
        if packet.session_expiry_interval is None:
            return
        if session.expiry_s == 0 and packet.session_expiry_interval > 0:
            raise Refused(DisconnectReasonCode.PROTOCOL_ERROR, "session expiry raised from 0 at DISCONNECT")
        session.expiry_s = min(packet.session_expiry_interval, limits.MAX_SESSION_EXPIRY_S)

    # socket
    async def _next(self) -> Packet:
        while (packet := take(self.buffer)) is None:
            data = await self.reader.read(READ_BYTES)
            if not data:
                raise ConnectionError("closed by the client without DISCONNECT")
            self.buffer += data
        return packet

    def _write(self, packet: Packet) -> None:
        self._write_bytes(packet.write())

    def _write_bytes(self, data: bytes) -> bool:
        if not self.open or self.writer.is_closing():
            return False
        self.writer.write(data)
        return True

    def _shut(self) -> None:
        self.open = False
        self.writer.close()

    def _session(self) -> Session:
        if self.session is None:
            raise Refused(DisconnectReasonCode.PROTOCOL_ERROR, "no session")
        return self.session

    def _name(self) -> str:
        return self.session.client_id if self.session is not None else "unconnected client"
