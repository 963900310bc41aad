"""Whether a machine stands so still that something may be written to it.

The words and their values are those of `cnc_statinfo` and `cnc_acts` (FOCAS, section 7 of the facts). Writing is
allowed by a list of what is known to be idle, never by a list of what is known to be busy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

#: A status older than this says nothing about now.
STALE_MS: Final = 500
EDIT: Final = 3
MEM: Final = 1

#: word -> the values at which a machine is idle.
IDLE: Final[Mapping[str, frozenset[int]]] = MappingProxyType(
    {
        "run": frozenset({0}),
        "motion": frozenset({0}),
        "mstb": frozenset({0}),
        "emergency": frozenset({0}),
        "alarm": frozenset({0}),
        "edit": frozenset({0}),
        "aut": frozenset({EDIT, MEM}),
        "spindle_rpm": frozenset({0}),
    }
)


@dataclass(frozen=True, slots=True)
class Status:
    """One reading of the control; None is a word that could not be read. `read_at_ms` is monotonic milliseconds."""

    read_at_ms: int
    run: int | None = None
    motion: int | None = None
    mstb: int | None = None
    emergency: int | None = None
    alarm: int | None = None
    edit: int | None = None
    aut: int | None = None
    spindle_rpm: int | None = None

    def words(self) -> dict[str, int | None]:
        """As `{word: value}`, in the order of the table, for reports and the audit log."""
        return {word: getattr(self, word) for word in IDLE}


def reasons_against(status: Status, *, now_ms: int) -> tuple[str, ...]:
    """Why nothing may be written, one sentence each; empty when writing is allowed. `now_ms` is monotonic."""
    reasons = [_reason(word, value) for word, value in status.words().items() if value not in IDLE[word]]
    age_ms = now_ms - status.read_at_ms
    if not 0 <= age_ms <= STALE_MS:
        reasons.append(f"The status is {age_ms} ms old; at most {STALE_MS} ms are trusted.")
    return tuple(reasons)


def _reason(word: str, value: int | None) -> str:
    expected = " or ".join(map(str, sorted(IDLE[word])))
    return f"{word} is {'unreadable' if value is None else value}; expected {expected}."
