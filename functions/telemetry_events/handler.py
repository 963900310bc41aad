"""Bring events of machines to tiles and alarms within a second."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.ingest.fan_out import fan_out
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry, load
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.previews import PreviewStore
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
    assignments=assignment_store(clients, settings),
    previews=PreviewStore(dynamodb, table=settings.telemetry_table),
    alarms=AlarmStore(dynamodb, table=settings.telemetry_table),
    quarantine=quarantine_store(clients, settings),
    fan_out=fan_out(clients, settings),
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
