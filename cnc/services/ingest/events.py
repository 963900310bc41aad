"""Apply the event lane: tiles and alarms, within a second, as a preview of what the minute message will say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.events import Event, unpack_events
from cnc.services.ingest.alarms import apply_alarm
from cnc.services.ingest.ports import Assignments, Quarantine, Refusal, Rows
from cnc.services.ingest.previews import PreviewStores, apply_preview
from cnc.services.ingest.quarantine import FOREIGN_SOURCE, assigned, malformed
from cnc.services.machine_preview import state_payload


@dataclass(frozen=True, kw_only=True)
class EventStores(PreviewStores):
    assignments: Assignments
    quarantine: Quarantine


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
