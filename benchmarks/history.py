"""A day of one machine in the real store: the minutes that were read, once for each hour."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from benchmarks.api_call import CALLER
from benchmarks.engine import REGION, Engine, NoSts
from benchmarks.gateway import SITE, TENANT, machine_id, source_id, thing_of
from benchmarks.readings import Minute
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.rollups import RollupStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import from_ms
from cnc.domain.telemetry.chunk import Header, encode
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import rollup
from cnc.services.ingest.ports import NewChunk
from cnc.services.read.reads import ShopReads
from cnc.services.shop import Machine
from cnc.services.stored import SourceRollup

HOUR_MS: Final = 3_600_000
START: Final = datetime(2026, 11, 22, tzinfo=UTC)


class _Tables:
    telemetry_table = "telemetry"
    shop_table = "shop"


class History:
    """One machine with one source; `hour` holds 60 minutes that follow each other."""

    tenant = TENANT
    machine = machine_id(0)

    def __init__(self, engine: Engine, hour: Sequence[Minute]) -> None:
        self._engine = engine
        self._hour = hour
        self._clients = Clients(region=REGION, tenant_role_arn=engine.environment["TENANT_ROLE_ARN"])
        self._clients._sessions._sts = NoSts
        self.schema = hour[0].schema
        client = self._clients.tenant("dynamodb")
        with acting_for(TENANT):
            SchemaStore(client, table="telemetry").add(self.schema.hash, self.schema.canonical())
            machine = Machine(
                self.machine, "Mill 1", "mill", "Cell A", SITE, gateway=thing_of(1), sources=(source_id(0),)
            )
            ShopStore(self._clients, table="shop").put_machine(machine)

    def reads(self) -> ShopReads:
        return ShopReads(read_stores(self._clients, _Tables()), caller=CALLER)

    def instant(self, after_ms: int) -> datetime:
        return START + timedelta(milliseconds=after_ms)

    def rows(self, hour: int) -> list[Rows]:
        """The 60 minutes of an hour, as if they had been read in it."""
        start_ms = int(START.timestamp() * 1000) + hour * HOUR_MS
        return [
            replace(minute.rows, first_seq=hour * 3600 + at * 60 + 1, t0_ms=start_ms + at * 60_000)
            for at, minute in enumerate(self._hour)
        ]

    def store_chunks(self, *, hours: int) -> None:
        store = MinuteStore(self._clients.tenant("dynamodb"), table="telemetry")
        with acting_for(TENANT):
            for hour in range(hours):
                chunks = [encode(rows) for rows in self.rows(hour)]
                new = [NewChunk(self.machine, source_id(0), Header.peek(chunk), chunk) for chunk in chunks]
                store.put(new, expires_at=START + timedelta(days=35))

    def close_hours(self, *, hours: int) -> None:
        """Rollups of these hours, and the mark that says they are closed."""
        client = self._clients.tenant("dynamodb")
        store = RollupStore(client, table="telemetry")
        start_s = int(START.timestamp())
        with acting_for(TENANT):
            for hour in range(hours):
                hour_s = start_s + hour * 3600
                made = SourceRollup(source_id(0), rollup(self.rows(hour), self.schema, hour_s * 1000))
                store.replace_hour(self.machine, hour_s=hour_s, rollups=[made], now=from_ms(hour_s * 1000))
            DirtyHourStore(client, table="telemetry").close_until(start_s + hours * 3600)


def counting_reads(client: Any) -> list[float]:
    """Make a client ask for the units of its reads; they are appended to the list that is handed back."""
    units: list[float] = []

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def count(parsed: dict[str, Any], **_: Any) -> None:
        if "ConsumedCapacity" in parsed:
            units.append(parsed["ConsumedCapacity"]["CapacityUnits"])

    for operation in ("Query", "GetItem"):
        client.meta.events.register(f"provide-client-params.dynamodb.{operation}", ask)
        client.meta.events.register(f"after-call.dynamodb.{operation}", count)
    return units
