"""Whether a chain of entries holds, by itself and against what was told of it elsewhere."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from cnc.domain.audit.entry import FIRST_PREVIOUS, Entry, canonical, entry_hash

_NOTHING: Mapping[int, str] = MappingProxyType({})


class Problem(StrEnum):
    """What does not hold at a place of the chain."""

    PLACE = "place"  # another seq than the one expected: something was left out, put in or swapped
    PREVIOUS = "previous"  # not bound to the entry before it
    CONTENT = "content"  # the hash is not that of the entry
    TENANT = "tenant"  # an entry of another chain
    ANCHOR = "anchor"  # another hash than the one anchored for this place
    CUT = "cut"  # anchored, and not there


@dataclass(frozen=True, slots=True)
class Verdict:
    """`entries` hold from the first on; `problem` at place `seq` ended the reading, None when all hold."""

    entries: int
    head: str
    problem: Problem | None = None
    seq: int = 0
    seen: str = ""
    expected: str = ""
    anchored: int = field(default=0)  # the last place of those that hold for which an anchor was told

    @property
    def holds(self) -> bool:
        return self.problem is None


def verify(
    entries: Iterable[Entry],
    *,
    tenant: str,
    told: Mapping[int, str] = _NOTHING,
    after: int = 0,
    previous: str = FIRST_PREVIOUS,
    whole: bool = True,
) -> Verdict:
    """Read a chain from its first entry on; `told` is the hash that was anchored for a place.

    By itself a chain shows that nothing was changed in the middle. That its tail was not cut and that it was not made
    anew as a whole is shown by anchors only. A chain may be read in parts: the next one begins `after` the place and
    with the `head` of the part before as its `previous`; only of the last part is it asked whether it is `whole`.
    """
    seq, anchored = after, _last(told, below=after + 1)
    for seq, entry in enumerate(entries, start=after + 1):
        problem = _problem(entry, seq=seq, previous=previous, tenant=tenant)
        if problem is None and seq in told:
            anchored = seq
            if told[seq] != entry.hash:
                problem = Problem.ANCHOR, entry.hash, told[seq]
        if problem is not None:
            return Verdict(seq - 1, previous, problem[0], seq, problem[1], problem[2], _last(told, below=seq))
        previous = entry.hash
    missing = max(told, default=0)
    if whole and missing > seq:
        return Verdict(seq, previous, Problem.CUT, seq + 1, f"{seq} entries", f"{missing} entries", anchored)
    return Verdict(seq, previous, anchored=anchored)


def _last(told: Mapping[int, str], *, below: int) -> int:
    return max((seq for seq in told if seq < below), default=0)


def _problem(entry: Entry, *, seq: int, previous: str, tenant: str) -> tuple[Problem, str, str] | None:
    if entry.seq != seq:
        return Problem.PLACE, str(entry.seq), str(seq)
    if entry.previous != previous:
        return Problem.PREVIOUS, entry.previous, previous
    if entry_hash(previous, entry.body) != entry.hash:
        return Problem.CONTENT, entry.hash, entry_hash(previous, entry.body)
    said = _said(entry.body)
    if said.get("seq") != seq:
        return Problem.PLACE, str(said.get("seq")), str(seq)
    # Version 1 did not name its tenant.
    if said.get("tenant", tenant if "v" not in said else None) != tenant:
        return Problem.TENANT, str(said.get("tenant")), tenant
    return None


def _said(body: str) -> dict[str, Any]:
    """What a body says; nothing when it is not the one canonical text of what it says."""
    try:
        said = json.loads(body)
        return said if isinstance(said, dict) and canonical(said) == body else {}
    except (ValueError, RecursionError):
        return {}
