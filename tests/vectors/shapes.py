"""Vectors as JSON: `{"name", "format", "hex", "value"}`, for readers of our formats in any language.

A message whose form is JSON has `value` = that JSON; binary ones have the fields of the Python value, bytes in hex.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cnc.domain.telemetry import chunk, events, health, live, minute, receipt, rollup, schema
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.wire import dumps

FOLDER = Path(__file__).parent


def load() -> list[dict[str, Any]]:
    return [vector for path in sorted(FOLDER.glob("*.json")) for vector in json.loads(path.read_text())]


def plain(value: Any) -> Any:
    """Dataclasses, tuples and bytes as JSON knows them."""
    return json.loads(json.dumps(value, default=lambda item: item.hex() if isinstance(item, bytes) else asdict(item)))


def rows(value: dict[str, Any]) -> Rows:
    return Rows(**{**value, "schema_hash": bytes.fromhex(value["schema_hash"]), "boot": bytes.fromhex(value["boot"])})


def minute_message(value: dict[str, Any]) -> minute.MinuteMessage:
    parts = [
        minute.SourceMinute(
            part["source"],
            bytes.fromhex(part["chunk"]),
            bytes.fromhex(part["events"]),
            None if part["schema"] is None else bytes.fromhex(part["schema"]),
        )
        for part in value["minutes"]
    ]
    return minute.MinuteMessage(value["sent_ms"], tuple(parts))


def asks_value(data: bytes) -> list[Any]:
    """[request, asks] or [request, asks, health]."""
    question = receipt.unpack_asks(data)
    told = [] if question.health is None else [health.health_from(question.health)]
    return [question.request, question.asks, *told]


def minute_events_1(value: Any) -> bytes:
    """As gateways packed before events had words of their own; the cloud reads them for ever."""
    if not value:
        return b""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return deflate.compress(dumps(value)) + deflate.flush()


def rollup_value(value: dict[str, Any]) -> rollup.Rollup:
    return rollup.Rollup(**{**value, "schema_hash": bytes.fromhex(value["schema_hash"])})


#: format -> (bytes to value, plain value to bytes)
FORMATS: dict[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "chunk": (chunk.decode, lambda value: chunk.encode(rows(value))),
    "rollup": (rollup.decode_rollup, lambda value: rollup.encode_rollup(rollup_value(value))),
    "minute": (minute.unpack, lambda value: minute.pack(minute_message(value))),
    "minute_events": (
        minute.unpack_minute_events,
        lambda value: minute.pack_minute_events([events.Event(**event) for event in value]),
    ),
    "minute_events_1": (minute.unpack_minute_events, minute_events_1),
    "events": (
        events.unpack_events,
        lambda value: events.pack_events([events.Event(**event) for event in value[1]], sent_ms=value[0]),
    ),
    "live": (
        live.unpack_live,
        lambda value: live.pack_live([live.LiveFrame(**frame) for frame in value[1]], sent_ms=value[0]),
    ),
    "asks": (
        asks_value,
        lambda value: receipt.pack_asks(
            value[0], [receipt.Ask(**ask) for ask in value[1]], health_message(value[2]) if len(value) > 2 else None
        ),
    ),
    "answers": (
        receipt.unpack_answers,
        lambda value: receipt.pack_answers(value[0], [receipt.Answer(**answer) for answer in value[1]]),
    ),
    "health": (health.unpack_health, lambda value: health.pack_health(health_message(value))),
    "schema": (schema.Schema.parse, lambda value: schema_value(value).canonical()),
}


def health_message(value: dict[str, Any]) -> health.HealthMessage:
    sources = [
        health.SourceHealth(
            **{
                **source,
                "gaps": tuple(health.Gap(**gap) for gap in source["gaps"]),
                "unobserved": tuple(health.Unobserved(**span) for span in source["unobserved"]),
            }
        )
        for source in value["sources"]
    ]
    return health.HealthMessage(**{**value, "sources": tuple(sources)})


def schema_value(value: dict[str, Any]) -> schema.Schema:
    return schema.Schema(
        tuple(schema.Signal(**{**signal, "texts": tuple(signal["texts"])}) for signal in value["signals"])
    )
