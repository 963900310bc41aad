"""Events: what changed, at once. A preview on its own lane; the truth travels in the minute message.

Types and their data (contracts 2): `state` (all tile inputs), `alarm` (number, type, text, axis, active),
`program` (name, number), `part` (count), `tool` (number), `override` (feed, rapid, spindle).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import dumps, fields, loads

EVENT_TYPES: Final = ("state", "alarm", "program", "part", "tool", "override")
MAX_EVENTS: Final = 1000

_TYPE: Final = re.compile(r"[a-z][a-z_]{0,31}\Z")


@dataclass(frozen=True, slots=True)
class Event:
    """One change, seen in row (boot, seq) at `at_ms`. `boot` is 16 hex digits; `data` holds plain values."""

    source: str
    boot: str
    seq: int
    at_ms: int
    type: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[str, int]:
        """What says which of two events of one source is newer."""
        return self.boot, self.seq


def event_to(event: Event) -> dict[str, Any]:
    """The JSON object of one event."""
    return {
        "source": event.source,
        "boot": event.boot,
        "seq": event.seq,
        "at_ms": event.at_ms,
        "type": event.type,
        "data": event.data,
    }


def event_from(value: Any) -> Event:
    """Raises MalformedMessage. A type of a newer gateway is kept, if it has the form of a type."""
    row = fields(value)
    kind = row.text("type", limit=32)
    if not _TYPE.match(kind):
        raise MalformedMessage(seen=kind, expected=f"a type such as {', '.join(EVENT_TYPES)}")
    return Event(
        source=row.source(),
        boot=row.boot(),
        seq=row.integer("seq", 1),
        at_ms=row.ms("at_ms"),
        type=kind,
        data=row.flat("data", limit=32),
    )


def pack_events(events: Sequence[Event], *, sent_ms: int) -> bytes:
    """JSON of the event lane."""
    return dumps({"v": 1, "sent_ms": sent_ms, "events": [event_to(event) for event in events]})


def unpack_events(data: bytes) -> tuple[int, list[Event]]:
    """`sent_ms` and the events. Raises MalformedMessage."""
    message = fields(loads(data))
    return message.ms("sent_ms"), [event_from(row) for row in message.items("events", limit=MAX_EVENTS)]
