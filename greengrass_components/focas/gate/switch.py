"""Whether a person at the gateway allows writing to a machine, and everything that takes it back.

`<data>/writing/on/<machine>` was touched by hand: writing is allowed for 8 h from then on. `<data>/writing/stop`
closes everything. `stopped.json` holds what the cloud stopped. `locked/<machine>` was left by a write that could not
be undone.
"""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cnc.domain.base.errors import BadId
from cnc.domain.base.ids import check_id
from cnc.domain.programs.order import EVERYONE
from greengrass_components.edge_kit.files import write_atomic

ALLOWED_S: Final = 8 * 3600


@dataclass(frozen=True, slots=True)
class Switch:
    """The folder `<data>/writing`. Times are wall time."""

    folder: Path
    _unsaved: set[str] = field(default_factory=set, compare=False)

    def enabled_until_ms(self, machine: str) -> int:
        """0 when writing is not allowed by hand. A time in the future allows nothing."""
        now_s = time.time()
        try:
            touched_s = (self.folder / "on" / check_id("m", machine)).stat().st_mtime
        except (OSError, BadId):
            return 0
        if not touched_s - 1 <= now_s < touched_s + ALLOWED_S:
            return 0
        return int((touched_s + ALLOWED_S) * 1000)

    def reason_against(self, *, tenant: str, site: str, machine: str) -> str:
        """Why nothing may be written to the machine, or ""."""
        if (self.folder / "stop").exists():
            return "writing.stopped_here"
        if (self.folder / "locked" / machine).exists():
            return "writing.locked"
        stopped = self.stopped()
        if stopped is None or stopped & {EVERYONE, tenant, site, machine}:
            return "writing.stopped"
        return "" if self.enabled_until_ms(machine) else "writing.off"

    def stopped(self) -> frozenset[str] | None:
        """Ids that the cloud stopped; None when that cannot be known, and then nothing is written."""
        path = self.folder / "stopped.json"
        try:
            held = json.loads(path.read_bytes())
        except FileNotFoundError:
            return frozenset(self._unsaved)
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(held, list) or not all(isinstance(subject, str) for subject in held):
            return None
        return frozenset(held) | self._unsaved

    def set_stopped(self, subject: str, *, stopped: bool) -> None:
        """Remember what the cloud wants. Raises OSError when that cannot be kept; a stop holds all the same."""
        held = self.stopped()
        if held is None:
            path = self.folder / "stopped.json"
            raise OSError(f"{path} cannot be read: all writing stays stopped until it is removed")
        now = held | {subject} if stopped else held - {subject}
        if stopped:
            self._unsaved.add(subject)  # the stop holds in this process even when the disk is full
        write_atomic(self.folder / "stopped.json", json.dumps(sorted(now)).encode())
        self._unsaved.discard(subject)

    def turn_on(self, machine: str) -> None:
        """By hand, at the gateway. Raises BadId, OSError."""
        write_atomic(self.folder / "on" / check_id("m", machine), b"")

    def turn_off(self, machine: str) -> None:
        (self.folder / "on" / check_id("m", machine)).unlink(missing_ok=True)

    def lock(self, machine: str, reason: str) -> None:
        """Nothing is written to the machine any more until a person unlocks it here."""
        write_atomic(self.folder / "locked" / check_id("m", machine), reason.encode())

    def unlock(self, machine: str) -> None:
        (self.folder / "locked" / check_id("m", machine)).unlink(missing_ok=True)
