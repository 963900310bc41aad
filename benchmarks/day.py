"""24 hours of 30 signals at one minute, through the GraphQL function, against reading a row per second.

The rows' reader is the usual one: a boto3 resource, pages of a query, Decimal, a mean per minute. It reads one hour
(3,600 rows); its figures are stated for 24.
"""

import importlib
from collections.abc import Iterator
from decimal import Decimal
from statistics import fmean
from typing import Any

import boto3
import orjson

from benchmarks.api_call import series_event
from benchmarks.engine import Engine, engine
from benchmarks.figures import Figure
from benchmarks.history import HOUR_MS, START, History, counting_reads
from benchmarks.readings import minutes
from benchmarks.timing import interleaved
from cnc.domain.rates.plans import PLANS

HOURS = 24
START_MS = int(START.timestamp() * 1000)


def run() -> list[Figure]:
    with engine() as running:
        history = History(running, minutes(6, 60, together=True)[:60])
        history.close_hours(hours=HOURS)
        _store_rows(running, history)
        rows = _RowReader(history)
        module = importlib.import_module("functions.graphql.handler")
        _sign_in(module)
        module.rates.limiter.plan_of = lambda _: PLANS["roomy"]
        units = counting_reads(module.stores.rollups._client)
        event = series_event(
            history.machine,
            signals=list(history.schema.index),
            from_ms=START_MS,
            to_ms=START_MS + HOURS * HOUR_MS,
            resolution_s=60,
        )

        def ours() -> Any:
            return module.lambda_handler(event, _Context)

        answer = orjson.loads(ours()["body"])
        _check(answer, history, rows)
        units.clear()
        ours()
        read_units = sum(units) + 0.5  # the machine's row of the shop, read by PynamoDB
        took = interleaved({"ours": ours, "rows": rows.hour}, rounds=5, calls={"ours": 3})
    return [
        Figure("day", "read units of 24 h x 30 signals", read_units, "RRU", 12),
        Figure("day", "times under rows through boto3", HOURS * took["rows"].median_s / took["ours"].median_s, "x", 100,
               at_least=True, note=f"rows: {HOURS * rows.units:,.0f} RRU"),
        Figure("day", "CPU of the whole GraphQL answer (43,200 values)", took["ours"].median_s * 1000, "ms"),
        Figure("day", "CPU of 24 h of rows", HOURS * took["rows"].median_s * 1000, "ms", note="24 x one hour"),
    ]  # fmt: skip


class _Context:
    aws_request_id = "11111111-2222-3333-4444-555555555555"


def _sign_in(module: Any) -> None:
    from benchmarks.engine import NoSts

    module.clients._sessions._sts = NoSts


def _store_rows(running: Engine, history: History) -> None:
    """One hour as rows: 3,600 items of a key and 30 attributes."""
    table = boto3.resource("dynamodb").Table("rows")
    with table.batch_writer() as writer:
        for item in _items(history):
            writer.put_item(Item=item)
    counted = running.client.query(
        TableName="rows",
        KeyConditionExpression="p = :p",
        ExpressionAttributeValues={":p": {"S": history.machine}},
        Select="COUNT",
    )
    assert counted["Count"] > 0


def _items(history: History) -> Iterator[dict[str, Any]]:
    for chunk in history.rows(0):
        columns = [signal.values(column) for signal, column in zip(history.schema.signals, chunk.columns, strict=True)]
        for row, values in enumerate(zip(*columns, strict=True)):
            named = zip(history.schema.index, values, strict=True)
            yield {"p": history.machine, "s": str(chunk.t0_ms + row * chunk.period_ms)} | {
                key: value if isinstance(value, str) else Decimal(str(value))
                for key, value in named
                if value is not None
            }


class _RowReader:
    def __init__(self, history: History) -> None:
        self._table = boto3.resource("dynamodb").Table("rows")
        self._machine = history.machine
        self._keys = list(history.schema.index)
        self.units = 0.0

    def hour(self) -> dict[str, list[Any]]:
        """Columns of 60 minutes: mean of numbers, last of texts."""
        minute_rows: list[list[dict[str, Any]]] = [[] for _ in range(60)]
        for item in self._pages():
            minute_rows[(int(item["s"]) - START_MS) // 60_000].append(item)
        return {key: [_reduced([row[key] for row in rows if key in row]) for rows in minute_rows] for key in self._keys}

    def _pages(self) -> Iterator[dict[str, Any]]:
        self.units = 0.0
        call: dict[str, Any] = {
            "KeyConditionExpression": "p = :p AND s BETWEEN :a AND :b",
            "ExpressionAttributeValues": {":p": self._machine, ":a": str(START_MS), ":b": str(START_MS + HOUR_MS - 1)},
            "ReturnConsumedCapacity": "TOTAL",
        }
        while True:
            page = self._table.query(**call)
            self.units += page["ConsumedCapacity"]["CapacityUnits"]
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            call["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _reduced(values: list[Any]) -> Any:
    if not values:
        return None
    return values[-1] if isinstance(values[-1], str) else fmean(map(float, values))


def _check(answer: dict[str, Any], history: History, rows: _RowReader) -> None:
    """Both say the same of the first hour, within the resolution of the signal."""
    assert "errors" not in answer, answer
    series = answer["data"]["series"]
    assert len(series["timestamps"]) == HOURS * 60, len(series["timestamps"])
    by_rows = rows.hour()
    for key, signal in zip(history.schema.index, history.schema.signals, strict=True):
        for ours, theirs in zip(series["columns"][key], by_rows[key], strict=False):
            same = ours == theirs if isinstance(theirs, str | None) else abs(ours - theirs) <= signal.resolution
            assert same, f"{key}: {ours} from rollups, {theirs} from rows"
