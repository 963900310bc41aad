"""Deleting segments: what has receipts when it is old or room is needed; what has none only at the disk limit.

Nothing is deleted before the marks that pass it are saved: what a segment declares may stand nowhere else. So that a
full disk does not keep itself full, a file of the relay's own is given up to make room for the marks.
"""

import logging
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.recovery import segments_of
from greengrass_components.relay.marks import Marks, save_marks
from greengrass_components.relay.reader import Reader, declare_lost
from greengrass_components.relay.rebuild import read_back

log = logging.getLogger(__name__)

DAY_S: Final = 86_400
MAX_KEPT: Final = 10_000
RESERVE_BYTES: Final = 256 << 10
#: With less room than this on the disk, nothing that has its receipt is kept.
SHORT_BYTES: Final = 16 << 20


@dataclass(slots=True)
class Trim:
    """Limits hold for each component's journal."""

    reader: Reader
    marks: Marks
    marks_path: Path
    disk_bytes: int
    keep_days: float
    #: Where reading begins by the marks that are saved.
    _safe: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._safe = dict(self.marks.start)

    def step(self) -> None:
        """Note where reading must begin after a restart, then delete. Raises OSError for a folder that has gone."""
        for component in self.reader.components():
            oldest = self.reader.oldest_needed(component)
            if self.marks.start.get(component) != oldest:
                self.marks.start[component] = oldest
                self.marks.dirty = True
        known = self.marks.ledgers.of.keys()
        self.marks.forced -= {cut for cut in self.marks.forced if cut[:2] not in known}
        if self.marks.dirty:
            self._save()
        else:
            self._safe = dict(self.marks.start)
        for component in self.reader.components():
            self._trim(component)

    def _trim(self, component: str) -> None:
        segments = segments_of(self.reader.folder(component))
        sizes = {path: path.stat().st_size for path in segments}
        total = sum(sizes.values())
        oldest_wanted_s = time.time() - self.keep_days * DAY_S
        room = _room(self.marks_path.parent)
        short = room < SHORT_BYTES
        if room > SHORT_BYTES + RESERVE_BYTES and not self._reserve.exists():
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
        for path in segments[:-1]:
            settled = path.name < self._safe.get(component, "")
            over = total > self.disk_bytes
            old = short or path.stat().st_mtime < oldest_wanted_s
            if not over and not (settled and old):
                return
            if not settled and not self._give_up(component, path):
                return
            path.unlink()
            total -= sizes[path]

    @property
    def _reserve(self) -> Path:
        return self.marks_path.with_name("reserve")

    def _give_up(self, component: str, path: Path) -> bool:
        """Rows of `path` make room for newer ones: declared as a gap, their events kept, before they are deleted."""
        lost = [
            span
            for span in self.marks.ledgers.unsettled()
            if span.component == component and span.start.segment <= path.name
        ]
        if lost:
            found = read_back(self.reader.folder(component), lost, self.reader.schemas)
            events = [event for cuts in found.values() for cut in cuts for event in cut.events]
            self.marks.kept = [*self.marks.kept, *events][-MAX_KEPT:]
            for span in lost:
                declare_lost(self.marks, span, "disk_full")
            log.error("%s: disk limit reached, %d spans of rows dropped and declared", component, len(lost))
        segments = [segment.name for segment in segments_of(self.reader.folder(component))]
        self.marks.start[component] = segments[segments.index(path.name) + 1]
        return self._save(for_good=True)

    def _save(self, *, for_good: bool = False) -> bool:
        try:
            save_marks(self.marks_path, self.marks, for_good=for_good)
        except OSError as error:
            log.error("marks cannot be saved: %s", error)
            self._reserve.unlink(missing_ok=True)
            return False
        self._safe = dict(self.marks.start)
        return True


def _room(folder: Path) -> int:
    """Bytes that may still be written."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
