"""Tell a gateway which of its rows are stored, quarantined or missing, and record the health its question carries."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.ingest.health import counts_of, health_stores
from cnc.cloud.iot import ReceiptChannel
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, IotData, Process, Shop, Telemetry, load
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.domain.telemetry.ranges import count
from cnc.services.ingest.health import record_told
from cnc.services.ingest.receipts import ReceiptStores, answer_receipt


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, IotData):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("receipt")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = ReceiptStores(
    assignments=assignment_store(clients, settings),
    chunks=MinuteStore(dynamodb, table=settings.telemetry_table),
    schemas=SchemaStore(dynamodb, table=settings.telemetry_table),
    quarantine=quarantine_store(clients, settings),
    receipts=ReceiptChannel(clients.tenant("iot-data", endpoint_url=settings.iot_data_endpoint)),
)
health = health_stores(clients, settings, assignments=stores.assignments, quarantine=stores.quarantine)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        answered = answer_receipt(
            envelope.payload,
            origin=envelope.origin,
            received_ms=envelope.received_ms,
            stores=stores,
            clock=utc_now,
        )
        told = None
        if answered.health is not None:
            told = record_told(
                answered.health,
                envelope.payload,
                origin=envelope.origin,
                received_ms=envelope.received_ms,
                stores=health,
                clock=utc_now,
            )
    counts = {
        "ReceiptRowsStored": sum(count(answer.stored) for answer in answered.answers),
        "ReceiptRowsQuarantined": sum(count(answer.quarantined) for answer in answered.answers),
        "ReceiptRowsMissing": sum(count(answer.missing) for answer in answered.answers),
    }
    if told is not None:
        counts |= counts_of(told, thing=envelope.origin.thing, observer=observer)
    observer.count({**counts, "ReceiptAgeSeconds": answered.missing_for_s})
    return counts
