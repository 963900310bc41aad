"""A broker that is not ours, a host that listens on it, and a node with machines to publish."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amqtt.broker import Broker
from awscrt import mqtt

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.floor import MachineView, SourceView
from greengrass_components.edge_kit.follow import EventSeen, RowSeen
from greengrass_components.edge_kit.output import OutputSettings
from greengrass_components.sparkplug.node import SparkplugNode
from tests.edge_kit.fakes import bootstrap
from tests.sparkplug.decoder import decode

SCHEMA = Schema(
    (
        Signal("controller.execution", "", "text", texts=("READY", "ACTIVE")),
        Signal("x.position.actual", "MILLIMETER", resolution=0.001),
    )
)
SOURCES = ("d_" + "1" * 16, "d_" + "2" * 16)
_ANONYMOUS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@asynccontextmanager
async def broker(port: int) -> AsyncIterator[Broker]:
    made = Broker({"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}, "plugins": _ANONYMOUS})
    await made.start()
    try:
        yield made
    finally:
        await made.shutdown()
        for connection in _connections(port):  # it leaves them to the end of the loop
            connection.abort()
        await asyncio.sleep(0)


def _connections(port: int) -> list[asyncio.Transport]:
    """Those of this loop at the broker's side."""
    transports = list(asyncio.get_running_loop()._transports.values())  # type: ignore[attr-defined]
    return [found for found in transports if found.get_extra_info("sockname")[1] == port]


@dataclass
class Host:
    """Everything below spBv1.0, in the order it came."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    connection: Any = None

    def kinds(self) -> list[str]:
        return [topic.split("/")[2] for topic, _ in self.heard]

    def last(self, kind: str) -> Any:
        return next(payload for topic, payload in reversed(self.heard) if f"/{kind}/" in topic)

    async def hears(self, kind: str) -> None:
        async with asyncio.timeout(10):
            while kind not in self.kinds():
                await asyncio.sleep(0.02)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        future, _ = self.connection.publish(topic, payload, mqtt.QoS.AT_LEAST_ONCE, retain)
        await asyncio.wrap_future(future)


@asynccontextmanager
async def host(port: int) -> AsyncIterator[Host]:
    made, loop = Host(), asyncio.get_running_loop()

    def note(topic: str, payload: bytes) -> None:
        made.heard.append((topic, decode(payload)))

    def heard(topic: str, payload: bytes, **_: object) -> None:
        if "/STATE/" not in topic and "CMD/" not in topic:
            loop.call_soon_threadsafe(note, topic, payload)

    made.connection = mqtt.Connection(
        client=mqtt.Client(), host_name="127.0.0.1", port=port, client_id="host", clean_session=True
    )
    await asyncio.wrap_future(made.connection.connect())
    future, _ = made.connection.subscribe("spBv1.0/#", mqtt.QoS.AT_LEAST_ONCE, heard)
    await asyncio.wrap_future(future)
    try:
        yield made
    finally:
        await asyncio.wrap_future(made.connection.disconnect())


def row(source: str, at_ms: int, *values: int | None) -> RowSeen:
    return RowSeen(source, at_ms, values, 0)


def views() -> list[MachineView]:
    """Two machines, the first with a row."""
    first = SourceView(SOURCES[0], "m_1", SCHEMA, row(SOURCES[0], 1000, 1, 12_500))
    first.events[("program",)] = EventSeen(SOURCES[0], 1000, "program", {"name": "O1"})
    second = SourceView(SOURCES[1], "m_2", SCHEMA, row(SOURCES[1], 1000, 0, 0))
    return [MachineView("m_1", "Mill 1", (first,)), MachineView("m_2", "Lathe/2", (second,))]


def node(folder: Path, port: object, **settings: object) -> SparkplugNode:
    told = {"enabled": True, "host": "127.0.0.1", "port": port, "group": "Plant", "node": "edge", **settings}
    return SparkplugNode(OutputSettings(told, bootstrap(folder)))


async def stepping(made: SparkplugNode, until: Callable[[], bool], within_s: float = 15.0) -> None:
    """Step the node until a condition holds, and fail by the deadline."""
    async with asyncio.timeout(within_s):
        while not until():
            await made.step()
            await asyncio.sleep(0.02)
