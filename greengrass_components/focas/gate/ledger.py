"""Orders that were begun, kept before their first byte is written: none is used twice, and there are not too many."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from greengrass_components.edge_kit.files import sync_folder

PER_HOUR: Final = 10
HOUR_MS: Final = 3_600_000
#: Clocks are set by a second now and then.
CLOCK_SLACK_MS: Final = 2_000


@dataclass(slots=True)
class OrderLedger:
    """Append-only lines `{"nonce","machine","at_ms"}`. A torn last line is of an order that never wrote anything."""

    path: Path
    _nonces: set[str] = field(default_factory=set)
    _begun: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> "OrderLedger":
        """Raises OSError or ValueError: a ledger that cannot be read allows nothing."""
        ledger = cls(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            whole, _, torn = path.read_bytes().rpartition(b"\n")
            for line in whole.splitlines():
                ledger._take(json.loads(line))
            if torn:
                os.truncate(path, path.stat().st_size - len(torn))
        return ledger

    def knows(self, nonce: str) -> bool:
        """Whether an order with it was begun."""
        return nonce in self._nonces

    def reason_against(self, *, nonce: str, machine: str, now_ms: int) -> str:
        """`order.used`, `order.too_many`, `clock.set_back`, or "".

        Every order that was begun was signed for its minute, so that the wall clock cannot truly be before it.
        """
        if self.knows(nonce):
            return "order.used"
        if now_ms < max((at_ms for _, at_ms in self._begun), default=0) - CLOCK_SLACK_MS:
            return "clock.set_back"
        recent = sum(1 for name, at_ms in self._begun if name == machine and now_ms - at_ms < HOUR_MS)
        return "order.too_many" if recent >= PER_HOUR else ""

    def begin(self, *, nonce: str, machine: str, now_ms: int) -> None:
        """Durable when this returns. Raises OSError."""
        row = {"nonce": nonce, "machine": machine, "at_ms": now_ms}
        new = not self.path.exists()
        whole = 0 if new else self.path.stat().st_size
        try:
            with self.path.open("ab") as file:
                file.write(json.dumps(row, sort_keys=True).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self._take(row)  # its line may be on the disk or not: it is used
            os.truncate(self.path, whole)  # half a line would make the next one unreadable
            raise
        if new:
            sync_folder(self.path.parent)
        self._take(row)

    def _take(self, row: dict[str, object]) -> None:
        at_ms = row["at_ms"]
        if not isinstance(at_ms, int):
            raise ValueError(f"at_ms is {at_ms!r}, expected a whole number")
        self._nonces.add(str(row["nonce"]))
        self._begun.append((str(row["machine"]), at_ms))
