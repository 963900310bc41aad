"""Alarms of controls: raised and cleared by events, one record per kind of alarm and machine.

(boot, seq) of the event decides, so repeated, late and swapped events end in the same record. An alarm that is
announced again while it is active keeps the time at which it was raised.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from cnc.domain.base.ids import new_id
from cnc.domain.telemetry.events import Event
from cnc.services.audit import Effect

TEXT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of one machine: its last occurrence. `boot` and `seq` are those of the event last applied."""

    id: str
    machine: str
    source: str
    boot: str
    seq: int
    number: str
    type: str
    text: str
    axis: str | None
    active: bool
    raised_ms: int
    cleared_ms: int | None


class Alarms(Protocol):
    def get(self, machine: str, alarm: str, *, consistent: bool) -> Alarm | None: ...

    def replace(self, alarm: Alarm, *, seen: Alarm | None) -> bool:
        """Store `alarm` if `seen` is still what is stored; whether it was."""
        ...

    def replacing(self, alarm: Alarm, *, seen: Alarm | None) -> Effect:
        """The same within an action that is noted; refused with AlarmMoved."""
        ...


class AlarmMoved(RuntimeError):
    """Another event was applied to the alarm meanwhile."""


def apply_alarm(event: Event, *, machine: str, alarms: Alarms, attempts: int = 5) -> bool:
    """Whether the event changed anything. An event that never wins its race is left to the next message."""
    alarm_id = _id(event, machine)
    for attempt in range(attempts):  # the first read may be old, as with previews
        held = alarms.get(machine, alarm_id, consistent=attempt > 0)
        if held is not None and (held.boot, held.seq) >= event.order:
            return False
        if alarms.replace(_after(event, held, alarm_id=alarm_id, machine=machine), seen=held):
            return True
    return False


def applying_alarm(event: Event, *, machine: str, alarms: Alarms) -> list[Effect]:
    """As `apply_alarm`, within an action that is noted; nothing when the event changes nothing."""
    alarm_id = _id(event, machine)
    held = alarms.get(machine, alarm_id, consistent=True)
    if held is not None and (held.boot, held.seq) >= event.order:
        return []
    return [alarms.replacing(_after(event, held, alarm_id=alarm_id, machine=machine), seen=held)]


def _after(event: Event, held: Alarm | None, *, alarm_id: str, machine: str) -> Alarm:
    active = event.data.get("active") is not False
    # Cleared without having been seen raised: the raise was lost, its time is at most this one.
    goes_on = held is not None and (held.active or not active)
    return Alarm(
        id=alarm_id,
        machine=machine,
        source=event.source,
        boot=event.boot,
        seq=event.seq,
        number=_text(event.data.get("number")),
        type=_text(event.data.get("type")),
        text=_text(event.data.get("text")) or (held.text if held else ""),
        axis=_text(event.data.get("axis")) or None,
        active=active,
        raised_ms=held.raised_ms if held is not None and goes_on else event.at_ms,
        cleared_ms=None if active else event.at_ms,
    )


def _id(event: Event, machine: str) -> str:
    """The same kind of alarm of one machine always has the same id."""
    kind = [machine, event.source, *(_text(event.data.get(name)) for name in ("type", "number", "axis"))]
    digest = sha256(json.dumps(kind).encode()).digest()
    return new_id("a", lambda count: digest[:count])


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:TEXT_CHARACTERS]
