"""`relay/marks.json`: what must survive the relay. All else is read again from the journals.

`{"v":1,"start":{component: segment},"forced":[[source, boot, last]],"schemas":["hash"…],"ledgers":[{…, "stored"}],
"kept":[event…],"again"}`: where reading begins, cuts that were forced, schemas the store knows, ledgers with their
receipts, events that wait for a chunk with room, and whether all that the journals still hold is to be asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.events import Event, event_from, event_to
from cnc.domain.telemetry.health import source_health_from, source_health_to
from cnc.domain.telemetry.wire import dumps, fields, loads
from greengrass_components.edge_kit.files import write_atomic
from greengrass_components.relay.ledger import Ledger, Ledgers

MAX_BYTES: Final = 64 << 20


@dataclass(slots=True)
class Marks:
    """Changed in place by the parts of the relay; `dirty` asks for a save."""

    start: dict[str, str] = field(default_factory=dict)
    forced: set[tuple[str, str, int]] = field(default_factory=set)
    schemas: set[str] = field(default_factory=set)
    ledgers: Ledgers = field(default_factory=Ledgers)
    kept: list[Event] = field(default_factory=list)
    again: bool = False
    dirty: bool = False


def save_marks(path: Path, marks: Marks) -> None:
    """Durable when this returns. Raises OSError."""
    write_atomic(path, marks_bytes(marks))
    marks.dirty = False


def marks_bytes(marks: Marks) -> bytes:
    return dumps(
        {
            "v": 1,
            "start": marks.start,
            "forced": sorted(marks.forced),
            "schemas": sorted(marks.schemas),
            "ledgers": [_ledger_to(ledger) for ledger in marks.ledgers.of.values()],
            "again": marks.again,
            "kept": [event_to(event) for event in marks.kept],
        }
    )


def load_marks(path: Path) -> Marks:
    """Fresh marks when there are none. Raises MalformedMessage: someone else wrote the file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Marks()
    row = fields(loads(data, limit=MAX_BYTES))
    ledgers = Ledgers()
    for value in row.items("ledgers", limit=1_000_000):
        ledger = _ledger_from(value)
        ledgers.of[ledger.source, ledger.boot] = ledger
    return Marks(
        start={name: str(segment) for name, segment in row.flat("start", limit=1000).items()},
        forced=set(_forced(row.items("forced", limit=1_000_000))),
        schemas={str(text) for text in row.items("schemas", limit=100_000)},
        ledgers=ledgers,
        again=row.of.get("again") is True,
        kept=[event_from(value) for value in row.items("kept", limit=1_000_000)],
    )


def _ledger_to(ledger: Ledger) -> dict[str, Any]:
    return {**source_health_to(ledger.health()), "stored": ledger.stored, "reports_left": max(0, ledger.reports_left)}


def _ledger_from(value: Any) -> Ledger:
    health, row = source_health_from(value), fields(value)
    return Ledger(
        source=health.source,
        boot=health.boot,
        first_at_ms=health.first_at_ms,
        produced=health.produced,
        produced_at_ms=health.produced_at_ms,
        stored=row.ranges("stored", limit=1_000_000),
        gaps=list(health.gaps),
        unobserved=list(health.unobserved),
        reports_left=row.integer("reports_left"),
    )


def _forced(rows: Iterable[Any]) -> Iterable[tuple[str, str, int]]:
    for item in rows:
        if not isinstance(item, list) or len(item) != 3:
            raise MalformedMessage(seen=str(item)[:40], expected="[source, boot, last]")
        row = fields({"source": item[0], "boot": item[1], "last": item[2]})
        yield row.source(), row.boot(), row.integer("last", 1)
