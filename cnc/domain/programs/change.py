"""A change on its way through the gate. Each step takes the change and gives the next one, or says why not.

draft -> checked -> dry_run -> approved_once -> approved -> ordered -> released
Every function raises CncError: `change.state` out of order, `auth.forbidden` for a role that may not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from cnc.domain.base.errors import CncError
from cnc.domain.identity.facts import GRANTED, Permission
from cnc.domain.programs.order import LIFE_MS
from cnc.domain.programs.targets import Target

#: The second approval shows its second factor within this time.
FACTOR_MS: Final = 5 * 60_000
#: Approvals older than this were given for another day.
APPROVAL_MS: Final = 24 * 3_600_000
#: An answer may still be on its way when the order has expired.
ANSWER_MS: Final = LIFE_MS + 30_000


class ChangeState(StrEnum):
    """Where a change stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    DRY_RUN = "dry_run"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    ORDERED = "ordered"
    RELEASED = "released"
    REFUSED = "refused"
    RESTORED = "restored"
    LOCKED = "locked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


S = ChangeState
#: What a gateway may report.
OUTCOMES: Final = frozenset({S.RELEASED, S.REFUSED, S.RESTORED, S.LOCKED})
OPEN: Final = frozenset({S.DRAFT, S.CHECKED, S.DRY_RUN, S.APPROVED_ONCE, S.APPROVED, S.ORDERED, S.REFUSED, S.EXPIRED})
#: From where an order may be sent; what was refused or not answered may be tried again.
_ORDERABLE: Final = frozenset({S.APPROVED, S.REFUSED, S.EXPIRED})

#: operation -> what a person needs to approve it or to order it; programs and values of a control differ.
APPROVE: Final = MappingProxyType({"program": Permission.PROGRAM_APPROVE})
ORDER: Final = MappingProxyType({"program": Permission.PROGRAM_ORDER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `may` is what they may do; `at_site` says what of that holds at one site.

    `factor_at_ms` is when a second factor was last shown, None for never; `roles` are for telling people.
    """

    id: str
    kind: str  # "user" or "key"
    may: frozenset[Permission]
    factor_at_ms: int | None = None
    roles: tuple[str, ...] = ()
    at_site: Callable[[str], frozenset[Permission]] | None = None

    def at(self, site: str) -> "Actor":
        """The same one, with what they may do at this site."""
        return self if self.at_site is None else replace(self, may=self.at_site(site), at_site=None)


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes."""

    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`sha256` is the digest of the new content, `present_sha256` of the content it replaces ("" for none).

    `serial` is what the control called itself when this was drafted.
    """

    id: str
    machine: str
    operation: str
    target: Target
    sha256: str
    present_sha256: str
    author: str
    reason: str
    created_ms: int
    serial: str = ""
    state: ChangeState = S.DRAFT
    findings: tuple[Mapping[str, Any], ...] = ()
    dry_run: Mapping[str, Any] | None = None
    read_by: str = ""
    approvals: tuple[Approval, ...] = ()
    order: str = ""
    ordered_by: str = ""
    ordered_ms: int = 0
    ended_ms: int = 0
    outcome: Mapping[str, Any] | None = None


def may_draft(actor: Actor) -> None:
    """Raise `auth.forbidden` unless the actor may draft."""
    if Permission.PROGRAM_DRAFT not in actor.may:
        raise forbidden(actor, Permission.PROGRAM_DRAFT)


def check(change: Change, findings: tuple[Mapping[str, Any], ...]) -> Change:
    """Take in the static check; with an error among the findings the change stays a draft."""
    _at(change, S.DRAFT)
    failed = any(finding["severity"] == "error" for finding in findings)
    return replace(change, findings=findings, state=S.DRAFT if failed else S.CHECKED)


def read_dry_run(change: Change, report: Mapping[str, Any], *, by: Actor) -> Change:
    """The dry-run report was made and read by a person who may draft."""
    _at(change, S.CHECKED)
    person(by, Permission.PROGRAM_DRAFT)
    return replace(change, dry_run=report, read_by=by.id, state=S.DRY_RUN)


def approve(change: Change, *, by: Actor, now_ms: int) -> Change:
    """First or second approval. Raises `change.same_person` and `change.second_factor` besides."""
    _at(change, S.DRY_RUN, S.APPROVED_ONCE)
    person(by, APPROVE.get(change.operation, Permission.VALUE_APPROVE))
    given = (*change.approvals, Approval(by.id, now_ms))
    if change.state is S.DRY_RUN:
        return replace(change, approvals=given, state=S.APPROVED_ONCE)
    if by.id == change.approvals[0].by:
        raise CncError("change.same_person", seen=by.id, expected="another person than the first approver")
    if by.id == change.author:
        raise CncError("change.same_person", seen=by.id, expected="another person than the author")
    _fresh_factor(by, now_ms)
    return replace(change, approvals=given, state=S.APPROVED)


def order(change: Change, *, order_id: str, by: Actor, now_ms: int) -> Change:
    """An order is on its way. Raises `change.stale` when the approvals are older than a day."""
    _at(change, *_ORDERABLE)
    person(by, ORDER.get(change.operation, Permission.VALUE_ORDER))
    oldest = min(approval.at_ms for approval in change.approvals)
    if now_ms - oldest > APPROVAL_MS:
        raise CncError("change.stale", seen=f"{(now_ms - oldest) // 3_600_000} h", expected="approvals of at most 24 h")
    return replace(change, state=S.ORDERED, order=order_id, ordered_by=by.id, ordered_ms=now_ms, outcome=None)


def report(change: Change, *, order_id: str, outcome: str, seen: Mapping[str, Any], now_ms: int) -> Change:
    """What the gateway says. A report of another order than the last one raises `change.state`.

    Late is better than never; and what was written outranks a refusal of the same order
    and a withdrawal.
    """
    _at(change, S.ORDERED, S.EXPIRED, *(() if outcome == S.REFUSED else (S.REFUSED, S.WITHDRAWN)))
    if change.order != order_id or outcome not in OUTCOMES:
        raise CncError("change.state", seen=f"{outcome} of {order_id}", expected=f"the outcome of {change.order}")
    return replace(change, state=ChangeState(outcome), outcome=seen, ended_ms=now_ms)


def expire(change: Change, *, now_ms: int) -> Change:
    """Expired when an order was not answered in time, else the same change."""
    if change.state is S.ORDERED and now_ms - change.ordered_ms > ANSWER_MS:
        return replace(change, state=S.EXPIRED, ended_ms=now_ms)
    return change


def withdraw(change: Change, *, reason: str, by: Actor, now_ms: int) -> Change:
    """By the author or somebody who may approve, unless an order is on its way or it is done."""
    _at(change, *(OPEN - {S.ORDERED}))
    if by.id != change.author:
        person(by, APPROVE.get(change.operation, Permission.VALUE_APPROVE))
    return replace(change, state=S.WITHDRAWN, ended_ms=now_ms, outcome={"reason": reason, "by": by.id})


def _at(change: Change, *states: ChangeState) -> None:
    if change.state not in states:
        raise CncError("change.state", seen=change.state.value, expected=" or ".join(sorted(states)))


def person(actor: Actor, permission: Permission) -> None:
    """Raise `auth.forbidden` unless this is a person who may."""
    if actor.kind != "user" or permission not in actor.may:
        raise forbidden(actor, permission)


def _fresh_factor(actor: Actor, now_ms: int) -> None:
    shown = actor.factor_at_ms
    if shown is None or not 0 <= now_ms - shown <= FACTOR_MS:
        raise CncError(
            "change.second_factor",
            seen="none" if shown is None else f"{(now_ms - shown) // 1000} s ago",
            expected="a second factor shown within 5 minutes",
            todo="Show the code of your authenticator with the approval.",
        )


def forbidden(actor: Actor, permission: Permission) -> CncError:
    """What is told to those who may not: what they are, and who could."""
    seen = "an API key" if actor.kind == "key" else ", ".join(sorted(actor.roles)) or "no role that gives it"
    return CncError("auth.forbidden", seen=seen, expected=f"one of {', '.join(sorted(GRANTED[permission]))}")
