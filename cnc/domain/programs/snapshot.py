"""What a control held at one time, by digest, and how two such times differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

KINDS: Final = ("program", "parameters", "offsets", "macros")


@dataclass(frozen=True, slots=True)
class Item:
    """One program, or one table of values. `name` is the program's full name, "" for tables."""

    kind: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All items of one control; `serial` is the one the control itself tells."""

    machine: str
    source: str
    serial: str
    taken_ms: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """One item that is not what it was. `before` or `after` is "" for what came or went."""

    kind: str
    name: str
    before: str
    after: str


def drift(before: Snapshot, after: Snapshot, *, released: Iterable[tuple[str, str, str]] = ()) -> Sequence[Drift]:
    """What changed without a released change; `released` holds (kind, name, digest) that may be found anew."""
    then = {(item.kind, item.name): item.sha256 for item in before.items}
    now = {(item.kind, item.name): item.sha256 for item in after.items}
    explained = set(released)
    return [
        Drift(kind, name, then.get((kind, name), ""), now.get((kind, name), ""))
        for kind, name in sorted(then.keys() | now.keys())
        if then.get((kind, name)) != now.get((kind, name)) and (kind, name, now.get((kind, name), "")) not in explained
    ]
