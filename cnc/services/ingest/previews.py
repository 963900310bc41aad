"""Tiles: the document of each machine, brought forward by events of either lane."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cnc.domain.telemetry.events import Event
from cnc.services.ingest.alarms import Alarms, apply_alarm
from cnc.services.ingest.ports import FanOut
from cnc.services.machine_preview import Document, empty, merged, state_payload

WRITE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Versioned:
    """A document and the version it was read at; 0 = there was none."""

    document: Document
    version: int


class Previews(Protocol):
    def read(self, thing: str, machine: str, *, consistent: bool) -> Versioned | None: ...

    def of_gateway(self, thing: str) -> Mapping[str, Document]:
        """Document per machine, in one query."""
        ...

    def write(self, thing: str, machine: str, document: Document, *, seen_version: int) -> bool:
        """Store version seen + 1 if nobody else did; whether it was stored."""
        ...


@dataclass(frozen=True, kw_only=True)
class PreviewStores:
    previews: Previews
    alarms: Alarms
    fan_out: FanOut


def apply_preview(machine: str, events: Iterable[Event], *, thing: str, previews: Previews) -> Document | None:
    """The machine's new document, or None when no event was newer than what is there.

    The first read may be a moment old and costs half: what is not newer than that is not newer at all, and a write
    over it fails and is repeated from a consistent read.
    """
    events = list(events)
    for attempt in range(WRITE_ATTEMPTS):
        held = previews.read(thing, machine, consistent=attempt > 0) or Versioned(empty(), 0)
        document, changed = merged(held.document, events)
        if not changed:
            return None
        if previews.write(thing, machine, document, seen_version=held.version):
            return document
    return None  # others keep writing: the events of the next second, or the minute, will bring it


def repair_previews(by_machine: Mapping[str, Sequence[Event]], *, thing: str, stores: PreviewStores) -> int:
    """Catch up on what the event lane lost, from the events of the minute; how many machines had fallen behind.

    One query says for all machines whether anything is new, which it hardly ever is.
    """
    documents = stores.previews.of_gateway(thing)
    repaired = 0
    for machine, events in by_machine.items():
        for event in events:
            if event.type == "alarm":
                apply_alarm(event, machine=machine, alarms=stores.alarms)
        if not merged(documents.get(machine, empty()), events)[1]:
            continue
        document = apply_preview(machine, events, thing=thing, previews=stores.previews)
        if document is not None:
            stores.fan_out.machine_state(machine, state_payload(machine, document))
            repaired += 1
    return repaired
