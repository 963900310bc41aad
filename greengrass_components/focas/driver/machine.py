"""What a control is: read once when a connection is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greengrass_components.focas.client.sessions import Session
from greengrass_components.focas.errors import FocasError, MalformedReply, NoSuchPath
from greengrass_components.focas.protocol.blocks import Call, Request, one
from greengrass_components.focas.protocol.functions import axes, identity, spindle
from greengrass_components.focas.protocol.session import Dialect

MILLIMETRE, INCH, DEGREE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class AxisFacts:
    """One axis: its name, its place in the signal keys and the unit the control counts in."""

    name: str
    key: str
    unit: int = MILLIMETRE


@dataclass(frozen=True, slots=True)
class Machine:
    """One path of a control."""

    dialect: Dialect
    series: str  # "31", "30", "0", "16" ...
    axes: tuple[AxisFacts, ...]
    spindles: tuple[str, ...]  # keys: "s1", "s2"
    cnc_id: tuple[int, ...]
    path: int = 1
    identity: Mapping[str, Any] = field(default_factory=dict)  # what would differ on another control or software


async def read_machine(client: Session, *, path: int) -> Machine:
    """Ask the control what it is. A control that does not tell names gets numbers.

    Raises NoSuchPath, and what the session raises.
    """
    calls: list[Call[Any]] = [
        identity.sysinfo(), axes.rdaxisname(), spindle.rdspdlname(), _units(), identity.rdcncid(),
    ]  # fmt: skip
    if not 1 <= path <= max(client.opening.paths, 1):
        raise NoSuchPath(f"path {path} was configured, the control has {client.opening.paths}")
    system, names, spindles, units, cnc_id = await client.ask([call.on_path(path) for call in calls])
    count = _axis_count(client, path)
    named = _told(names, [])[:count]
    named += [f"axis{number}" for number in range(len(named) + 1, count + 1)]
    units = _told(units, [])
    return Machine(
        dialect=client.dialect,
        series=_told(system, None).cnc_type if not isinstance(system, FocasError) else "",
        axes=tuple(
            AxisFacts(name, key, units[at] if at < len(units) else MILLIMETRE)
            for at, (name, key) in enumerate(zip(named, _keys(named), strict=True))
        ),
        spindles=tuple(f"s{number}" for number, _ in enumerate(_told(spindles, []), start=1)),
        cnc_id=_told(cnc_id, ()),
        path=path,
        identity=_identity(client, _told(system, None), _told(cnc_id, ()), path=path),
    )


def _identity(
    client: Session, system: identity.SystemInfo | None, cnc_id: Sequence[int], *, path: int
) -> dict[str, Any]:
    opening = client.opening
    found: dict[str, Any] = {
        "pdu_version": opening.version,
        "paths": opening.paths,
        "path": path,
        "axes": _axis_count(client, path),
        "spindles": opening.spindles,
        "options": opening.options,
        "cnc_id": [f"{word:08x}" for word in cnc_id],
    }
    if system is not None:
        found |= {
            "cnc_type": system.cnc_type, "mt_type": system.mt_type, "series": system.series,
            "software": system.version, "info": system.info,
        }  # fmt: skip
    return found


def _told(result: Any, otherwise: Any) -> Any:
    return otherwise if isinstance(result, FocasError) else result


def _axis_count(client: Session, path: int) -> int:
    slots = client.opening.slots
    if path <= len(slots) and slots[path - 1].exists:
        return slots[path - 1].axes
    return client.opening.axes


def _keys(names: Sequence[str]) -> list[str]:
    """Lower-case keys, no two alike; a name that is no key becomes a number."""
    keys: list[str] = []
    for number, name in enumerate(names, start=1):
        key = re.sub(r"[^a-z0-9]", "", name.lower())
        if not re.match(r"[a-z]", key) or key in keys:
            key = f"axis{number}"
        keys.append(key)
    return keys


def _units() -> Call[list[int]]:
    """Unit of each axis slot: 0 mm, 1 inch, 2 degree."""

    def read(payload: bytes) -> list[int]:
        if len(payload) % 4:
            raise MalformedReply(f"axis units: expected a multiple of 4 bytes, got {len(payload)}")
        return [int.from_bytes(payload[at : at + 2], "big") for at in range(0, len(payload), 4)]

    return one(Request(axes.UNITS, 1), read)
