"""Close the hours of every tenant: rollups and state intervals from chunks, made again when rows came late."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.bus.hour_parquet import HourParquetInvoker
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import HourParquet, Process, Shop, Telemetry, load
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.intervals import IntervalStore
from cnc.cloud.store.ledger import LedgerStore
from cnc.cloud.store.machine_ids import MachineIdStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.rollups import RollupStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.hours.close import HourStores, close_hours, since_of
from cnc.services.read.completeness import completeness_of
from cnc.services.stored import ChunkReader


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings, HourParquet):
    """What this function reads from its environment."""


#: The run stops this long before its time is up; the next one goes on where it stopped.
SPARE_MS = 15_000

settings = load(Settings)
observer = Observer("hour_close")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb, table = clients.tenant("dynamodb"), settings.telemetry_table
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
ledgers = LedgerStore(dynamodb, table=table)


def missing(machine: str, from_ms: int, to_ms: int, chunks: ChunkReader) -> int:
    counted = completeness_of(machine, from_ms=from_ms, to_ms=to_ms, chunks=chunks, ledgers=ledgers)
    return sum(count.missing for count in counted.values())


stores = HourStores(
    machines=MachineIdStore(dynamodb, table=settings.shop_table).all,
    chunks=MinuteStore(dynamodb, table=table),
    schemas=SchemaStore(dynamodb, table=table),
    marks=DirtyHourStore(dynamodb, table=table),
    rollups=RollupStore(dynamodb, table=table),
    intervals=IntervalStore(dynamodb, table=table),
    told=HourParquetInvoker(lambda: clients.own("lambda"), function=settings.function_hour_parquet),
    missing=missing,
)


@observer.observed
def lambda_handler(_event: Any, context: Any) -> dict[str, int]:
    now = utc_now()
    counts = dict.fromkeys(
        ("HoursClosed", "HoursReopened", "HourRowsMissing", "UndecodableChunks", "TenantsUnfinished"), 0
    )
    for entry in directory.tenants():
        with acting_for(entry.tenant):
            done = close_hours(
                stores=stores,
                since=since_of(entry.facts.get("created_ms"), now=now),
                now=now,
                time_left=lambda: context.get_remaining_time_in_millis() > SPARE_MS,
            )
        if done.missing_rows:
            observer.log.warning("rows missing", extra={"of_tenant": entry.tenant, "rows": done.missing_rows})
        counts["HoursClosed"] += done.hours
        counts["HoursReopened"] += done.reopened
        counts["HourRowsMissing"] += done.missing_rows
        counts["UndecodableChunks"] += done.undecodable_chunks
        counts["TenantsUnfinished"] += not done.finished
    observer.count(counts)
    return counts
