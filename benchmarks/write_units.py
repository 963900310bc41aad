"""Write units per 1,000 values: chunks of a minute and the rollup of an hour, as the stores put them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from statistics import mean
from typing import Any

from benchmarks.all_sources import hours
from benchmarks.figures import Figure
from benchmarks.gateway import TENANT, machine_id, source_id
from benchmarks.readings import ROWS, SIGNALS, Minute, minutes
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.rollups import RollupStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.telemetry.chunk import Header, encode
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.minute import pack_minute_events
from cnc.domain.telemetry.rollup import rollup
from cnc.domain.telemetry.schema import Schema
from cnc.services.ingest.ports import NewChunk
from cnc.services.stored import SourceRollup

UNIT_BYTES = 1024
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTES_PER_HOUR = 60


class Recorder:
    """A DynamoDB client that keeps what is put."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def put_item(self, **call: Any) -> dict[str, Any]:
        self.items.append(call["Item"])
        return {}

    def query(self, **_: Any) -> dict[str, Any]:
        return {"Items": []}


def run() -> list[Figure]:
    read = minutes(20, 8)
    chunk_units = mean(chunk_writes(read))
    with_events = mean(chunk_writes(read, with_events=True))
    kinds = minutes(6, MINUTES_PER_HOUR, together=True)
    by_machine = [kinds[at : at + MINUTES_PER_HOUR] for at in range(0, len(kinds), MINUTES_PER_HOUR)]
    rollup_units = mean(rollup_writes(hour) for hour in by_machine)
    values = ROWS * SIGNALS / 1000
    total = chunk_units / values + rollup_units / (values * MINUTES_PER_HOUR)
    return [
        Figure("writes", "chunks and rollups", total, "WRU/1,000 values", 0.90),
        Figure(
            "writes",
            "the same over all sources of the demo shop",
            every_source(),
            "WRU/1,000 values",
            0.90,
            note=f"with the demo's many events in the items {every_source(with_events=True):.2f}",
        ),
        Figure("writes", "a chunk (working day)", chunk_units, "WRU"),
        Figure("writes", "the same with its minute's events in the item", with_events, "WRU"),
        Figure("writes", "a rollup of an hour", rollup_units, "WRU", note="6 machines, 09:00 to 10:00"),
    ]


def chunk_writes(read: Sequence[Minute], *, with_events: bool = False) -> list[int]:
    """Write units of each minute's item."""
    client = Recorder()
    store = MinuteStore(client, table="telemetry")
    with acting_for(TENANT):
        for number, minute in enumerate(read):
            chunk = encode(minute.rows)
            events = pack_minute_events(minute.events) if with_events else b""
            new = NewChunk(machine_id(number), source_id(number), Header.peek(chunk), chunk, events)
            store.put([new], expires_at=NOW)
    return [units(item) for item in client.items]


def every_source(*, with_events: bool = False) -> float:
    """Write units of an hour of every source of the demo shop, chunks and rollups, per 1,000 values."""
    written, values = 0, 0.0
    for hour in hours():
        client = Recorder()
        store = MinuteStore(client, table="telemetry")
        with acting_for(TENANT):
            for rows, _, events in hour:
                chunk = encode(rows)
                packed = pack_minute_events(events) if with_events else b""
                store.put([NewChunk(machine_id(0), source_id(0), Header.peek(chunk), chunk, packed)], expires_at=NOW)
        written += sum(map(units, client.items)) + _rollup_writes([rows for rows, _, _ in hour], hour[0][1])
        values += sum(len(rows.columns) * len(rows.quality) for rows, _, _ in hour) / 1000
    return written / values


def rollup_writes(hour: Sequence[Minute]) -> int:
    """Write units of the rollup of 60 minutes of one machine."""
    return _rollup_writes([minute.rows for minute in hour], hour[0].schema)


def _rollup_writes(hour: Sequence[Rows], schema: Schema) -> int:
    client = Recorder()
    made = rollup(hour, schema, hour[0].t0_ms)
    with acting_for(TENANT):
        store = RollupStore(client, table="telemetry")
        hour_s = hour[0].t0_ms // 1000
        store.replace_hour(machine_id(0), hour_s=hour_s, rollups=[SourceRollup(source_id(0), made)], now=NOW)
    return sum(map(units, client.items))


def units(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Write units of one put: a unit per KB begun."""
    return ceil(item_bytes(item) / UNIT_BYTES)


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Size of an item as DynamoDB counts it (developer guide, «item sizes and formats»)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(content)
    if kind == "N":  # about one byte for two significant digits, and one more
        return len(content.strip("-0.")) // 2 + 2
    raise ValueError(f"attribute type {kind}, expected S, N or B")
