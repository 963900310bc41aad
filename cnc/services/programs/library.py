"""Read the vault: programs and their versions, changes, snapshots and drift of one machine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.programs.change import OPEN, Change, ChangeState, expire
from cnc.domain.programs.snapshot import Drift, Snapshot, drift
from cnc.domain.programs.tables import TABLE_OF, explained, table_from
from cnc.domain.programs.targets import ProgramTarget
from cnc.services.programs.place import known_machine
from cnc.services.programs.ports import GateStores, ProgramVersion

#: How far apart the clocks of a gateway and of the cloud may be before a release does not explain a change.
CLOCKS_MS: Final = 120_000


@dataclass(frozen=True, slots=True)
class Program:
    """One program of a machine and everything it ever was, newest first; `present`: the control has it now."""

    name: str
    present: bool
    versions: tuple[ProgramVersion, ...]


def programs(machine: str, *, stores: GateStores) -> list[Program]:
    """By name. Raises CncError `machine.not_found`."""
    known_machine(machine, shop=stores.shop)
    newest = stores.snapshots.newest(machine, most=1)
    there = {item.name for snapshot in newest for item in snapshot.items if item.kind == "program"}
    by_name: dict[str, list[ProgramVersion]] = {}
    for version in stores.versions.of_machine(machine):
        by_name.setdefault(version.name, []).append(version)
    return [Program(name, name in there, tuple(reversed(by_name[name]))) for name in sorted(by_name)]


def version_text(version: str, *, stores: GateStores) -> tuple[ProgramVersion, bytes]:
    """A version and its canonical bytes. Raises CncError `program.not_found`."""
    found = stores.versions.get(check_id("p", version))
    text = stores.contents.get(found.sha256) if found else None
    if found is None or text is None:
        raise CncError("program.not_found", todo="Take the id from `programs`.")
    return found, text


def changes(
    machine: str | None, *, still_open: bool | None, most: int, stores: GateStores, now_ms: int
) -> list[Change]:
    """Newest first; `still_open` None: both those that go on and those that ended."""
    found = [expire(change, now_ms=now_ms) for change in stores.changes.all()]
    if machine is not None:
        found = [change for change in found if change.machine == machine]
    if still_open is not None:
        found = [change for change in found if (change.state in OPEN) == still_open]
    return sorted(found, key=lambda change: (change.created_ms, change.id), reverse=True)[:most]


@dataclass(frozen=True, slots=True)
class MachineDrift:
    """What differs between the two newest snapshots without a released change."""

    since_ms: int
    until_ms: int
    found: Sequence[Drift]


def machine_drift(machine: str, *, stores: GateStores) -> MachineDrift | None:
    """None until there are two snapshots. Raises CncError `machine.not_found`."""
    known_machine(machine, shop=stores.shop)
    newest = stores.snapshots.newest(machine, most=2)
    if len(newest) < 2:
        return None
    after, before = newest
    released = [change for change in stores.changes.all() if _between(change, before, after)]
    programs = [
        ("program", change.target.folder + change.target.name, change.sha256)
        for change in released
        if isinstance(change.target, ProgramTarget)
    ]
    found = drift(_known(before), _known(after), released=programs)
    left = [one for one in found if not _explained(one, released, stores=stores)]
    return MachineDrift(before.taken_ms, after.taken_ms, left)


def _between(change: Change, before: Snapshot, after: Snapshot) -> bool:
    """Written between the two, as far as the clocks of gateway and cloud agree: what comes back later is drift."""
    released = change.machine == after.machine and change.state is ChangeState.RELEASED
    return (
        released and change.ended_ms >= before.taken_ms - CLOCKS_MS and change.ordered_ms <= after.taken_ms + CLOCKS_MS
    )


def _explained(one: Drift, released: Sequence[Change], *, stores: GateStores) -> bool:
    """Whether a table differs by released values, or by what changes at work, alone; while it is on its way, it may."""
    targets = [
        change.target
        for change in released
        if not isinstance(change.target, ProgramTarget) and TABLE_OF[change.operation] == one.kind
    ]
    if one.kind == "program" or not one.before or not one.after:
        return False
    before, after = stores.contents.get(one.before), stores.contents.get(one.after)
    if after is None:
        return True
    return before is not None and explained(one.kind, table_from(before), table_from(after), targets)


def _known(snapshot: Snapshot) -> Snapshot:
    """Macros are the machine's own working memory: programs write them all day."""
    return replace(snapshot, items=tuple(item for item in snapshot.items if item.kind != "macros"))
