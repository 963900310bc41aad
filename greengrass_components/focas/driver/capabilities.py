"""What one control answers: learned at first contact, kept beside the journal, asked again when the control changed.

    {"v": 1, "learned_ms": …, "identity": {…}, "facts": {…}, "absent": {"servo_load": "the option is missing …"},
     "failing": {"feed": "…"}, "timer_order": "<"}

Damaged or of another version, the file counts as not there. It is a memory and no configuration: deleting it costs
one round of questions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from greengrass_components.focas.errors import Refused

VERSION: Final = 1
MOST_BYTES: Final = 65_536
#: After this the absent ones are asked again at the next contact: an option may have been bought.
KEEP_MS: Final = 24 * 3600 * 1000
WHY: Final = {
    1: "this control does not have the function (EW_FUNC)",
    3: "this control does not have the number (EW_NUMBER)",
    4: "this control does not have the axis or kind (EW_ATTRIB)",
    6: "the option is missing (EW_NOOPT)",
}
ORDERS: Final = ("", "<", ">")


@dataclass(slots=True)
class Capabilities:
    """The table of one source. `identity` decides whether it still holds; times are ms UTC of the shop."""

    identity: dict[str, Any] = field(default_factory=dict)
    learned_ms: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    timer_order: str = ""

    def holds(self, identity: Mapping[str, Any], *, now_ms: int) -> bool:
        """Whether this was learned from the same control, not too long ago."""
        return self.identity == dict(identity) and 0 <= now_ms - self.learned_ms <= KEEP_MS

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "v": VERSION,
            "learned_ms": self.learned_ms,
            "identity": self.identity,
            "facts": self.facts,
            "absent": self.absent,
            "failing": self.failing,
            "timer_order": self.timer_order,
        }


def why_absent(refusal: Refused) -> str:
    """The reason of a refusal that means: this control has no such thing."""
    return WHY.get(refusal.code, str(refusal))


def load(path: Path) -> Capabilities | None:
    """None when there is none that can be used."""
    try:
        raw = path.read_bytes()
        row = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or row.get("v") != VERSION:
        return None
    kinds = {"learned_ms": int, "identity": dict, "facts": dict, "absent": dict, "failing": dict, "timer_order": str}
    if any(not isinstance(row.get(name), kind) for name, kind in kinds.items()):
        return None
    texts = [*row["absent"].items(), *row["failing"].items()]
    if row["timer_order"] not in ORDERS or not all(isinstance(text, str) for pair in texts for text in pair):
        return None
    return Capabilities(**{name: row[name] for name in kinds})


def save(path: Path, capabilities: Capabilities) -> None:
    """Replace the file; it need not survive a power cut. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(capabilities.document(), sort_keys=True, indent=1) + "\n")
    fresh.replace(path)
