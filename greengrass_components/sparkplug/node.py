"""The edge node: births, data by change, deaths, sequence numbers and rebirths, as Sparkplug 3.0 wants them.

Settings (`outputs.sparkplug`): `enabled`, `host`, `port` (1883, with TLS 8883), `tls`, `group`, `node`, `protocol`
("3.1.1" or "5"), `username`, `password_file`, `ca_file`, `cert_file`, `key_file` (names of files in `<data>/secrets`),
`primary_host`, `keep_alive_s` (30), `names` ({machine id: name}).
"""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.edge_kit.floor import MachineView
from greengrass_components.edge_kit.follow import EventSeen, RowSeen
from greengrass_components.edge_kit.output import OutputError, OutputSettings
from greengrass_components.edge_kit.pace import wall_ms
from greengrass_components.sparkplug.device import SparkplugDevice
from greengrass_components.sparkplug.mqtt import Address, Connection, Mqtt5, Mqtt311, Will
from greengrass_components.sparkplug.payload import BadPayload, DataType, Metric, decode_commands, encode

log = logging.getLogger(__name__)

REBIRTH: Final = "Node Control/Rebirth"
REBIRTH_ALIAS: Final = 0
#: A device without a row for so long is dead.
SILENT_S: Final = 15.0
BACKOFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
#: A birth wanted again within this time of the last one is that one.
REBIRTH_EVERY_S: Final = 1.0


@dataclass(slots=True)
class SparkplugNode:
    """One run of the edge node. Satisfies `edge_kit.output.Output`."""

    settings: OutputSettings
    group: str = ""
    node: str = ""
    _address: Address | None = None
    _primary: str = ""
    _devices: dict[str, SparkplugDevice] = field(default_factory=dict)
    _waiting: dict[str, list[Metric]] = field(default_factory=dict)
    _born: set[str] = field(default_factory=set)
    _connection: Connection | None = None
    _connecting: "asyncio.Task[None] | None" = None
    _closing: "set[asyncio.Task[None]]" = field(default_factory=set)
    _will: Will | None = None
    _bd_seq: int = 0
    _seq: int = 0
    _births_out: bool = False
    _born_at_s: float = -REBIRTH_EVERY_S
    _host_online: bool | None = None
    _host_ms: int = 0
    _rebirth: bool = False
    _failures: int = 0
    _retry_s: float = 0.0
    _error: str = ""

    # edge_kit.output.Output
    async def start(self, machines: Sequence[MachineView]) -> None:
        """Raises OutputError for settings that cannot be used; the connection is made beside."""
        settings = self.settings
        self.group = _identifier("group", settings.text("group", settings.bootstrap.site))
        self.node = _identifier("node", settings.text("node", settings.bootstrap.thing))
        self._primary = settings.text("primary_host")
        if self._primary:
            _identifier("primary_host", self._primary)
        self._address = _address(settings)
        self._address.tls_context()
        _protocol(settings)
        alias, used = REBIRTH_ALIAS + 1, set[str]()
        for view in machines:
            name = _device_name(view, used)
            device = SparkplugDevice(view, name, first_alias=alias)
            alias = device.next_alias
            device.seen_s = time.monotonic() if device.online else 0.0
            for source in view.sources:
                self._devices[source.id] = device

    def take(self, seen: RowSeen | EventSeen) -> None:
        device = self._devices.get(seen.source)
        if device is None:
            return
        if isinstance(seen, RowSeen):
            device.seen_s = time.monotonic()
            found = list(device.row(seen))
        else:
            found = list(device.event(seen))
        if device.name in self._born:
            self._waiting.setdefault(device.name, []).extend(found)

    async def step(self) -> None:
        now_s = time.monotonic()
        if self._connection is None:
            self._reconnect(now_s)
            return
        if not self._births_out:
            if self._host_allows():
                self._give_birth()
            return
        if self._primary and self._host_online is False:
            await self._leave("the primary host is offline")
            return
        if self._rebirth and now_s >= self._born_at_s + REBIRTH_EVERY_S:
            self._give_birth()
        self._devices_come_and_go(now_s)
        for name, metrics in self._waiting.items():
            if name in self._born and metrics:
                self._publish("DDATA", name, metrics)
        self._waiting.clear()

    @property
    def state(self) -> str:
        if self._connection is None:
            return "connecting"
        return "running" if self._births_out else "waiting for the primary host"

    @property
    def error(self) -> str:
        return "" if self._connection else self._error

    async def stop(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await self._leave("the end of the component")
        if self._closing:
            await asyncio.wait(self._closing)

    # connection
    def _reconnect(self, now_s: float) -> None:
        task = self._connecting
        if task is None:
            if now_s >= self._retry_s:
                self._connecting = asyncio.create_task(self._connect(), name="sparkplug connect")
            return
        if not task.done():
            return
        self._connecting = None
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        if not isinstance(error, OutputError | OSError):
            raise error
        self._fail(str(error), now_s)

    def _fail(self, why: str, now_s: float) -> None:
        if why != self._error:
            log.warning("sparkplug: %s", why)
        self._error = why
        self._retry_s = now_s + BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        self._failures += 1

    async def _connect(self) -> None:
        """CONNECT with a will of its own bdSeq, then subscribe; births come with the next step."""
        if self._address is None:
            raise OutputError("not started")
        self._bd_seq = next_bd_seq(self.settings.bootstrap.data / "output" / "sparkplug" / "bdseq")
        self._will = Will(f"spBv1.0/{self.group}/NDEATH/{self.node}", self._death())
        connection = _protocol(self.settings)(self._address)
        self._host_online, self._host_ms = None, 0

        def lost(why: str) -> None:
            if self._connection is connection:
                self._connection = None
                self._fail(f"the connection was lost: {why}", time.monotonic())
            self._begin_close(connection)

        topics = [f"spBv1.0/{self.group}/NCMD/{self.node}", f"spBv1.0/{self.group}/DCMD/{self.node}/+"]
        if self._primary:
            topics.append(f"spBv1.0/STATE/{self._primary}")
        try:
            await connection.connect(self._will, self._message, lost)
            await connection.subscribe(topics)
        except BaseException:
            self._begin_close(connection)
            raise
        self._births_out, self._rebirth = False, False
        self._born.clear()
        self._waiting.clear()
        self._connection, self._failures, self._error = connection, 0, ""
        log.info("sparkplug: connected as %s/%s, bdSeq %d", self.group, self.node, self._bd_seq)

    def _begin_close(self, connection: Connection) -> None:
        task = asyncio.create_task(connection.close(), name="sparkplug close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _leave(self, why: str) -> None:
        """Say the death ourselves, then disconnect: a broker drops the will of who disconnects in order."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        log.info("sparkplug: leaving, %s", why)
        if self._will is not None:
            await connection.publish_death(self._will)
        await connection.close()
        self._fail(why, time.monotonic())

    def _death(self) -> bytes:
        now = wall_ms()
        metric = Metric(DataType.INT64, self._bd_seq, now, "bdSeq")
        return encode([metric], timestamp_ms=now, seq=None)

    # messages
    def _give_birth(self) -> None:
        """NBIRTH with seq 0, then a DBIRTH of every device that is there."""
        now = wall_ms()
        self._seq, self._births_out, self._rebirth, self._born_at_s = -1, True, False, time.monotonic()
        self._born.clear()
        self._waiting.clear()
        metrics = [
            Metric(DataType.INT64, self._bd_seq, now, "bdSeq"),
            Metric(DataType.BOOLEAN, False, now, REBIRTH, REBIRTH_ALIAS),
        ]
        self._publish("NBIRTH", "", metrics)
        for device in self._all():
            if device.online:
                self._device_birth(device)

    def _device_birth(self, device: SparkplugDevice) -> None:
        self._publish("DBIRTH", device.name, device.birth(wall_ms()))
        self._born.add(device.name)
        self._waiting.pop(device.name, None)

    def _devices_come_and_go(self, now_s: float) -> None:
        for device in self._all():
            alive = device.online and now_s < device.seen_s + SILENT_S
            if alive and device.name not in self._born:
                self._device_birth(device)
            elif not alive and device.name in self._born:
                self._waiting.pop(device.name, None)
                self._publish("DDEATH", device.name, [])
                self._born.discard(device.name)

    def _all(self) -> list[SparkplugDevice]:
        return list(dict.fromkeys(self._devices.values()))

    def _publish(self, kind: str, device: str, metrics: Sequence[Metric]) -> None:
        if self._connection is None:
            return
        self._seq = (self._seq + 1) % 256
        topic = f"spBv1.0/{self.group}/{kind}/{self.node}" + (f"/{device}" if device else "")
        self._connection.publish(topic, encode(metrics, timestamp_ms=wall_ms(), seq=self._seq))

    def _message(self, topic: str, payload: bytes) -> None:
        if self._primary and topic == f"spBv1.0/STATE/{self._primary}":
            self._host_state(payload)
            return
        if topic != f"spBv1.0/{self.group}/NCMD/{self.node}":
            log.warning("%s: commands to devices are not carried out here", topic)
            return
        try:
            commands = decode_commands(payload)
        except BadPayload as error:
            log.warning("%s: %s", topic, error)
            return
        for command in commands:
            ours = command.name == REBIRTH or (not command.name and command.alias == REBIRTH_ALIAS)
            if ours and command.value is True:
                self._rebirth = True
            elif not ours:
                log.warning("%s: %.60r is not carried out here", topic, command.name)

    def _host_allows(self) -> bool:
        return not self._primary or self._host_online is True

    def _host_state(self, payload: bytes) -> None:
        """JSON {online, timestamp}; an older timestamp than the newest seen says nothing."""
        try:
            told = json.loads(payload)
            online, at_ms = told["online"], told["timestamp"]
        except (ValueError, KeyError, TypeError, RecursionError):
            log.warning("STATE of %s: expected JSON with online and timestamp", self._primary)
            return
        if isinstance(online, bool) and isinstance(at_ms, int) and at_ms >= self._host_ms:
            self._host_online, self._host_ms = online, at_ms


def next_bd_seq(path: Path) -> int:
    """The bdSeq of the next connection, 0 to 255, one more than the last one of any run."""
    try:
        last = int(path.read_text())
    except (OSError, ValueError):
        last = 255
    following = (last + 1) % 256
    write_atomic(path, str(following).encode())
    return following


def _protocol(settings: OutputSettings) -> type[Mqtt311] | type[Mqtt5]:
    protocol = settings.text("protocol", "3.1.1")
    if protocol not in ("3.1.1", "5"):
        raise OutputError(f'protocol {protocol!r}, expected "3.1.1" or "5"')
    return Mqtt311 if protocol == "3.1.1" else Mqtt5


def _address(settings: OutputSettings) -> Address:
    host, tls = settings.text("host"), settings.flag("tls")
    if not host:
        raise OutputError("host: expected the address of the broker")
    password = settings.secret_file("password_file")
    return Address(
        host=host,
        port=settings.whole("port", 1, 0xFFFF, 8883 if tls else 1883),
        client_id=settings.text("client_id", f"cnc-{settings.bootstrap.thing}"),
        tls=tls,
        username=settings.text("username") or None,
        password=password.decode("utf-8", "replace").strip() if password else None,
        ca=settings.secret_file("ca_file"),
        cert=settings.secret_file("cert_file"),
        key=settings.secret_file("key_file"),
        keep_alive_s=settings.whole("keep_alive_s", 5, 3600, 30),
    )


def _identifier(what: str, text: str) -> str:
    if not text or any(mark in text for mark in "+/#") or not text.isprintable():
        raise OutputError(f"{what}: {text!r}, expected a text without + / #")
    return text


def _device_name(view: MachineView, used: set[str]) -> str:
    name = "".join("_" if mark in "+/#" or not mark.isprintable() else mark for mark in view.name).strip()
    name = name if name and name not in used else view.id
    used.add(name)
    return name
