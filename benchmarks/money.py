"""The bill of a machine-month at 1, 6 and 20 machines per gateway, from units counted at the functions themselves.

Each function runs on the real engine with messages of machines that were read; units are what the engine reports for
its calls. Every call of a function pays for reading the gateway's configuration, as if none were kept; nobody watches
but in the live lane, which is apart. What is done per tenant is paid by one gateway.
"""

import contextlib
import importlib
import io
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.bill import HOURS, SCHEDULE_MINUTES, Call, GatewayUse, machine_month
from benchmarks.engine import Engine, NoSts, engine
from benchmarks.figures import Figure
from benchmarks.gateway import SITE, TENANT, chunk_at, machine_id, rule_event, shop_row, source_id
from benchmarks.readings import BOOT, ROWS, Minute, minutes
from cnc.domain.telemetry.events import Event, pack_events
from cnc.domain.telemetry.health import HealthMessage, SourceHealth
from cnc.domain.telemetry.live import LiveFrame, pack_live
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, pack, pack_minute_events
from cnc.domain.telemetry.receipt import Ask, pack_asks

LIMITS = {1: 0.16, 6: 0.12, 20: 0.11}
CALLS = ("Query", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "Scan")
READS = {"Query", "GetItem", "BatchGetItem", "Scan"}
FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"
REPEATS = 8
#: Minutes that a figure is the mean of at least, taken evenly from all machines.
LOOKED_AT = 40
#: Rows of later messages, so that none is taken for one that came already.
LATER = count(1_000_000)


@dataclass(frozen=True, slots=True)
class Shop:
    """How lively a machine is: batches of events an hour, and which of the events read are sent with their minute.

    The demo's parts are made in seconds, so that a newcomer sees tiles change. A shop as the limits were set for has
    1,500 events a day (performance facts, 5).
    """

    name: str
    every: int
    batches: float | None = None


#: Of 1,500 events a day as many share a second as in the demo: 0.62 batches an event.
USUAL = Shop("a usual shop", every=4, batches=1500 / 24 * 0.62)
DEMO = Shop("the demo shop", every=1)


class _Functions:
    """The handlers, their calls counted."""

    def __init__(self) -> None:
        self.used: list[tuple[str, float]] = []
        self.published = self.invoked = self.objects = 0
        self._modules: dict[str, Any] = {}

    def call(self, name: str, event: Any) -> Call:
        """Run a function once and tell what it used."""
        module = self._modules.get(name) or self._load(name)
        kept = getattr(getattr(module, "stores", None), "assignments", None)
        if kept is not None:
            kept._kept.clear()
        self.used, self.published, self.invoked, self.objects = [], 0, 0, 0
        started = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            module.lambda_handler(event, _Context)
        cpu_ms = (time.process_time() - started) * 1000
        return Call(
            memory_mb=memory_mb(name),
            write_units=sum(units for name, units in self.used if name not in READS),
            read_units=sum(units for name, units in self.used if name in READS),
            cpu_ms=cpu_ms,
            calls=len(self.used),
            published=self.published,
            invoked=self.invoked,
            objects=self.objects,
        )

    def _load(self, name: str) -> Any:
        module = importlib.import_module(f"functions.{name}.handler")
        module.clients._sessions._sts = NoSts
        made_later = module.clients.tenant_session  # of it PynamoDB makes a client of its own
        for events in (
            module.clients.tenant("dynamodb").meta.events,
            module.clients.own("dynamodb").meta.events,
            made_later.get_component("event_emitter"),
        ):
            for operation in CALLS:
                events.register(f"provide-client-params.dynamodb.{operation}", _ask)
                events.register(f"before-call.dynamodb.{operation}", _ask_in_body)
                events.register(f"after-call.dynamodb.{operation}", self._count)
        made = module.clients._made
        made.setdefault(("lambda", True), self)
        for key, client in made.items():
            if key[0] == "iot-data":
                client.publish = self.publish
            elif key[0] == "s3":
                client.put_object = self.put_object
        self._modules[name] = module
        return module

    def _count(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        told = parsed.get("ConsumedCapacity", [])
        for one in told if isinstance(told, list) else [told]:
            self.used.append((model.name, one["CapacityUnits"]))

    def publish(self, **_: Any) -> None:
        self.published += 1

    def invoke(self, **_: Any) -> None:
        self.invoked += 1

    def put_object(self, **_: Any) -> None:
        self.objects += 1


def memory_mb(function: str) -> int:
    """What its manifest asks for."""
    manifest = tomllib.loads((FUNCTIONS / function / "function.toml").read_text())
    return int(manifest["memory_mb"])


class _Context:
    aws_request_id = "11111111-2222-3333-4444-555555555555"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 240_000


def _ask(params: dict[str, Any], **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


def _ask_in_body(params: dict[str, Any], **_: Any) -> None:
    """Batches that are sent as they are have their own body."""
    body = params["body"]
    if b'"ReturnConsumedCapacity"' not in body:
        params["body"] = body[:-1] + b',"ReturnConsumedCapacity":"TOTAL"}'


def run() -> list[Figure]:
    hours = minutes(6, 60, together=True)
    alike = minutes(20, 8)
    with engine() as running:
        functions = _Functions()
        idle = _schedules(functions)
        _machines(running)
        hours_of = _Hours(*_hour(functions, running, hours[:60]), _schedules(functions) - idle)
        running.client.put_item(TableName="shop", Item=shop_row(1))
        live = _mean([_live(functions, alike[number]) for number in range(REPEATS)])
        runs = idle * HOURS * 60 / SCHEDULE_MINUTES
        apart = [
            Figure("money", "apart: an hour of one machine looked at live", live.dollars * 3600, "$"),
            Figure("money", "apart: a month of scheduled runs, for all tenants together", runs, "$"),
        ]
        return [
            _figure(shop, _use(functions, running, machines, shop, alike, hours, hours_of))
            for shop in (USUAL, DEMO)
            for machines in LIMITS
        ] + apart


@dataclass(frozen=True, slots=True)
class _Hours:
    """What hours cost: closing one of one machine, its object, and a tenant's share of the scheduled runs."""

    closing: Call
    parquet: Call
    watch: float


def _schedules(functions: _Functions) -> float:
    """Dollars of one run of each scheduled job that finds nothing to do."""
    jobs = ("hour_close", "gateway_watch")
    return sum(_mean([functions.call(name, {}) for _ in range(REPEATS)]).dollars for name in jobs)


def _figure(shop: Shop, use: GatewayUse) -> Figure:
    by = machine_month(use)
    note = ", ".join(f"{name} {dollars:.3f}" for name, dollars in by.items())
    what = f"a machine-month, {use.machines} to a gateway, {shop.name}"
    return Figure("money", what, sum(by.values()), "$", LIMITS[use.machines] if shop is USUAL else None, note=note)


def _use(
    functions: _Functions,
    running: Engine,
    count: int,
    shop: Shop,
    alike: Sequence[Minute],
    hours: Sequence[Minute],
    of_hours: _Hours,
) -> GatewayUse:
    running.client.put_item(TableName="shop", Item=shop_row(count))
    batches = [[e for m in hours[60 * n % 360 : 60 * n % 360 + 60] for e in m.events] for n in range(count)]
    stamps = {event.at_ms + 1000 * n * (n >= 6) for n, events in enumerate(batches) for event in events}
    now_ms = int(time.time() * 1000) // 60_000 * 60_000 - 600_000
    _prime(functions, count, [*hours, *alike])
    runs = max(REPEATS, LOOKED_AT // count)
    spread = [alike[at * len(alike) // (count * runs)] for at in range(count * runs)]
    told = [_minute(functions, shop, spread[n::runs], now_ms + 60_000 * n, n) for n in range(REPEATS)]
    receipt = _mean([_receipt(functions, count, now_ms + 60_000 * n) for n in range(REPEATS - 5)])
    told += [
        _minute(functions, shop, spread[n::runs], now_ms + 60_000 * (n % REPEATS), n) for n in range(REPEATS, runs)
    ]
    first = [event for event in batches[0] if event.type == "state"] or batches[0]
    sent = [_events(functions, count, event, n) for n, event in enumerate(first[:REPEATS])]
    of_events = len(stamps) if shop.batches is None else shop.batches * count
    closing, parquet, watch = of_hours.closing, of_hours.parquet, of_hours.watch
    return GatewayUse(count, _mean(told), _mean(sent), of_events, receipt, closing, parquet, watch)


def _prime(functions: _Functions, count: int, hours: Sequence[Minute]) -> None:
    """The event lane has told everything before the minute comes, as it nearly always has."""
    told_before = [event for minute in hours for event in minute.events]
    known = {(event.type, event.data.get("number") if event.type == "alarm" else None): event for event in told_before}
    told = [replace(event, source=source_id(n), seq=next(LATER)) for n in range(count) for event in known.values()]
    _by_rule(functions, "telemetry_events", pack_events(told, sent_ms=1_764_000_000_000), count)


def _minute(functions: _Functions, shop: Shop, chosen: Sequence[Minute], t0_ms: int, number: int) -> Call:
    """The message of a gateway with as many machines as minutes are `chosen`."""
    parts = tuple(
        SourceMinute(source_id(n), chunk_at(m, t0_ms, ROWS * number + 1), _events_of(m.events[:: shop.every], n, t0_ms))
        for n, m in enumerate(chosen)
    )
    return _by_rule(functions, "telemetry_minute", pack(MinuteMessage(t0_ms + 63_000, parts)), len(chosen))


def _events_of(events: Sequence[Event], number: int, t0_ms: int) -> bytes:
    moved = [replace(event, source=source_id(number), at_ms=t0_ms + event.at_ms % 60_000) for event in events]
    return pack_minute_events(moved)


def _events(functions: _Functions, count: int, event: Event, number: int) -> Call:
    now_ms = int(time.time() * 1000)
    moved = replace(event, source=source_id(number % count), seq=next(LATER), at_ms=now_ms)
    return _by_rule(functions, "telemetry_events", pack_events([moved], sent_ms=now_ms), count)


def _receipt(functions: _Functions, count: int, from_ms: int) -> Call:
    """The rows of five minutes of every source, with the health of the gateway."""
    number = (from_ms - (int(time.time() * 1000) // 60_000 * 60_000 - 600_000)) // 60_000
    first = max(0, number) * ROWS + 1
    asks = [
        Ask(source_id(n), BOOT.hex(), first, first + 5 * ROWS - 1, from_ms, from_ms + 300_000) for n in range(count)
    ]
    return _by_rule(functions, "receipt", pack_asks("r1", asks, _health(count, from_ms, number)), count)


def _live(functions: _Functions, minute: Minute) -> Call:
    """One frame of all signals of one machine, of the gateway with one."""
    now_ms = int(time.time() * 1000)
    values = {
        signal.key: signal.value(column[0])
        for signal, column in zip(minute.schema.signals, minute.rows.columns, strict=True)
    }
    frame = LiveFrame(source_id(0), BOOT.hex(), next(LATER), now_ms, values)
    return _by_rule(functions, "telemetry_live", pack_live([frame], sent_ms=now_ms), 1)


def _health(count: int, at_ms: int, number: int) -> HealthMessage:
    sources = tuple(
        SourceHealth(source_id(n), BOOT.hex(), next(LATER), at_ms, at_ms - number * 60_000) for n in range(count)
    )
    return HealthMessage(at_ms, 1, {"focas": "ok", "relay": "ok"}, sources, {"focas": "1.0.0", "relay": "1.0.0"})


def _by_rule(functions: _Functions, name: str, payload: bytes, count: int) -> Call:
    event = rule_event(payload, received_ms=int(time.time() * 1000), sources=count)
    return replace(functions.call(name, event), payload_bytes=len(payload))


def _machines(running: Engine) -> None:
    """A tenant with one machine, one gateway and one hour that is over, for the jobs."""
    created_ms = str(_hour_ms())
    running.client.put_item(
        TableName="directory",
        Item={"p": {"S": f"N#{TENANT}"}, "tenant": {"S": TENANT}, "created_ms": {"S": created_ms}, "v": {"N": "1"}},
    )
    running.client.put_item(TableName="shop", Item={"p": {"S": f"T#{TENANT}#M"}, "s": {"S": machine_id(99)}})
    known = {"name": {"S": "Gateway"}, "site": {"S": SITE}, "version": {"N": "1"}}
    running.client.put_item(TableName="shop", Item=shop_row(99) | known)


def _hour_ms() -> int:
    """The newest hour that may be closed."""
    now = datetime.now(UTC).timestamp()
    return (int(now - 600) // 3600 - 1) * 3_600_000


def _hour(functions: _Functions, running: Engine, hour: Sequence[Minute]) -> tuple[Call, Call]:
    """Closing it, and its object."""
    from cnc.cloud.store.minutes import _item
    from cnc.domain.telemetry.chunk import Header
    from cnc.services.ingest.ports import NewChunk

    schema = hour[0].schema
    running.client.put_item(
        TableName="telemetry",
        Item={
            "p": {"S": f"T#{TENANT}#H"},
            "s": {"S": f"H#{schema.hash.hex()}"},
            "b": {"B": schema.canonical()},
            "v": {"N": "1"},
        },
    )
    for number, minute in enumerate(hour):
        chunk = chunk_at(minute, _hour_ms() + 60_000 * number, ROWS * number + 1)
        new = NewChunk(machine_id(99), source_id(99), Header.peek(chunk), chunk)
        item = _item(f"T#{TENANT}#M#{machine_id(99)}", new, {"N": "1900000000"})
        running.client.put_item(TableName="telemetry", Item=item)
    closed = replace(functions.call("hour_close", {}), invoked=0)
    written = functions.call("hour_parquet", {"v": 1, "tenant": TENANT, "hour_ms": _hour_ms()})
    assert written.objects == 1, "the hour has no object"
    return closed, written


def _mean(calls: Sequence[Call]) -> Call:
    """The middle of them; sizes and units rounded up where they must be whole."""
    size = len(calls)
    return Call(
        memory_mb=calls[0].memory_mb,
        payload_bytes=round(sum(call.payload_bytes for call in calls) / size),
        write_units=sum(call.write_units for call in calls) / size,
        read_units=sum(call.read_units for call in calls) / size,
        cpu_ms=sorted(call.cpu_ms for call in calls)[size // 2],
        calls=round(sum(call.calls for call in calls) / size),
        published=round(sum(call.published for call in calls) / size),
        invoked=round(sum(call.invoked for call in calls) / size),
        objects=round(sum(call.objects for call in calls) / size),
    )
