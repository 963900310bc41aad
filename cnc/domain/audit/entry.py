"""One entry of a tenant's audit chain, and the bytes its hash is taken of.

hash = SHA-256(previous hash, 64 hex digits + canonical JSON of the entry), so that no entry can be changed, left out or
put in later without every later hash changing. Entries hold ids, digests and keyed pseudonyms: never a secret, never
what people are called, never an address.

    {"action","actor","address","after","at_ms","before","object","on_behalf","request","result","seq","tenant","trace","v":2}

Canonical: keys sorted, compact, UTF-8. Entries of version 1 have no `v`, `tenant`, `address`, `after`, `before`,
`on_behalf` and `trace`, and call the object `subject`; they go on to verify as they are.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

FIRST_PREVIOUS: Final = "0" * 64
VERSION: Final = 2

#: Made once: `json.dumps` with these arguments makes an encoder at every call.
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be noted. `actor` is the id of a user, key or gateway, `result` is `done`, the outcome
    that a gateway told, or the code of a refusal.

    `before`, `after` and `request` are SHA-256 digests (hex) of the object before and after and of what was asked for;
    `on_behalf` is an id; `address` is a keyed pseudonym; `trace` the id of the request. "" where there is none.
    """

    actor: str
    action: str
    subject: str
    result: str
    at_ms: int
    request: str = ""
    on_behalf: str = ""
    address: str = ""
    before: str = ""
    after: str = ""
    trace: str = ""

    @property
    def refused(self) -> bool:
        """Whether the result is the code of a refusal, `<noun>.<reason>`, or a gateway's word for it."""
        return "." in self.result or self.result == "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """An action in its place of the chain; `seq` counts from 1, `body` is the canonical JSON."""

    seq: int
    body: str
    previous: str
    hash: str

    @property
    def action(self) -> Action:
        said = json.loads(self.body)
        return Action(
            said["actor"],
            said["action"],
            said["object"] if "v" in said else said["subject"],
            said["result"],
            said["at_ms"],
            said["request"],
            *(said.get(name, "") for name in ("on_behalf", "address", "before", "after", "trace")),
        )


def following(last: Entry | None, action: Action, *, tenant: str) -> Entry:
    """The entry that comes after `last` (None: the first)."""
    seq, previous = (1, FIRST_PREVIOUS) if last is None else (last.seq + 1, last.hash)
    body = canonical(
        {
            "v": VERSION,
            "seq": seq,
            "tenant": tenant,
            "actor": action.actor,
            "on_behalf": action.on_behalf,
            "address": action.address,
            "action": action.action,
            "object": action.subject,
            "request": action.request,
            "before": action.before,
            "after": action.after,
            "result": action.result,
            "at_ms": action.at_ms,
            "trace": action.trace,
        }
    )
    return Entry(seq, body, previous, entry_hash(previous, body))


def canonical(value: Any) -> str:
    """JSON with sorted keys and no space."""
    return _ENCODE(value)


def entry_hash(previous: str, body: str) -> str:
    return sha256((previous + body).encode()).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 (hex) of the canonical JSON of a value, "" of None: what `before`, `after` and `request` hold."""
    return "" if value is None else sha256(canonical(value).encode()).hexdigest()
