"""Who did what to what: one chain of entries per tenant, each bound to the one before it.

hash = SHA-256(previous hash + canonical JSON of the entry), so that no entry can be changed, left out or put in later
without every later hash changing. Entries hold ids and digests, never secrets or what people are called.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Protocol

FIRST_PREVIOUS = "0" * 64
APPEND_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be noted. `actor` is the id of a user or key, `result` is `done` or the code of a refusal."""

    actor: str
    action: str
    subject: str
    result: str
    at_ms: int
    request: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An action in its place of the chain; `seq` counts from 1."""

    seq: int
    action: Action
    previous: str
    hash: str


class AuditLog(Protocol):
    """The chain of the tenant acted for."""

    def newest(self) -> Entry | None:
        """Strongly consistent."""
        ...

    def add(self, entry: Entry, /) -> bool:
        """Whether the place was still free."""
        ...


class AuditBusy(RuntimeError):
    """Others kept taking the next place of the chain; the action was not noted."""


def note(action: Action, *, log: AuditLog) -> Entry:
    """Append to the chain. Raises AuditBusy, and then the action must not be done either."""
    for _ in range(APPEND_ATTEMPTS):
        entry = following(log.newest(), action)
        if log.add(entry):
            return entry
    raise AuditBusy(f"no free place after {APPEND_ATTEMPTS} attempts")


def following(last: Entry | None, action: Action) -> Entry:
    """The entry that comes after `last`."""
    seq, previous = (1, FIRST_PREVIOUS) if last is None else (last.seq + 1, last.hash)
    return Entry(seq, action, previous, _hash(seq, action, previous))


def first_broken(entries: Iterable[Entry], *, told: Callable[[int], str | None] = lambda _: None) -> int | None:
    """The first seq at which the chain does not hold, or None.

    A chain that was rewritten from some place on holds in itself: `told(seq)` gives the hash that was published
    elsewhere for that place, when one was.
    """
    previous = FIRST_PREVIOUS
    for seq, entry in enumerate(entries, start=1):
        sound = (entry.seq, entry.previous, entry.hash) == (seq, previous, _hash(seq, entry.action, previous))
        if not sound or told(seq) not in (None, entry.hash):
            return seq
        previous = entry.hash
    return None


def _hash(seq: int, action: Action, previous: str) -> str:
    body = json.dumps({"seq": seq, **asdict(action)}, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return sha256(previous.encode() + body.encode()).hexdigest()
