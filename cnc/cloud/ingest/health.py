"""Health of gateways, which comes on a channel of its own or rides with a receipt's question."""

from cnc.cloud.ingest.doors import Doors
from cnc.cloud.observability import Observer
from cnc.cloud.store.ledger import GatewayHealthStore, LedgerStore
from cnc.cloud.tenancy import Clients
from cnc.services.ingest.health import HealthRecorded, HealthStores
from cnc.services.ingest.ports import Assignments, Quarantine


def health_stores(
    clients: Clients, settings: Doors, *, assignments: Assignments, quarantine: Quarantine
) -> HealthStores:
    dynamodb, table = clients.tenant("dynamodb"), settings.telemetry_table
    return HealthStores(
        assignments=assignments,
        ledgers=LedgerStore(dynamodb, table=table),
        gateways=GatewayHealthStore(dynamodb, table=table),
        quarantine=quarantine,
    )


def counts_of(recorded: HealthRecorded, *, thing: str, observer: Observer) -> dict[str, int]:
    """What a health message brought, for the metrics; refusals are logged."""
    for refusal in recorded.refusals:
        observer.log.warning("quarantined", extra={"thing": thing, "reason": refusal.reason})
    return {
        "Ledgers": recorded.ledgers,
        "DeclaredGapRows": recorded.declared_gap_rows,
        "FailingComponents": recorded.failing_components,
        "Quarantined": len(recorded.refusals),
    }
