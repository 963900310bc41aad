"""CPU of a gateway per value: from the device's registers to an acknowledged message, against a request per tag.

Ours: block reads, poll loop with change detection, journal with one fdatasync a second for all sources, relay that
reads the journal back, cuts and encodes minutes, MQTT 5 with QoS 1 over TLS. The peer only reads: pymodbus, one
request per tag, decoded with its own function. Devices and broker run in a process of their own and are not counted.
"""

import asyncio
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pymodbus.client import AsyncModbusTcpClient

from benchmarks.edge_map import SITE, TAGS, TENANT, THING, device
from benchmarks.figures import Figure
from greengrass_components.edge_kit.config import Bootstrap, SourceConfig
from greengrass_components.edge_kit.journal import Journal, JournalLimits
from greengrass_components.edge_kit.mqtt_link import MqttLink
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.modbus.client import ModbusClient
from greengrass_components.modbus.driver import ModbusDriver
from greengrass_components.relay.relay import Relay, open_relay

ROOT: Final = Path(__file__).resolve().parents[1]
DEVICES: Final = 20
#: Fewer than the messages that may wait for a receipt, which nobody gives here.
MINUTES: Final = 5
T0_MS: Final = 1_764_000_000_000 // 60_000 * 60_000
CONNECT_WITHIN_S: Final = 20.0


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)) as site:
        ours, peer = asyncio.run(_measure(Path(folder), site))
    return [
        Figure("edge", "share of pymodbus per tag (1/12 = 0.0833)", ours / peer, "x", 1 / 12, note="and edge_peer"),
        Figure("edge", "CPU per value, to an acknowledged message", ours * 1e6, "us", note=f"{DEVICES} devices"),
        Figure("edge", "CPU per value, pymodbus per tag, read only", peer * 1e6, "us"),
    ]


@contextmanager
def _site(folder: Path) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.edge_site", str(folder), str(DEVICES)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        found: dict[str, Any] = json.loads(child.stdout.readline())
        yield found
    finally:
        child.stdin.close()
        child.wait(timeout=20)


@dataclass(slots=True)
class _Pace:
    """A minute takes as long as its reads."""

    ms: int = T0_MS

    def now_ms(self) -> int:
        return self.ms

    async def sleep_until(self, at_ms: int) -> None:
        self.ms = max(self.ms, at_ms)

    def wall_s(self, shop_ms: int) -> float:
        return max(5.0, shop_ms / 1000)


async def _measure(folder: Path, site: dict[str, Any]) -> tuple[float, float]:
    """CPU seconds per value: ours and the peer's, in turns by the minute; the middle of the turns."""
    pace = _Pace()
    bootstrap = Bootstrap(
        thing=THING,
        tenant=TENANT,
        site=SITE,
        data=folder / "gateway",
        endpoint="localhost",
        port=site["mqtt"],
        ca=Path(site["ca"]),
        cert=Path(site["cert"]),
        key=Path(site["key"]),
    )
    journal = Journal.open(
        bootstrap.journal("modbus"),
        component="modbus",
        clock_ms=pace.now_ms,
        random=secrets.token_bytes,
        limits=JournalLimits(),
    )
    loops = [await _loop(n, port, journal, pace) for n, port in enumerate(site["ports"])]
    link = MqttLink(bootstrap)
    await link.start([bootstrap.down("receipt")], lambda _topic, _payload: None, lambda: None)
    async with asyncio.timeout(CONNECT_WITHIN_S):
        while not link.connected:
            await asyncio.sleep(0.05)
    relay = open_relay(bootstrap, link=link, pace=pace)
    clients = [await _client(port) for port in site["ports"]]
    ours, peer = [], []
    for minute in range(MINUTES + 1):
        ours.append(await _our_minute(loops, journal, relay, pace, minute))
        peer.append(await _peer_rows(clients, rows=2))
    sent = relay.outbox.fresh
    assert not sent, f"{len(sent)} minutes were not sent"
    for loop in loops:
        await loop.driver.close()
    for client in clients:
        client.close()
    await link.close()
    journal.close()
    values = TAGS * DEVICES
    # The first turn connects and warms up; a minute is read whole from the second on.
    return sorted(ours[1:])[MINUTES // 2] / (60 * values), sorted(peer[1:])[MINUTES // 2] / (2 * values)


async def _loop(number: int, port: int, journal: Journal, pace: _Pace) -> PollLoop:
    source = f"d_{number:016d}"
    client = ModbusClient("127.0.0.1", port=port, unit=1, request_timeout_s=5.0)
    driver = ModbusDriver(client, device=device(), source=source)
    loop = PollLoop(SourceConfig(source, f"m_{number:016d}", "modbus", 1000), driver, journal, pace)
    loop._begin(await driver.connect())
    loop.state.connected = True
    return loop


async def _our_minute(loops: list[PollLoop], journal: Journal, relay: Relay, pace: _Pace, minute: int) -> float:
    """60 ticks of every source, and the minute before on its way to the broker and acknowledged."""
    started = time.process_time()
    for second in range(60):
        pace.ms = T0_MS + (minute * 60 + second) * 1000
        await asyncio.gather(*(loop._tick(pace.ms) for loop in loops))
        journal.sync()
        await relay._read()
        await relay.previews.step()
        if second == 3 and relay.outbox.fresh:
            await relay.outbox.send_fresh()
    took = time.process_time() - started
    unread = sum(loop.state.unread for loop in loops)
    assert not unread, f"{unread} rows could not be read"
    return took


async def _client(port: int) -> AsyncModbusTcpClient:
    client = AsyncModbusTcpClient("127.0.0.1", port=port)
    assert await client.connect()
    return client


async def _peer_rows(clients: list[AsyncModbusTcpClient], *, rows: int) -> float:
    started = time.process_time()
    for _ in range(rows):
        found = await asyncio.gather(*(_row_by_tags(client) for client in clients))
        assert all(len(row) == TAGS for row in found)
    return time.process_time() - started


async def _row_by_tags(client: AsyncModbusTcpClient) -> list[Any]:
    row = []
    for tag in range(TAGS):
        answer = await client.read_input_registers(2 * tag, count=2, device_id=1)
        row.append(client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32))
    return row
