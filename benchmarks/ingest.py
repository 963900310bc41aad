"""CPU of ingest per batch of 1,800 values, durable write included, against the usual way.

Ours: the whole handler of `telemetry_minute`, from the rule's event to the answer of the engine. The usual way: JSON
rows, pydantic, a Logger, and a boto3 resource's batch_writer with an item per row. The engine runs in a process of its
own and is not counted on either side.
"""

import contextlib
import importlib
import io
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import boto3
from aws_lambda_powertools.logging import Logger
from pydantic import create_model

from benchmarks.engine import Engine, NoSts, engine
from benchmarks.figures import Figure
from benchmarks.gateway import TENANT, message, rule_event, shop_row
from benchmarks.readings import ROWS, SIGNALS, Minute, minutes
from benchmarks.timing import interleaved
from cnc.domain.telemetry.chunk import decode

ROUNDS = 11


class Context:
    """What Lambda hands to a handler."""

    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "bench"


def run() -> list[Figure]:
    read = minutes(20, 8)[::8]
    with engine() as running:
        for count in (1, 20):
            running.client.put_item(TableName="shop", Item=shop_row(count))
        handler = _handler()
        t0_ms = int(time.time() * 1000) // 60_000 * 60_000 - 60_000
        ours = {count: _ours(handler, read[:count], t0_ms) for count in (1, 20)}
        peer = _peer(read[0], t0_ms)
        with contextlib.redirect_stdout(io.StringIO()):
            ours[20]()
            _check(running, read, t0_ms)
            peer()
            _check_peer(running, read[0], t0_ms)
            took = interleaved(
                {"one": ours[1], "twenty": ours[20], "rows": peer}, rounds=ROUNDS, calls={"one": 20, "twenty": 8}
            )
    one, twenty, rows = took["one"], took["twenty"], took["rows"]
    return [
        Figure("ingest", "times under rows, 1 machine a message", rows.median_s / one.median_s, "x", 15, at_least=True),
        Figure(
            "ingest",
            "times under rows, packed by 20",
            rows.median_s * 20 / twenty.median_s,
            "x",
            150,
            at_least=True,
            note=f"best rounds: {rows.best_s / one.best_s:.0f}x and {rows.best_s * 20 / twenty.best_s:.0f}x",
        ),
        Figure("ingest", "CPU of a message of 1 machine", one.median_s * 1000, "ms"),
        Figure("ingest", "CPU of a message of 20 machines", twenty.median_s * 1000, "ms"),
        Figure("ingest", "CPU of 60 rows by json + pydantic + batch_writer", rows.median_s * 1000, "ms"),
    ]


def _handler() -> Any:
    module = importlib.import_module("functions.telemetry_minute.handler")
    module.clients._sessions._sts = NoSts
    return module.lambda_handler


def _ours(handler: Any, read: tuple[Minute, ...], t0_ms: int) -> Callable[[], object]:
    payload = message(read, t0_ms=t0_ms, sent_ms=t0_ms + 63_000)
    event = rule_event(payload, received_ms=t0_ms + 63_000, sources=len(read))
    return lambda: handler(event, Context)


def _check(running: Engine, read: tuple[Minute, ...], t0_ms: int) -> None:
    """What is in the table is what was read."""
    found = running.client.scan(TableName="telemetry")["Items"]
    stored = {item["p"]["S"][-16:]: item for item in found if item["p"]["S"].startswith(f"T#{TENANT}#M#")}
    assert len(stored) == len(read), f"{len(stored)} chunks stored, {len(read)} sent"
    for number, minute in enumerate(read):
        rows = decode(bytes(stored[f"{number:016d}"]["b"]["B"]), minute.schema)
        assert (rows.columns, rows.t0_ms) == (minute.rows.columns, t0_ms)


def _peer(minute: Minute, t0_ms: int) -> Callable[[], None]:
    """The usual handler over the same 60 rows."""
    keys = [signal.key.replace(".", "_") for signal in minute.schema.signals]
    fields: dict[str, Any] = {
        key: (str | None if signal.kind == "text" else Decimal | None, None)
        for key, signal in zip(keys, minute.schema.signals, strict=True)
    }
    reading = create_model("Reading", ts=(int, ...), **fields)
    batch = create_model("Batch", machine=(str, ...), rows=(list[reading], ...))  # type: ignore[valid-type]
    columns = [signal.values(column) for signal, column in zip(minute.schema.signals, minute.rows.columns, strict=True)]
    rows = [
        {"ts": t0_ms + at * 1000, **dict(zip(keys, values, strict=True))}
        for at, values in enumerate(zip(*columns, strict=True))
    ]
    text = json.dumps({"machine": "m_peer", "rows": rows})
    table, logger = boto3.resource("dynamodb").Table("rows"), Logger(service="rows", stream=io.StringIO())

    def handle() -> None:
        document: Any = batch.model_validate(json.loads(text, parse_float=Decimal))
        logger.info("received", extra={"machine": document.machine, "rows": len(document.rows)})
        with table.batch_writer() as writer:
            for row in document.rows:
                item = row.model_dump(exclude_none=True)
                writer.put_item(Item={"p": document.machine, "s": str(item.pop("ts")), **item})

    return handle


def _check_peer(running: Engine, minute: Minute, t0_ms: int) -> None:
    found = running.client.query(
        TableName="rows",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": "m_peer"}},
    )["Items"]
    assert len(found) == ROWS, f"{len(found)} rows stored, {ROWS} sent"
    for number, signal in enumerate(minute.schema.signals):
        value = signal.value(minute.rows.columns[number][0])
        stored = found[0].get(signal.key.replace(".", "_"), {"N": "nan"})
        same = stored.get("S") == value if isinstance(value, str) else value is None or float(stored["N"]) == value
        assert same, f"{signal.key}: {stored} stored, {value} read at {t0_ms}"
    assert len(minute.schema.signals) == SIGNALS
