"""Following the journal of one component, record by record, from where everything before is settled."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cnc.domain.base.errors import CncError
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.recovery import boot_of, segments_of
from greengrass_components.relay.cutter import SourceOf
from greengrass_components.relay.spans import Place

log = logging.getLogger(__name__)

READ_BYTES: Final = 1088 << 10  # a little more than the longest record
#: The folder is listed at one of so many looks that found nothing.
LIST_EVERY: Final = 5


@dataclass(slots=True)
class Tail:
    """`poll` yields what was written since the last call; an empty record where a boot ended."""

    folder: Path
    start: str = ""
    segment: str = ""
    sources: dict[int, SourceOf] = field(default_factory=dict)
    schemas: dict[bytes, Schema] = field(default_factory=dict)
    _handle: int = -1
    _offset: int = 0
    _idle: int = 0
    _twin: int = 0
    drained: bool = False

    @property
    def place(self) -> Place:
        """Behind the last record that was read."""
        return Place(self.segment, self._offset)

    def poll(self, budget: int) -> Iterator[tuple[Place, bytes]]:
        """At most `budget` reads of (place, record body); a segment's end leads into the next.

        `drained` tells afterwards whether the end of the newest segment was reached.
        """
        self.drained = False
        for _ in range(budget):
            if self._handle >= 0 and (found := self._read()):
                self._idle = 0
                yield from found
                continue
            self._idle += 1
            if self._handle >= 0 and self._idle % LIST_EVERY != 1:
                self.drained = True
                return
            newer = [path for path in segments_of(self.folder) if path.name > self.segment and path.name >= self.start]
            if not newer:
                self.drained = True
                return
            if self._handle >= 0 and (found := self._read()):  # written between the last look and the listing
                yield from found
                continue
            if self.segment and newer[0].name[:16] != self.segment[:16]:
                yield self.place, b""
            if not self._go_to(newer[0]):
                return

    def source(self, number: int) -> SourceOf | None:
        """What a number stands for; None where its declaration was lost."""
        return self.sources.get(number)

    def declare(self, body: bytes) -> None:
        """Take a SOURCE record."""
        try:
            record = records.unpack_source(body)
            schema = self.schemas.get(record.schema) or Schema.parse(record.schema)
        except CncError as error:
            log.error("%s: a schema that cannot be read: %s", self.segment, error)
            return
        self.schemas[record.schema] = schema
        boot = boot_of(Path(self.segment))
        self.sources[record.number] = SourceOf(record.source, boot, record.number, schema, record.period_ms)

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _read(self) -> list[tuple[Place, bytes]]:
        while True:
            data = os.pread(self._handle, READ_BYTES, self._offset)
            base, where = self._offset, records.Scan(0, twin=self._twin)
            found = [(Place(self.segment, base + at), body) for at, body in records.scan(data, 0, where)]
            self._offset, self._twin = base + where.end, where.twin
            if where.skipped:
                log.error("%s: %d bytes from %d on are damaged", self.segment, where.skipped, base)
            if found or where.end or len(data) < READ_BYTES:
                return found
            self._offset += READ_BYTES - records.MAX_RECORD - records.FRAME_BYTES  # no whole record begins in them

    def _go_to(self, path: Path) -> bool:
        if self._handle >= 0:
            left = os.fstat(self._handle).st_size - self._offset
            if left > 0:
                log.warning("%s: %d bytes at its end are no record", self.segment, left)
        self.close()
        try:
            self._handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        if path.name[:16] != self.segment[:16]:
            self.sources.clear()
        self.segment, self._offset, self._idle, self._twin = path.name, 0, 0, 0
        return True
