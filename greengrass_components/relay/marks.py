"""`relay/marks.json`: what must survive the relay. All else is read again from the journals.

`{"v":1,"start":{component: segment},"forced":[[source, boot, last]],"schemas":["hash"…],"ledgers":[{…, "stored"}],
"kept":[event…],"again","ended":{source: boot},"crc"}`: where reading begins, cuts that were forced, schemas the store
knows, ledgers with their receipts, events that wait for a chunk with room, whether all that the journals still hold is
to be asked again, and the newest boot of each source whose end was taken. The marks before stay in `marks.json.old`.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.events import Event, event_from, event_to
from cnc.domain.telemetry.health import source_health_from, source_health_to
from cnc.domain.telemetry.wire import Fields, fields
from greengrass_components.edge_kit.files import kept, sealed, write_kept
from greengrass_components.relay.ledger import Ledger, Ledgers

log = logging.getLogger(__name__)

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
    ended: dict[str, str] = field(default_factory=dict)
    dirty: bool = False


def save_marks(path: Path, marks: Marks, *, for_good: bool = False) -> None:
    """Durable when this returns; `for_good`, even if either file is damaged later. Raises OSError."""
    for _ in range(2 if for_good else 1):
        write_kept(path, marks_bytes(marks))
    marks.dirty = False


def marks_bytes(marks: Marks) -> bytes:
    return sealed(
        {
            "v": 1,
            "start": marks.start,
            "forced": sorted(marks.forced),
            "schemas": sorted(marks.schemas),
            "ledgers": [_ledger_to(ledger) for ledger in marks.ledgers.of.values()],
            "again": marks.again,
            "ended": marks.ended,
            "kept": [event_to(event) for event in marks.kept],
        }
    )


def load_marks(path: Path) -> Marks:
    """The newest that can be read; fresh ones when there are none: then all that the journals hold is asked for."""
    for document in kept(path, limit=MAX_BYTES):
        try:
            return _marks(fields(document))
        except MalformedMessage as error:
            log.error("marks: %s", error)
    if path.exists():
        log.error("marks cannot be read: all that the journals hold is asked for")
    return Marks()


def _marks(row: Fields) -> Marks:
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
        ended={name: str(boot) for name, boot in row.flat("ended", limit=100_000).items()} if "ended" in row.of else {},
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
