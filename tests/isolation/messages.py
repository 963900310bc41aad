"""What a gateway publishes, and the event that its rule makes of it."""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from cnc.domain.telemetry.chunk import encode
from cnc.domain.telemetry.events import Event, pack_events
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.health import HealthMessage, SourceHealth, pack_health
from cnc.domain.telemetry.live import LiveFrame, pack_live
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack
from cnc.domain.telemetry.receipt import Ask, pack_asks
from cnc.domain.telemetry.schema import Schema, Signal

SCHEMA = Schema((Signal("s1.load", "PERCENT", resolution=0.1),))
BOOT = bytes.fromhex("0000000711223344")


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True, slots=True)
class Edge:
    """A gateway with one source; what it says may name the source and machine of somebody else."""

    tenant: str
    site: str
    thing: str
    source: str
    machine: str

    def event(self, payload: bytes, **changed: Any) -> dict[str, Any]:
        """The event of the rule: tenant, site and thing are those of the topic."""
        where = {"tenant": self.tenant, "site": self.site, "thing": self.thing}
        text = base64.b64encode(payload).decode()
        return {"payload": text, **where, "received_ms": now_ms(), **changed}

    def said(self, channel: str) -> bytes:
        """A well-formed message for a channel."""
        return {
            "telemetry_minute": self.minute,
            "telemetry_backlog": self.minute,
            "telemetry_events": lambda: self.alarm("text"),
            "telemetry_live": self.live,
            "receipt": self.asks,
            "edge_health": self.health,
            "machine_report": lambda: self.snapshot("O0001", "0" * 64, 1),
            "gateway_identity": lambda: b'{"v":1}',
        }[channel]()

    def minute(self, *, first: int = 1) -> bytes:
        start = now_ms() // 60_000 * 60_000 - 60_000
        chunk = encode(Rows(SCHEMA.hash, BOOT, first, start, 1000, [[100] * 60], [0] * 60))
        return pack(MinuteMessage(now_ms(), (SourceMinute(self.source, chunk, b"", SCHEMA.canonical()),)))

    def alarm(self, text: str) -> bytes:
        data = {"number": "401", "type": "SV", "text": text, "axis": "X", "active": True}
        return pack_events([Event(self.source, BOOT.hex(), 1, now_ms(), "alarm", data)], sent_ms=now_ms())

    def live(self) -> bytes:
        return pack_live([LiveFrame(self.source, BOOT.hex(), 1, now_ms(), {"s1.load": 1.0})], sent_ms=now_ms())

    def asks(self) -> bytes:
        return pack_asks("q", [Ask(self.source, BOOT.hex(), 1, 60, now_ms() - 120_000, now_ms())])

    def health(self) -> bytes:
        ledger = SourceHealth(self.source, BOOT.hex(), 60, now_ms() - 1000, now_ms() - 60_000)
        return pack_health(HealthMessage(now_ms(), 1, {"focas": "running"}, (ledger,), {"relay": "1"}))

    def snapshot(self, name: str, digest: str, size: int) -> bytes:
        item = {"kind": "program", "name": name, "sha256": digest, "size": size}
        body = {"v": 1, "type": "snapshot", "machine": self.machine, "source": self.source, "serial": "AF01"}
        return json.dumps({**body, "taken_ms": now_ms(), "part": 1, "parts": 1, "items": [item]}).encode()
