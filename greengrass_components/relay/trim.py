"""Deleting segments: what has receipts when it is old or room is needed; what has none only at the disk limit.

A full disk must not keep itself full: when marks cannot be saved, segments go all the same. A relay that is killed
before the next save finds a jump of seqs then, and declares a gap; where the store has the rows, it has them.
"""

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.recovery import segments_of
from greengrass_components.relay.marks import Marks, save_marks
from greengrass_components.relay.reader import Reader, declare_lost
from greengrass_components.relay.rebuild import read_back

log = logging.getLogger(__name__)

DAY_S: Final = 86_400
MAX_KEPT: Final = 10_000
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
        for component in self.reader.components():
            self._trim(component)

    def _trim(self, component: str) -> None:
        segments = segments_of(self.reader.folder(component))
        sizes = {path: path.stat().st_size for path in segments}
        total = sum(sizes.values())
        oldest_wanted_s = time.time() - self.keep_days * DAY_S
        short = _room(self.marks_path.parent) < SHORT_BYTES
        for path in segments[:-1]:
            settled = path.name < self.marks.start[component]
            over = total > self.disk_bytes
            old = short or path.stat().st_mtime < oldest_wanted_s
            if not over and not (settled and old):
                return
            if not settled:
                self._give_up(component, path)
            path.unlink()
            total -= sizes[path]

    def _give_up(self, component: str, path: Path) -> None:
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
        self._save(for_good=True)

    def _save(self, *, for_good: bool = False) -> None:
        try:
            save_marks(self.marks_path, self.marks, for_good=for_good)
        except OSError as error:
            log.error("marks cannot be saved: %s", error)


def _room(folder: Path) -> int:
    """Bytes that may still be written."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
