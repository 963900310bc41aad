"""Record what gateways say they produced, lost and could not observe."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, Process, Shop, Telemetry, load
from cnc.cloud.store.ledger import GatewayHealthStore, LedgerStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.ingest.health import HealthStores, record_health


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("edge_health")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = HealthStores(
    assignments=assignment_store(clients, settings),
    ledgers=LedgerStore(dynamodb, table=settings.telemetry_table),
    gateways=GatewayHealthStore(dynamodb, table=settings.telemetry_table),
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
    for refusal in recorded.refusals:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {
        "Ledgers": recorded.ledgers,
        "DeclaredGapRows": recorded.declared_gap_rows,
        "FailingComponents": recorded.failing_components,
        "Quarantined": len(recorded.refusals),
    }
    observer.count(counts)
    return counts
