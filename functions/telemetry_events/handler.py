"""Bring events of machines to tiles and alarms within a second."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.bus.fan_out import FanOutInvoker
from cnc.cloud.envelope import opened
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry, load
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.assignments import AssignmentStore
from cnc.cloud.store.previews import PreviewStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services.ingest.events import EventStores, apply_events


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, FanOut):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("telemetry_events")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = EventStores(
    assignments=AssignmentStore(dynamodb, table=settings.shop_table),
    previews=PreviewStore(dynamodb, table=settings.telemetry_table),
    alarms=AlarmStore(dynamodb, table=settings.telemetry_table),
    quarantine=QuarantineStore(
        dynamodb=dynamodb,
        table=settings.telemetry_table,
        s3=lambda: clients.tenant("s3"),
        bucket=settings.bucket,
    ),
    fan_out=FanOutInvoker(lambda: clients.own("lambda"), function=settings.function_fan_out),
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        applied = apply_events(
            envelope.payload, origin=envelope.origin, received_ms=envelope.received_ms, stores=stores
        )
    for refusal in applied.refusals:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {"Events": applied.events, "AlarmsChanged": applied.alarms, "Quarantined": len(applied.refusals)}
    observer.count(counts)
    return counts
