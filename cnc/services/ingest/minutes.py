"""Record the minute message of a gateway: the truth everything else is made from.

Every write is a plain put under a key that follows from the rows' identity, so a message that comes twice, late or
out of order changes nothing. A part that cannot be used goes to quarantine and leaves the others unaffected.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta

from cnc.domain.base.clock import Clock, to_ms
from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.chunk import Header
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.minute import MinuteMessage, SourceMinute, unpack, unpack_minute_events
from cnc.domain.telemetry.schema import Schema
from cnc.services.ingest.ports import (
    FEW_SOURCES,
    Assignments,
    Chunks,
    DirtyHours,
    NewChunk,
    Newest,
    Pointers,
    Quarantine,
    Recorded,
    Refusal,
    Rows,
    Schemas,
)
from cnc.services.ingest.previews import PreviewStores, repair_previews
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed, rows_told_by

CHUNKS_LIVE = timedelta(days=35)
#: An hour may be closed this long after its end (design 5); rows that come later make it dirty. Marked a little
#: earlier, because the clocks of two functions differ.
HOUR_OPEN_AFTER_END_MS = 570_000
HOUR_MS = 3_600_000
#: Skew that is flagged: ahead of the ingest clock by more than this …
AHEAD_MS = 2_000
#: … or behind it by more than this.
BEHIND_MS = 86_400_000


@dataclass(frozen=True, kw_only=True)
class MinuteStores:
    """The ports of this use case."""

    assignments: Assignments
    chunks: Chunks
    schemas: Schemas
    quarantine: Quarantine
    dirty: DirtyHours
    previews: PreviewStores


@dataclass(slots=True)
class _Sorted:
    """What of a message is stored and what is refused; `sources` are all the gateway has."""

    sources: Set[str] = frozenset()
    accepted: list[NewChunk] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    events: dict[str, list[Event]] = field(default_factory=dict)


def record_minute(
    payload: bytes, *, origin: Origin, received_ms: int, stores: MinuteStores, clock: Clock, held_back: bool = False
) -> Recorded:
    """Store what can be stored of one message; never raises for what a gateway sent. Rows held back are not the newest.

    Errors of the stores pass through: the gateway still holds the rows and asks for their receipt.
    """
    try:
        message = unpack(payload)
    except MalformedMessage as error:
        refusal = malformed(
            payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms
        )
        return Recorded(refused=1, refusals=(refusal,))
    found = _sorted_out(message, origin=origin, received_ms=received_ms, stores=stores)
    if found.accepted:
        pointers = None
        if not held_back and len(found.sources) > FEW_SOURCES:
            newest = _newest(found.accepted)
            pointers = Pointers(origin.thing, newest, newest.keys() >= found.sources, message.sent_ms, received_ms)
        stores.chunks.put(found.accepted, expires_at=clock() + CHUNKS_LIVE, pointers=pointers)
    if found.refusals:
        stores.quarantine.keep(payload, thing=origin.thing, refusals=found.refusals, received_ms=received_ms)
    # Only now: the closing job either saw the chunks above, or ran before this mark.
    late = late_hours(found.accepted, now_ms=to_ms(clock()))
    if late:
        stores.dirty.mark(late)
    if found.events and not held_back:
        repair_previews(found.events, thing=origin.thing, stores=stores.previews)
    return Recorded(
        stored=len(found.accepted),
        refused=len(found.refusals),
        late_hours=len(late),
        skewed=sum(1 for chunk in found.accepted if chunk.skew_ms),
        refusals=tuple(found.refusals),
    )


def late_hours(chunks: Sequence[NewChunk], *, now_ms: int) -> list[tuple[str, int]]:
    """(machine, hour in epoch seconds) of rows whose hour may have been closed already."""
    hours: dict[tuple[str, int], None] = {}
    for chunk in chunks:
        first = chunk.header.t0_ms // HOUR_MS
        if (first + 1) * HOUR_MS + HOUR_OPEN_AFTER_END_MS > now_ms:
            continue
        last = (chunk.header.end_ms - 1) // HOUR_MS
        for hour in range(first, last + 1):
            if (hour + 1) * HOUR_MS + HOUR_OPEN_AFTER_END_MS <= now_ms:
                hours[chunk.machine, hour * 3600] = None
    return list(hours)


def _sorted_out(message: MinuteMessage, *, origin: Origin, received_ms: int, stores: MinuteStores) -> _Sorted:
    sources = [minute.source for minute in message.minutes]
    assignment = assigned(stores.assignments, thing=origin.thing, site=origin.site, sources=sources)
    if isinstance(assignment, Refusal):
        told = (rows_told_by(minute.chunk, source=minute.source) for minute in message.minutes)
        return _Sorted(refusals=[Refusal(assignment.reason, rows) for rows in told])
    found = _Sorted(sources=assignment.machines.keys())
    for minute in message.minutes:
        machine = assignment.machines.get(minute.source)
        if machine is None:
            rows = rows_told_by(minute.chunk, source=minute.source)
            found.refusals.append(Refusal(FOREIGN_SOURCE, rows))
        else:
            _sort(minute, machine, received_ms=received_ms, schemas=stores.schemas, found=found)
    return found


def _sort(minute: SourceMinute, machine: str, *, received_ms: int, schemas: Schemas, found: _Sorted) -> None:
    """One source minute: its chunk is stored or refused; events and a schema that are wrong cost no rows."""
    try:
        header = Header.peek(minute.chunk)
    except MalformedMessage as error:
        told = rows_told_by(minute.chunk, source=minute.source, machine=machine)
        found.refusals.append(Refusal(str(error), told))
        return
    events = minute.events
    if events:
        try:
            found.events.setdefault(machine, []).extend(_own_events(minute))
        except MalformedMessage as error:
            found.refusals.append(Refusal(str(error), Rows(minute.source, machine=machine)))
            events = b""
    _learn(minute, header, machine=machine, schemas=schemas, refusals=found.refusals)
    skew_ms = _skew(header, received_ms)
    found.accepted.append(NewChunk(machine, minute.source, header, minute.chunk, events, skew_ms))


def _own_events(minute: SourceMinute) -> list[Event]:
    """Raises MalformedMessage, also for events of another source than the minute's."""
    events = unpack_minute_events(minute.events)
    for event in events:
        if event.source != minute.source:
            raise MalformedMessage(seen=f"an event of {event.source}", expected=f"events of {minute.source}")
    return events


def _learn(minute: SourceMinute, header: Header, *, machine: str, schemas: Schemas, refusals: list[Refusal]) -> None:
    """Keep a schema that is new. A wrong one costs no rows: the next receipt asks for the right one."""
    if minute.schema is None or schemas.known(header.schema_hash):
        return
    try:
        schema = _parsed(minute.schema, header)
    except (MalformedMessage, BadValue) as error:
        refusals.append(Refusal(str(error), Rows(minute.source, machine=machine)))
        return
    schemas.add(schema.hash, schema.canonical())


def _parsed(canonical: bytes, header: Header) -> Schema:
    """Raises MalformedMessage when it is not the one its chunk was made with."""
    schema = Schema.parse(canonical)
    if schema.hash != header.schema_hash or len(schema.signals) != header.columns:
        raise MalformedMessage(
            seen=f"schema {schema.hash.hex()} of {len(schema.signals)} signals",
            expected=f"{header.schema_hash.hex()} of {header.columns}",
        )
    return schema


def _skew(header: Header, received_ms: int) -> int:
    ahead = header.end_ms - header.period_ms - received_ms
    return ahead if ahead > AHEAD_MS or ahead < -BEHIND_MS else 0


def _newest(chunks: Sequence[NewChunk]) -> dict[str, Newest]:
    newest: dict[str, Newest] = {}
    for chunk in chunks:
        head = chunk.header
        at = Newest(
            machine=chunk.machine,
            boot=head.boot.hex(),
            first=head.first_seq,
            rows=head.rows,
            t0_ms=head.t0_ms,
            end_ms=head.end_ms,
            schema=head.schema_hash.hex(),
        )
        held = newest.get(chunk.source)
        if held is None or held.order < at.order:
            newest[chunk.source] = at
    return newest
