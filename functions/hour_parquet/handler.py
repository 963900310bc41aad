"""Make the Parquet object of one closed or reopened hour of one tenant: `{"v": 1, "tenant", "hour_ms"}`."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, Process, Shop, Telemetry, load
from cnc.cloud.store.machine_ids import MachineIdStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.parquet import HourObjectStore, ParquetWriter
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.hours.parquet import ParquetStores, write_hour


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("hour_parquet")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = ParquetStores(
    machines=MachineIdStore(dynamodb, table=settings.shop_table).all,
    chunks=MinuteStore(dynamodb, table=settings.telemetry_table),
    schemas=SchemaStore(dynamodb, table=settings.telemetry_table),
    writer=ParquetWriter(),
    objects=HourObjectStore(clients.tenant("s3"), bucket=settings.bucket),
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    with acting_for(event["tenant"]):
        done = write_hour(event["hour_ms"], stores=stores, now=utc_now())
    if done.too_old:
        observer.log.warning(
            "hour too old to make again", extra={"of_tenant": event["tenant"], "hour": event["hour_ms"]}
        )
    counts = {
        "ParquetRows": done.rows,
        "ParquetBytes": done.size,
        "UndecodableChunks": done.undecodable_chunks,
        "HoursTooOld": int(done.too_old),
    }
    observer.count(counts)
    return counts
