"""What one simulated machine is, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulated_shop.faults import Fault, FaultKind
from simulated_shop.kinds import KINDS, Kind


class BadSpec(ValueError):
    """A machine description that cannot be simulated: the value seen and what was expected."""


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """One machine. `seed` belongs to the shop: equal seed and name give the same life.

    `commissioned` is when its counters stood at zero; `programs` are O numbers (9000 and above: recordings).
    """

    name: str
    kind: Kind
    seed: int
    time_zone: str
    programs: tuple[int, ...]
    commissioned: datetime
    faults: tuple[Fault, ...] = ()


def machine_spec(document: Mapping[str, Any]) -> MachineSpec:
    """The `shop` part of a simulator's document. Raises BadSpec."""
    kind = document.get("kind")
    if kind not in KINDS:
        raise BadSpec(f"machine kind {kind!r}: expected one of {', '.join(KINDS)}")
    try:
        return MachineSpec(
            name=str(document["name"]),
            kind=KINDS[str(kind)],
            seed=int(document["seed"]),
            time_zone=str(document["time_zone"]),
            programs=tuple(int(number) for number in document["programs"]),
            commissioned=_instant(document["commissioned"]),
            faults=tuple(_fault(fault) for fault in document.get("faults", ())),
        )
    except KeyError as missing:
        raise BadSpec(f"machine {document.get('name')!r}: expected the field {missing}") from None


def _fault(document: Mapping[str, Any]) -> Fault:
    try:
        kind = FaultKind(document["kind"])
    except ValueError:
        known = ", ".join(kind.value for kind in FaultKind)
        raise BadSpec(f"fault {document['kind']!r}: expected one of {known}") from None
    until = document.get("until")
    return Fault(kind, _instant(document["since"]), float(document["strength"]), _instant(until) if until else None)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise BadSpec(f"time {text!r}: expected a time zone, as in 2026-01-05T06:00:00Z")
    return instant
