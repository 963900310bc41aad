"""The steps people take with a change: read the dry run, approve, withdraw, order."""

from collections.abc import Callable
from dataclasses import replace

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.programs import change as gate
from cnc.domain.programs.change import Actor, Change
from cnc.domain.programs.targets import ProgramTarget, target_to
from cnc.services.programs.ports import DryRun, GateStores, HeldChange
from cnc.services.programs.trail import noted, refusals_noted


def held(change: str, *, stores: GateStores, now_ms: int) -> HeldChange:
    """The change, expired if its order was not answered. Raises CncError `change.not_found`."""
    found = stores.changes.get(check_id("c", change))
    if found is None:
        raise CncError("change.not_found", todo="Take the id from `changes`.")
    return HeldChange(gate.expire(found.change, now_ms=now_ms), found.version)


def step(
    action: str,
    change: str,
    take: Callable[[Change], Change],
    *,
    by: Actor,
    stores: GateStores,
    now_ms: int,
) -> Change:
    """Take one step: decide, claim, note, store. A refusal is noted and raised.

    Claimed before it is noted: of two people at the same step one is noted as done and the other one as refused.
    """
    found = held(change, stores=stores, now_ms=now_ms)
    with refusals_noted(action, by=by, subject=change, stores=stores, now_ms=now_ms):
        after = take(found.change)
        claimed = stores.changes.claim(after.id, seen_version=found.version, now_ms=now_ms)
    noted(action, by=by, subject=change, stores=stores, now_ms=now_ms)
    stores.changes.put(after, seen_version=claimed)
    return after


def read_dry_run(change: str, *, by: Actor, stores: GateStores, dry_run: DryRun, now_ms: int) -> Change:
    """Make the dry-run report and mark it as read by this person."""

    def take(found: Change) -> Change:
        return gate.read_dry_run(found, _report(found, stores=stores, dry_run=dry_run), by=by)

    return step("change.dry_run_read", change, take, by=by, stores=stores, now_ms=now_ms)


def approve(
    change: str, *, by: Actor, stores: GateStores, now_ms: int, show: Callable[[], int] | None = None
) -> Change:
    """First or second approval. `show()` shows the second factor that came along and says when, in ms.

    It is asked only when nothing else stands against the approval: a code counts once.
    """

    def take(found: Change) -> Change:
        if show is None:
            return gate.approve(found, by=by, now_ms=now_ms)
        gate.approve(found, by=replace(by, factor_at_ms=now_ms), now_ms=now_ms)
        return gate.approve(found, by=replace(by, factor_at_ms=min(show(), now_ms)), now_ms=now_ms)

    return step("change.approved", change, take, by=by, stores=stores, now_ms=now_ms)


def withdraw(change: str, *, reason: str, by: Actor, stores: GateStores, now_ms: int) -> Change:
    """Nobody wants it any more, and why."""
    return step(
        "change.withdrawn",
        change,
        lambda found: gate.withdraw(found, reason=reason, by=by, now_ms=now_ms),
        by=by,
        stores=stores,
        now_ms=now_ms,
    )


def _report(change: Change, *, stores: GateStores, dry_run: DryRun) -> dict[str, object]:
    if not isinstance(change.target, ProgramTarget):
        return {"kind": change.operation, **target_to(change.target)}
    new = stores.contents.get(change.sha256)
    old = stores.contents.get(change.present_sha256) if change.present_sha256 else None
    if new is None:
        raise CncError("program.not_found", seen=change.sha256[:12], expected="the text of the draft")
    return {"kind": "program", **dry_run(new, old)}
