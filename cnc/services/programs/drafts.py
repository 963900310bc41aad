"""Begin a change: a program to be written, or one value of a control."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.base.ids import new_id
from cnc.domain.programs.canonical import canonical, digest, value_digest
from cnc.domain.programs.change import Actor, Change, check, may_draft
from cnc.domain.programs.parameters import check_parameter
from cnc.domain.programs.snapshot import Item, Snapshot
from cnc.domain.programs.tables import TABLE_OF, ValueTarget, present_value, table_from
from cnc.domain.programs.targets import ParameterTarget, ProgramTarget, Target, target_from, target_to
from cnc.services.audit import Effect
from cnc.services.programs.place import control_of, known_machine
from cnc.services.programs.ports import Check, GateStores, ProgramVersion
from cnc.services.programs.trail import change_digest, noted, refusals_noted

_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """`target` as JSON of its operation; `text` is the program, "" for a value. `reason` says why, for people."""

    machine: str
    operation: str
    target: dict[str, object]
    reason: str
    text: bytes = b""


def draft(wish: Draft, *, by: Actor, stores: GateStores, check_text: Check, now_ms: int) -> Change:
    """A change at `checked`, or still a `draft` when the static check found an error; both are stored.

    Raises CncError: `auth.forbidden`, `machine.not_found`, `writing.refused` without a snapshot to compare with,
    `parameter.denied`, `value.out_of_range`.
    """
    by = by.at(known_machine(wish.machine, shop=stores.shop).site)
    with refusals_noted("change.drafted", by=by, subject=wish.machine, stores=stores, now_ms=now_ms):
        made, versions = _made(wish, by=by, stores=stores, check_text=check_text, now_ms=now_ms)
    noted(
        "change.drafted",
        by=by,
        subject=made.id,
        stores=stores,
        now_ms=now_ms,
        more=target_to(made.target),
        after=change_digest(made),
        effects=[stores.changes.putting(made, seen_version=0), *versions],
    )
    return made


def _made(
    wish: Draft, *, by: Actor, stores: GateStores, check_text: Check, now_ms: int
) -> tuple[Change, Sequence[Effect]]:
    """The change, and the rows of the version that its text is."""
    versions: Sequence[Effect] = ()
    may_draft(by)
    control = control_of(wish.machine, shop=stores.shop)
    target = target_from(wish.operation, wish.target)
    reason = _reason(wish.reason)
    _in_reach(target, path=control.path)
    snapshot = newest_snapshot(wish.machine, stores=stores)
    if isinstance(target, ProgramTarget):
        text = canonical(wish.text)
        sha256, present = digest(text), _program_digest(snapshot, target)
        findings = tuple(check_text(text))
        stores.contents.put(sha256, text)
        version = _version(wish, target, sha256=sha256, size=len(text), by=by, stores=stores, now_ms=now_ms)
        versions = stores.versions.adding(version)
    else:
        value = _value_of(snapshot, wish.operation, target, stores=stores)
        if isinstance(target, ParameterTarget):
            check_parameter(target.number, axis=target.axis, kind=target.type, value=target.value, present=value)
        sha256, present, findings = value_digest(target.value), value_digest(value), ()
    begun = Change(
        id=new_id("c", stores.random),
        machine=wish.machine,
        operation=wish.operation,
        target=target,
        sha256=sha256,
        present_sha256=present,
        serial=snapshot.serial,
        author=by.id,
        reason=reason,
        created_ms=now_ms,
    )
    return check(begun, findings), versions


def _in_reach(target: Target, *, path: int) -> None:
    """What no gateway would ever write is not drafted."""
    if not isinstance(target, ProgramTarget):
        return
    if target.protected:
        expected = "a program with a number outside of O8000 to O9999 and of the 80 and 90 million"
        raise CncError("writing.refused", seen=target.name, expected=expected)
    if target.path != path:
        raise BadValue(seen=f"path {target.path}", expected=f"path {path}, which the gateway reads")


def newest_snapshot(machine: str, *, stores: GateStores) -> Snapshot:
    """What the control held last. Raises CncError `writing.refused` when nobody ever looked."""
    found = stores.snapshots.newest(machine, most=1)
    if not found:
        raise CncError(
            "writing.refused",
            seen="no snapshot of the control",
            expected="a snapshot, so that the present content is known",
            todo="Take a snapshot of the machine first.",
        )
    return found[0]


def _program_digest(snapshot: Snapshot, target: ProgramTarget) -> str:
    return next((item.sha256 for item in snapshot.items if _is_program(item, target)), "")


def _is_program(item: Item, target: ProgramTarget) -> bool:
    return item.kind == "program" and item.name == target.folder + target.name


def _value_of(snapshot: Snapshot, operation: str, target: ValueTarget, *, stores: GateStores) -> str:
    kind = TABLE_OF[operation]
    item = next((item for item in snapshot.items if item.kind == kind), None)
    body = stores.contents.get(item.sha256) if item else None
    value = present_value(table_from(body), target) if body else None
    if value is None:
        raise BadValue(seen=f"{operation} {target.number}", expected=f"one of the {kind} that the control has")
    return value


def _version(
    wish: Draft, target: ProgramTarget, *, sha256: str, size: int, by: Actor, stores: GateStores, now_ms: int
) -> ProgramVersion:
    return ProgramVersion(
        id=new_id("p", stores.random),
        machine=wish.machine,
        name=target.folder + target.name,
        sha256=sha256,
        size=size,
        taken_ms=now_ms,
        origin="draft",
        author=by.id,
        comment=wish.reason[:_MOST_REASON],
    )


def _reason(text: str) -> str:
    if not text.strip() or len(text) > _MOST_REASON:
        raise BadValue(seen=f"a reason of {len(text)} characters", expected=f"1 to {_MOST_REASON} that say why")
    return text.strip()
