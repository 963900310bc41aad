"""Looking over the shoulder of the drivers: the newest rows and events of all journals of a gateway, read only.

The relay alone accounts for rows; who follows here shows the present to someone beside (an MTConnect client, a
Sparkplug host). At the start the newest segments of each journal are read, so that alarms that are still active and
program names are known.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.errors import CncError
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.recovery import segments_of

log = logging.getLogger(__name__)

READ_BYTES: Final = 1088 << 10  # a little more than the longest record
HISTORY_SEGMENTS: Final = 16
#: The folders are listed at one of so many looks that found nothing.
LIST_EVERY: Final = 10


@dataclass(frozen=True, slots=True)
class Declared:
    """A source begins, or goes on under another schema."""

    source: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class RowSeen:
    source: str
    at_ms: int
    values: records.Values
    quality: int


@dataclass(frozen=True, slots=True)
class EventSeen:
    source: str
    at_ms: int
    type: str
    data: dict[str, Any]


Seen = Declared | RowSeen | EventSeen


@dataclass(slots=True)
class _Journal:
    """One component's folder."""

    folder: Path
    segment: str = ""
    handle: int = -1
    offset: int = 0
    where: records.Scan = field(default_factory=lambda: records.Scan(0))
    sources: dict[int, Declared] = field(default_factory=dict)

    def read(self) -> list[bytes]:
        if self.handle < 0:
            return []
        data = os.pread(self.handle, READ_BYTES, self.offset)
        bodies = [body for _, body in records.scan(data, 0, self.where)]
        self.offset += self.where.end
        return bodies

    def advance(self) -> bool:
        """Go to the next segment, the first time to one that is a while back; False when there is none."""
        names = [path.name for path in segments_of(self.folder)]
        later = [name for name in names if name > self.segment] if self.segment else names[-HISTORY_SEGMENTS:]
        if not later:
            return False
        self.close()
        try:
            self.handle = os.open(self.folder / later[0], os.O_RDONLY)
        except FileNotFoundError:
            return False  # the relay deleted it meanwhile; the next look finds another
        self.segment, self.offset, self.where = later[0], 0, records.Scan(0)
        self.sources.clear()
        return True

    def close(self) -> None:
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


@dataclass(slots=True)
class Follower:
    """`poll` again and again; `caught_up` once the ends of all journals were seen."""

    journals: Path
    caught_up: bool = False
    _found: dict[str, _Journal] = field(default_factory=dict)
    _looks: int = 0

    def poll(self) -> Iterator[Seen]:
        """What was written since the last call, at most a few reads of each journal."""
        listing = self._looks % LIST_EVERY == 0
        self._looks += 1
        if listing:
            self._find()
        drained = True
        for journal in self._found.values():
            bodies = journal.read()
            if not bodies and (listing or not self.caught_up) and journal.advance():
                bodies = journal.read()
                drained = False
            drained = drained and not bodies
            for body in bodies:
                try:
                    seen = self._seen(journal, body)
                except CncError as error:
                    log.error("%s: a record that cannot be read: %s", journal.segment, error)
                    continue
                if seen is not None:
                    yield seen
        self.caught_up = self.caught_up or drained

    def close(self) -> None:
        for journal in self._found.values():
            journal.close()

    def _find(self) -> None:
        if not self.journals.is_dir():
            return
        for folder in sorted(self.journals.iterdir()):
            if folder.name not in self._found and folder.is_dir():
                self._found[folder.name] = _Journal(folder)

    def _seen(self, journal: _Journal, body: bytes) -> Seen | None:
        kind = body[0]
        if kind == records.SOURCE:
            return _declared(journal, body)
        if kind == records.ROW:
            number, _, _ = records.row_head(body)
            of = journal.sources.get(number)
            if of is None or not records.row_fits(body, len(of.schema.signals)):
                return None
            row = records.unpack_row(body, len(of.schema.signals))
            return RowSeen(of.source, row.at_ms, row.values, row.quality)
        if kind == records.EVENT:
            event = records.unpack_event(body)
            of = journal.sources.get(event.number)
            return EventSeen(of.source, event.at_ms, event.type, event.data) if of else None
        return None


def _declared(journal: _Journal, body: bytes) -> Declared:
    record = records.unpack_source(body)
    declared = Declared(record.source, Schema.parse(record.schema))
    journal.sources[record.number] = declared
    return declared
