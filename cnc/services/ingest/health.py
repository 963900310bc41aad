"""Record what gateways say they produced: the ledger that completeness is measured against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from cnc.domain.base.clock import Clock
from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.health import Gap, HealthMessage, SourceHealth, Unobserved, unpack_health
from cnc.services.ingest.ports import FEW_SOURCES, Assignments, Quarantine, Refusal, Rows
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed

WRITE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class HeldLedger:
    entry: SourceHealth
    version: int


class Ledgers(Protocol):
    def read(self, machine: str, *, source: str, boot: str, consistent: bool) -> HeldLedger | None: ...

    def write(self, machine: str, entry: SourceHealth, *, seen_version: int) -> bool: ...


class GatewayHealth(Protocol):
    def set(self, thing: str, health: HealthMessage, *, machines: Mapping[str, str]) -> None:
        """Keep the newest; `machines` by source, of a gateway that has no pointers, else empty."""
        ...


@dataclass(frozen=True, kw_only=True)
class HealthStores:
    assignments: Assignments
    ledgers: Ledgers
    gateways: GatewayHealth
    quarantine: Quarantine


@dataclass(frozen=True, slots=True)
class HealthRecorded:
    """`declared_gap_rows` are rows newly declared lost by this message."""

    ledgers: int = 0
    declared_gap_rows: int = 0
    failing_components: int = 0
    behind_s: int = 0
    refusals: tuple[Refusal, ...] = ()


def record_health(
    payload: bytes, *, origin: Origin, received_ms: int, stores: HealthStores, clock: Clock
) -> HealthRecorded:
    """Merge the ledgers of a health message into those that are kept; nothing in them ever shrinks."""
    try:
        health = unpack_health(payload)
    except MalformedMessage as error:
        refusal = malformed(
            payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms
        )
        return HealthRecorded(refusals=(refusal,))
    return record_told(health, payload, origin=origin, received_ms=received_ms, stores=stores, clock=clock)


def record_told(
    health: HealthMessage, payload: bytes, *, origin: Origin, received_ms: int, stores: HealthStores, clock: Clock
) -> HealthRecorded:
    """The same for a message that was read already; `payload` are the bytes it came in, for the quarantine."""
    sources = [entry.source for entry in health.sources]
    assignment = assigned(stores.assignments, thing=origin.thing, site=origin.site, sources=sources)
    if isinstance(assignment, Refusal):
        stores.quarantine.keep(payload, thing=origin.thing, refusals=[assignment], received_ms=received_ms)
        return HealthRecorded(refusals=(assignment,))
    refusals = [
        Refusal(FOREIGN_SOURCE, Rows(entry.source, entry.boot))
        for entry in health.sources
        if entry.source not in assignment.machines
    ]
    if refusals:
        stores.quarantine.keep(payload, thing=origin.thing, refusals=refusals, received_ms=received_ms)
    few = assignment.machines if len(assignment.machines) <= FEW_SOURCES else {}
    stores.gateways.set(origin.thing, health, machines=few)
    own = [
        (assignment.machines[entry.source], entry) for entry in health.sources if entry.source in assignment.machines
    ]
    gap_rows = sum(_record(machine, entry, ledgers=stores.ledgers) for machine, entry in own)
    return HealthRecorded(
        ledgers=len(own),
        declared_gap_rows=gap_rows,
        failing_components=sum(1 for state in health.components.values() if state == "failing"),
        behind_s=max(0, round((clock().timestamp() * 1000 - health.sent_ms) / 1000)),
        refusals=tuple(refusals),
    )


def merged_ledger(held: SourceHealth | None, new: SourceHealth) -> SourceHealth:
    """Both together: the higher high-water, every gap and every unobserved span once."""
    if held is None:
        return replace(new, gaps=_gaps(new.gaps), unobserved=_spans(new.unobserved))
    ahead = new if new.produced >= held.produced else held
    return SourceHealth(
        source=new.source,
        boot=new.boot,
        produced=ahead.produced,
        produced_at_ms=ahead.produced_at_ms,
        first_at_ms=min(held.first_at_ms, new.first_at_ms) if held.produced else new.first_at_ms,
        gaps=_gaps([*held.gaps, *new.gaps]),
        unobserved=_spans([*held.unobserved, *new.unobserved]),
    )


def _record(machine: str, entry: SourceHealth, *, ledgers: Ledgers) -> int:
    """Rows newly declared lost. A ledger that others keep writing is left to the next message."""
    for attempt in range(WRITE_ATTEMPTS):  # the first read may be old, as with previews
        held = ledgers.read(machine, source=entry.source, boot=entry.boot, consistent=attempt > 0)
        merged = merged_ledger(held.entry if held else None, entry)
        if held is not None and held.entry == merged:
            return 0
        if ledgers.write(machine, merged, seen_version=held.version if held else 0):
            before = _rows(held.entry.gaps) if held else 0
            return _rows(merged.gaps) - before
    return 0


def _gaps(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Sorted, the same range once with the reason it had first; of two with one start the longer stays."""
    by_first: dict[int, Gap] = {}
    for gap in gaps:
        held = by_first.get(gap.first)
        if held is None or held.last < gap.last:
            by_first[gap.first] = gap
    return tuple(by_first[first] for first in sorted(by_first))


def _spans(spans: Iterable[Unobserved]) -> tuple[Unobserved, ...]:
    by_start: dict[tuple[int, str], Unobserved] = {}
    for span in spans:
        held = by_start.get((span.from_ms, span.why))
        if held is None or held.to_ms < span.to_ms:
            by_start[span.from_ms, span.why] = span
    return tuple(sorted(by_start.values(), key=lambda span: (span.from_ms, span.to_ms)))


def _rows(gaps: Iterable[Gap]) -> int:
    return sum(gap.last - gap.first + 1 for gap in gaps)
