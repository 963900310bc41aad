"""The steps people take with a change: read the dry run, approve, withdraw, order."""

from collections.abc import Callable
from dataclasses import replace

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.programs import change as gate
from cnc.domain.programs.change import Actor, Change
from cnc.domain.programs.targets import ProgramTarget, target_to
from cnc.services.programs.place import known_machine
from cnc.services.programs.ports import DryRun, GateStores, HeldChange
from cnc.services.programs.trail import change_digest, noted, refusals_noted


def held(change: str, *, stores: GateStores, now_ms: int) -> HeldChange:
    """The change, expired if its order was not answered. Raises CncError `change.not_found`."""
    found = stores.changes.get(check_id("c", change))
    if found is None:
        raise CncError("change.not_found", todo="Take the id from `changes`.")
    return HeldChange(gate.expire(found.change, now_ms=now_ms), found.version)


def step(
    action: str,
    change: str,
    take: Callable[[Change, Actor], Change],
    *,
    by: Actor,
    stores: GateStores,
    now_ms: int,
) -> Change:
    """Take one step: decide, then store it with its entry. A refusal is noted and raised; rights are those at the site.

    Of two people at the same step one is noted as done and the other one as refused.
    """
    found = held(change, stores=stores, now_ms=now_ms)
    site = known_machine(found.change.machine, shop=stores.shop).site
    with refusals_noted(action, by=by, subject=change, stores=stores, now_ms=now_ms):
        after = take(found.change, by.at(site))
        noted(
            action,
            by=by,
            subject=change,
            stores=stores,
            now_ms=now_ms,
            before=change_digest(found.change),
            after=change_digest(after),
            effects=[stores.changes.putting(after, seen_version=found.version)],
        )
    return after


def read_dry_run(change: str, *, by: Actor, stores: GateStores, dry_run: DryRun, now_ms: int) -> Change:
    """Make the dry-run report and mark it as read by this person."""

    def take(found: Change, by: Actor) -> Change:
        return gate.read_dry_run(found, _report(found, stores=stores, dry_run=dry_run), by=by)

    return step("change.dry_run_read", change, take, by=by, stores=stores, now_ms=now_ms)


def approve(
    change: str, *, by: Actor, stores: GateStores, now_ms: int, show: Callable[[], int] | None = None
) -> Change:
    """First or second approval. `show()` shows the second factor that came along and says when, in ms.

    It is asked only when nothing else stands against the approval: a code counts once.
    """

    def take(found: Change, by: Actor) -> Change:
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
        lambda found, by: gate.withdraw(found, reason=reason, by=by, now_ms=now_ms),
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
