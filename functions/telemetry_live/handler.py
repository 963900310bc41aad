"""Hand live frames of machines to those who watch them."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.bus.fan_out import FanOutInvoker
from cnc.cloud.envelope import opened
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry, load
from cnc.cloud.store.assignments import AssignmentStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services.ingest.live import LiveStores, apply_live


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, FanOut):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("telemetry_live")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
stores = LiveStores(
    assignments=AssignmentStore(dynamodb, table=settings.shop_table),
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
        shown = apply_live(envelope.payload, origin=envelope.origin, received_ms=envelope.received_ms, stores=stores)
    for refusal in shown.refusals:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {"LiveFrames": shown.frames, "Quarantined": len(shown.refusals)}
    observer.count(counts)
    return counts
