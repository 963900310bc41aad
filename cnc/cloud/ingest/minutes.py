"""The minute lane, live and held back: two functions, so that an outage made good delays nothing, and one wiring."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.ingest.fan_out import fan_out
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, FanOut, Process, Shop, Telemetry
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.previews import PreviewStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.ingest.minutes import MinuteStores, record_minute
from cnc.services.ingest.previews import PreviewStores


@dataclass(frozen=True, kw_only=True)
class MinuteSettings(Process, Telemetry, Shop, Bucket, FanOut):
    """What both functions read from their environment."""


def minute_stores(clients: Clients, settings: MinuteSettings) -> MinuteStores:
    """One set per process."""
    dynamodb, table = clients.tenant("dynamodb"), settings.telemetry_table
    return MinuteStores(
        assignments=assignment_store(clients, settings),
        chunks=MinuteStore(dynamodb, table=table),
        schemas=SchemaStore(dynamodb, table=table),
        quarantine=quarantine_store(clients, settings),
        dirty=DirtyHourStore(dynamodb, table=table),
        previews=PreviewStores(
            previews=PreviewStore(dynamodb, table=table),
            alarms=AlarmStore(dynamodb, table=table),
            fan_out=fan_out(clients, settings),
        ),
    )


def take_minute(event: Any, *, stores: MinuteStores, observer: Observer, held_back: bool = False) -> dict[str, int]:
    """One event of the rule: what was stored and refused, counted. Errors of the stores pass through."""
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        recorded = record_minute(
            envelope.payload,
            origin=envelope.origin,
            received_ms=envelope.received_ms,
            stores=stores,
            clock=utc_now,
            held_back=held_back,
        )
    for refusal in recorded.refusals:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {"Stored": recorded.stored, "Quarantined": recorded.refused, "Skewed": recorded.skewed}
    observer.count(counts)
    return counts
