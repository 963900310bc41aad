"""Apply the event lane: tiles and alarms, within a second, as a preview of what the minute message will say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.events import Event, unpack_events
from cnc.services.ingest.alarms import Alarms, apply_alarm
from cnc.services.ingest.ports import Assignments, FanOut, Quarantine, Refusal, Rows
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed
from cnc.services.machine_preview import Document, empty, merged, state_payload

WRITE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Versioned:
    """A document and the version it was read at; 0 = there was none."""

    document: Document
    version: int


class Previews(Protocol):
    def read(self, thing: str, machine: str) -> Versioned | None:
        """Strongly consistent."""
        ...

    def write(self, thing: str, machine: str, document: Document, *, seen_version: int) -> bool:
        """Store version seen + 1 if nobody else did; whether it was stored."""
        ...


@dataclass(frozen=True, kw_only=True)
class EventStores:
    assignments: Assignments
    previews: Previews
    alarms: Alarms
    quarantine: Quarantine
    fan_out: FanOut


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one message; `machines` changed their tile."""

    events: int = 0
    machines: int = 0
    alarms: int = 0
    refusals: tuple[Refusal, ...] = ()


def apply_events(payload: bytes, *, origin: Origin, received_ms: int, stores: EventStores) -> Applied:
    """Never raises for what a gateway sent: what cannot be used is kept in quarantine."""
    try:
        _, events = unpack_events(payload)
    except MalformedMessage as error:
        refusal = malformed(
            payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms
        )
        return Applied(refusals=(refusal,))
    by_machine, refusals = by_machines(events, origin=origin, assignments=stores.assignments)
    if refusals:
        stores.quarantine.keep(payload, thing=origin.thing, refusals=refusals, received_ms=received_ms)
    changed = alarms = 0
    for machine, own in by_machine.items():
        alarms += sum(
            apply_alarm(event, machine=machine, alarms=stores.alarms) for event in own if event.type == "alarm"
        )
        document = apply_preview(machine, own, thing=origin.thing, previews=stores.previews)
        if document is not None:
            stores.fan_out.machine_state(machine, state_payload(machine, document))
            changed += 1
    return Applied(sum(map(len, by_machine.values())), changed, alarms, tuple(refusals))


def apply_preview(machine: str, events: Iterable[Event], *, thing: str, previews: Previews) -> Document | None:
    """The machine's new document, or None when no event was newer than what is there."""
    events = list(events)
    for _ in range(WRITE_ATTEMPTS):
        held = previews.read(thing, machine) or Versioned(empty(), 0)
        document, changed = merged(held.document, events)
        if not changed:
            return None
        if previews.write(thing, machine, document, seen_version=held.version):
            return document
    return None  # others keep writing: the events of the next second, or the minute, will bring it


def by_machines(
    events: Iterable[Event], *, origin: Origin, assignments: Assignments
) -> tuple[Mapping[str, list[Event]], list[Refusal]]:
    """Events by the machine they are of; one refusal per source the gateway does not speak for."""
    by_source: dict[str, list[Event]] = {}
    for event in events:
        by_source.setdefault(event.source, []).append(event)
    assignment = assigned(assignments, thing=origin.thing, site=origin.site, sources=list(by_source))
    if isinstance(assignment, Refusal):
        return {}, [assignment]
    by_machine: dict[str, list[Event]] = {}
    refusals = []
    for source, own in by_source.items():
        machine = assignment.machines.get(source)
        if machine is None:
            refusals.append(Refusal(FOREIGN_SOURCE, Rows(source)))
        else:
            by_machine.setdefault(machine, []).extend(own)
    return by_machine, refusals
