"""A gateway of the benchmarks: ids, configuration row, and minute messages made of read minutes."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from benchmarks.readings import Minute
from cnc.domain.telemetry.chunk import encode
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack

TENANT: Final = "t_0000000000000001"
SITE: Final = "s_0000000000000001"


def source_id(number: int) -> str:
    return f"d_{number:016d}"


def machine_id(number: int) -> str:
    return f"m_{number:016d}"


def thing_of(sources: int) -> str:
    """The gateway that has so many machines."""
    return f"g_{sources:016d}"


def shop_row(sources: int) -> dict[str, Any]:
    """The row of the shop table that says which machine each source belongs to."""
    thing = thing_of(sources)
    document = {
        "v": 1,
        "version": 1,
        "tenant": TENANT,
        "site": SITE,
        "thing": thing,
        "sources": [{"id": source_id(n), "machine": machine_id(n), "component": "focas"} for n in range(sources)],
    }
    return {
        "p": {"S": f"T#{TENANT}#G"},
        "s": {"S": thing},
        "document": {"S": json.dumps(document)},
        "v": {"N": "1"},
    }


def chunk_at(minute: Minute, t0_ms: int, first_seq: int = 1) -> bytes:
    """The chunk of 30 signals, moved to a minute of now."""
    return encode(replace(minute.rows, t0_ms=t0_ms, first_seq=first_seq))


def message(minutes: Sequence[Minute], *, t0_ms: int, sent_ms: int, with_schema: bool = False) -> bytes:
    """One minute message in which source n carries the n-th minute."""
    parts = [
        SourceMinute(source_id(n), chunk_at(minute, t0_ms), b"", minute.schema.canonical() if with_schema else None)
        for n, minute in enumerate(minutes)
    ]
    return pack(MinuteMessage(sent_ms, tuple(parts)))


def rule_event(payload: bytes, *, received_ms: int, sources: int) -> dict[str, Any]:
    """What the IoT rule hands to its function."""
    text = base64.b64encode(payload).decode()
    return {"payload": text, "tenant": TENANT, "site": SITE, "thing": thing_of(sources), "received_ms": received_ms}
