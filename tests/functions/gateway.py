"""A gateway for tests: configured in the shop table, with rows, chunks and rule events as the product sends them."""

import base64
import importlib
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from cnc.domain.telemetry.chunk import Rows, encode
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack
from cnc.domain.telemetry.schema import Schema, Signal

TENANT, OTHER = "t_0000000000000001", "t_0000000000000002"
SITE, THING = "s_0000000000000001", "g_0000000000000001"
SCHEMA = Schema(
    (
        Signal("s1.load", "PERCENT", resolution=0.1),
        Signal("controller.execution", "", "text", texts=("READY", "ACTIVE")),
    )
)
BOOT = bytes.fromhex("0000000711223344")


def source_id(number: int) -> str:
    return f"d_{number:016d}"


def machine_id(number: int) -> str:
    return f"m_{number:016d}"


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def minute_start_ms() -> int:
    return now_ms() // 60_000 * 60_000 - 60_000


@dataclass
class Gateway:
    """Sources 1..n, each of the machine with the same number."""

    sources: int = 3
    tenant: str = TENANT
    site: str = SITE
    thing: str = THING
    t0_ms: int = field(default_factory=minute_start_ms)
    sent_ms: int | None = None

    def document(self) -> dict[str, Any]:
        sources = [
            {"id": source_id(n), "machine": machine_id(n), "component": "focas"} for n in range(1, self.sources + 1)
        ]
        return {"v": 1, "version": 1, "tenant": self.tenant, "site": self.site, "thing": self.thing, "sources": sources}

    def shop_row(self) -> dict[str, Any]:
        return {
            "p": {"S": f"T#{self.tenant}#G"},
            "s": {"S": self.thing},
            "document": {"S": json.dumps(self.document())},
            "v": {"N": "1"},
        }

    def chunk(self, *, first: int = 1, rows: int = 60, t0_ms: int | None = None) -> bytes:
        load = [100 + row for row in range(rows)]
        start = self.t0_ms if t0_ms is None else t0_ms
        return encode(Rows(SCHEMA.hash, BOOT, first, start, 1000, [load, [1] * rows], [0] * rows))

    def minute(
        self, number: int, *, first: int = 1, rows: int = 60, with_schema: bool = True, **more: Any
    ) -> SourceMinute:
        schema = SCHEMA.canonical() if with_schema else None
        return SourceMinute(source_id(number), self.chunk(first=first, rows=rows, **more), b"", schema)

    def message(self, *minutes: SourceMinute) -> bytes:
        return pack(
            MinuteMessage(
                self.sent_ms or now_ms(), minutes or tuple(self.minute(n) for n in range(1, self.sources + 1))
            )
        )

    def event(self, payload: bytes, **changed: Any) -> dict[str, Any]:
        text = base64.b64encode(payload).decode()
        event = {
            "payload": text,
            "tenant": self.tenant,
            "site": self.site,
            "thing": self.thing,
            "received_ms": now_ms(),
        }
        return event | changed


class LambdaContext:
    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "cnc-test"


def cold_start(function: str) -> ModuleType:
    """Import the handler anew, as a new worker would, with the environment as it is."""
    name = f"functions.{function}.handler"
    sys.modules.pop(name, None)
    return importlib.import_module(name)
