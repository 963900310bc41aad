"""Store the minute messages of gateways: chunks and events of many machines at once."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.bus.fan_out import FanOutInvoker
from cnc.cloud.envelope import opened
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry, load
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.assignments import AssignmentStore
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.previews import PreviewStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.ingest.minutes import MinuteStores, record_minute
from cnc.services.ingest.previews import PreviewStores


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, FanOut):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("telemetry_minute")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = MinuteStores(
    assignments=AssignmentStore(dynamodb, table=settings.shop_table),
    chunks=MinuteStore(dynamodb, table=settings.telemetry_table),
    schemas=SchemaStore(dynamodb, table=settings.telemetry_table),
    quarantine=QuarantineStore(
        dynamodb=dynamodb,
        table=settings.telemetry_table,
        s3=lambda: clients.tenant("s3"),
        bucket=settings.bucket,
    ),
    dirty=DirtyHourStore(dynamodb, table=settings.telemetry_table),
    previews=PreviewStores(
        previews=PreviewStore(dynamodb, table=settings.telemetry_table),
        alarms=AlarmStore(dynamodb, table=settings.telemetry_table),
        fan_out=FanOutInvoker(lambda: clients.own("lambda"), function=settings.function_fan_out),
    ),
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        recorded = record_minute(
            envelope.payload,
            origin=envelope.origin,
            received_ms=envelope.received_ms,
            stores=stores,
            clock=utc_now,
        )
    for refusal in recorded.refusals:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {"Stored": recorded.stored, "Quarantined": recorded.refused, "Skewed": recorded.skewed}
    observer.count(counts)
    return counts
