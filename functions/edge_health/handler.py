"""Record what gateways say they produced, lost and could not observe."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.ingest.health import counts_of, health_stores
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, Process, Shop, Telemetry, load
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.ingest.health import record_health


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("edge_health")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = health_stores(
    clients,
    settings,
    assignments=assignment_store(clients, settings),
    quarantine=quarantine_store(clients, settings),
)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        recorded = record_health(
            envelope.payload,
            origin=envelope.origin,
            received_ms=envelope.received_ms,
            stores=stores,
            clock=utc_now,
        )
    counts = counts_of(recorded, thing=envelope.origin.thing, observer=observer)
    observer.count(counts)
    return counts
