"""Hand live frames of machines to those who watch them."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.ingest.fan_out import fan_out
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry, load
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services.ingest.live import LiveStores, apply_live


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, FanOut):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("telemetry_live")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = LiveStores(
    assignments=assignment_store(clients, settings),
    quarantine=quarantine_store(clients, settings),
    fan_out=fan_out(clients, settings),
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
