"""Whether every row of a span is stored or declared lost."""

from collections.abc import Iterable, Sequence
from itertools import islice

from cnc.domain.base.clock import from_ms as moment
from cnc.domain.telemetry.completeness import Completeness, Extent, completeness
from cnc.domain.telemetry.health import SourceHealth
from cnc.services.read.facts import UnobservedFacts
from cnc.services.read.ports import Ledgers
from cnc.services.stored import ChunkReader

#: Chunks this far around the span are read in any case; they hold the neighbours when nothing is missing.
AROUND_MS = 120_000
#: Neighbours further away are looked for in this many chunks on each side.
FURTHER_CHUNKS = 400
DAY_MS = 86_400_000


def completeness_of(
    machine: str, *, from_ms: int, to_ms: int, chunks: ChunkReader, ledgers: Ledgers
) -> dict[str, Completeness]:
    """Counts per source of rows with a time in [from_ms, to_ms), read strongly consistent."""
    low, high = max(0, from_ms - AROUND_MS), to_ms + AROUND_MS
    extents = [stored.extent for stored in chunks.between(machine, from_ms=low, to_ms=high, consistent=True)]
    ledger = ledgers.of(machine)
    running = _running(ledger, from_ms=from_ms, to_ms=to_ms)
    before = running - {(e.source, e.boot) for e in extents if e.t0_ms < from_ms}
    if before:
        earlier = chunks.between(
            machine, from_ms=max(0, low - DAY_MS), to_ms=low - 1, consistent=True, newest_first=True
        )
        extents += _nearest((stored.extent for stored in earlier), before)
    after = running - {(e.source, e.boot) for e in extents if e.t0_ms >= to_ms}
    after = {boot for boot in after if _produced_until(ledger, boot) > high}
    if after:
        later = chunks.between(machine, from_ms=high + 1, to_ms=high + DAY_MS, consistent=True)
        extents += _nearest((stored.extent for stored in later), after)
    sources = sorted({extent.source for extent in extents} | {entry.source for entry in ledger})
    return {
        source: completeness(
            [extent for extent in extents if extent.source == source],
            [entry for entry in ledger if entry.source == source],
            from_ms,
            to_ms,
        )
        for source in sources
    }


def unobserved_of(ledger: Iterable[SourceHealth], *, from_ms: int, to_ms: int) -> tuple[UnobservedFacts, ...]:
    """What of [from_ms, to_ms) no row tells of, oldest first; a boot that is asked twice tells the same."""
    spans = {
        (max(span.from_ms, from_ms), min(span.to_ms, to_ms), entry.source, span.why)
        for entry in ledger
        for span in entry.unobserved
        if span.from_ms < to_ms and span.to_ms > from_ms
    }
    return tuple(UnobservedFacts(source, why, moment(start), moment(end)) for start, end, source, why in sorted(spans))


def _nearest(extents: Iterable[Extent], wanted: set[tuple[str, str]]) -> list[Extent]:
    """The first extent of each wanted (source, boot)."""
    left = set(wanted)
    found = []
    for extent in islice(extents, FURTHER_CHUNKS):
        if (extent.source, extent.boot) in left:
            left.remove((extent.source, extent.boot))
            found.append(extent)
        if not left:
            break
    return found


def _running(ledger: Sequence[SourceHealth], *, from_ms: int, to_ms: int) -> set[tuple[str, str]]:
    """Boots that began before the span ended and produced a row after it began."""
    return {
        (entry.source, entry.boot)
        for entry in ledger
        if entry.produced and entry.first_at_ms < to_ms and entry.produced_at_ms >= from_ms
    }


def _produced_until(ledger: Sequence[SourceHealth], boot: tuple[str, str]) -> int:
    return max((entry.produced_at_ms for entry in ledger if (entry.source, entry.boot) == boot), default=0)
