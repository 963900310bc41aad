"""Every way through the gate: only the documented one ends in an order."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import permissions_of, permissions_of_scopes
from cnc.domain.programs import change as gate
from cnc.domain.programs.change import ANSWER_MS, APPROVAL_MS, FACTOR_MS, Actor, Change, ChangeState
from cnc.domain.programs.targets import MacroTarget, ProgramTarget

ROLES = (
    "operator", "supervisor", "maintenance", "quality", "owner", "admin", "developer", "publisher", "buyer", "viewer",
)  # fmt: skip
NOW = 1_000_000_000
DRAFT = Change(
    id="c_0123456789abcdef",
    machine="m_0123456789abcdef",
    operation="program",
    target=ProgramTarget(1, "", "O1234"),
    sha256="ab" * 32,
    present_sha256="",
    author="u_author",
    reason="new fixture",
    created_ms=NOW,
)
S = ChangeState
DRAFTERS = {"operator", "supervisor", "maintenance", "quality", "owner", "admin"}


def person(name: str, role: str = "supervisor", factor_ms: int | None = NOW) -> Actor:
    return Actor(f"u_{name}", "user", permissions_of([role]), factor_ms, (role,))


def key(scope: str = "programs") -> Actor:
    return Actor("k_0123456789abcdef", "key", permissions_of_scopes([scope]))


def ready(change: Change = DRAFT) -> Change:
    return gate.read_dry_run(gate.check(change, ()), {"cycle_s": 90}, by=person("author", "operator"))


def approved(change: Change = DRAFT) -> Change:
    once = gate.approve(ready(change), by=person("first"), now_ms=NOW)
    return gate.approve(once, by=person("second"), now_ms=NOW)


def ordered() -> Change:
    return gate.order(approved(), order_id="o_1", by=person("first"), now_ms=NOW)


def code_of(step: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    try:
        step(*args, **kwargs)
    except CncError as error:
        return error.code
    return ""


def test_the_whole_way_ends_released() -> None:
    end = gate.report(ordered(), order_id="o_1", outcome="released", seen={"step": "read_back"}, now_ms=NOW + 9)
    assert (end.state, end.ended_ms, end.outcome) == (S.RELEASED, NOW + 9, {"step": "read_back"})
    assert [approval.by for approval in end.approvals] == ["u_first", "u_second"]


def test_no_step_can_be_taken_at_another_state() -> None:
    steps: dict[str, tuple[Callable[[Change], Change], set[ChangeState]]] = {
        "check": (lambda c: gate.check(c, ()), {S.DRAFT}),
        "read": (lambda c: gate.read_dry_run(c, {}, by=person("x")), {S.CHECKED}),
        "approve": (lambda c: gate.approve(c, by=person("third"), now_ms=NOW), {S.DRY_RUN, S.APPROVED_ONCE}),
        "order": (
            lambda c: gate.order(c, order_id="o", by=person("x"), now_ms=NOW),
            {S.APPROVED, S.REFUSED, S.EXPIRED},
        ),
        "report": (
            lambda c: gate.report(c, order_id=c.order, outcome="released", seen={}, now_ms=NOW),
            {S.ORDERED, S.EXPIRED, S.REFUSED, S.WITHDRAWN},
        ),
        "report of a refusal": (
            lambda c: gate.report(c, order_id=c.order, outcome="refused", seen={}, now_ms=NOW),
            {S.ORDERED, S.EXPIRED},
        ),
        "withdraw": (
            lambda c: gate.withdraw(c, reason="other", by=person("x"), now_ms=NOW),
            {S.DRAFT, S.CHECKED, S.DRY_RUN, S.APPROVED_ONCE, S.APPROVED, S.REFUSED, S.EXPIRED},
        ),
    }
    full = ordered()
    for name, (step, allowed) in steps.items():
        for state in S:
            given = replace(full, state=state, approvals=full.approvals[: 0 if state is S.DRY_RUN else 2])
            assert (code_of(step, given) == "") == (state in allowed), (name, state)


@pytest.mark.parametrize("operation", ["program", "parameter", "offset", "macro"])
def test_over_all_roles_only_the_documented_ones_approve_and_order(operation: str) -> None:
    change = replace(DRAFT, operation=operation, target=MacroTarget(500, "1"))
    extra = set() if operation == "program" else {"maintenance"}
    passed = set()
    for first, second, orderer in product(ROLES, repeat=3):
        try:
            once = gate.approve(ready(change), by=person("first", first), now_ms=NOW)
            twice = gate.approve(once, by=person("second", second), now_ms=NOW)
            gate.order(twice, order_id="o", by=person("first", orderer), now_ms=NOW)
        except CncError:
            continue
        passed.add((first, second, orderer))
    approvers = {"supervisor", "quality", "owner", "admin"} | extra
    orderers = {"supervisor", "owner", "admin"} | extra
    assert passed == set(product(approvers, approvers, orderers))


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (person("first"), "change.same_person"),
        (person("author"), "change.same_person"),
        (person("second", factor_ms=None), "change.second_factor"),
        (person("second", factor_ms=NOW - FACTOR_MS - 1), "change.second_factor"),
        (person("second", factor_ms=NOW + 1), "change.second_factor"),
        (person("second", factor_ms=NOW - FACTOR_MS), ""),
        (key(), "auth.forbidden"),
        (replace(key(), roles=frozenset({"admin"})), "auth.forbidden"),
    ],
)
def test_the_second_approval_is_another_persons_with_a_fresh_second_factor(second: Actor, code: str) -> None:
    once = gate.approve(ready(), by=person("first", factor_ms=None), now_ms=NOW)
    assert code_of(gate.approve, once, by=second, now_ms=NOW) == code


def test_an_author_may_be_the_first_approver_but_not_the_second() -> None:
    once = gate.approve(ready(), by=person("author"), now_ms=NOW)
    assert gate.approve(once, by=person("second"), now_ms=NOW).state is S.APPROVED


@pytest.mark.parametrize("role", ROLES)
def test_drafts_are_made_by_those_who_work_at_the_machines(role: str) -> None:
    assert (code_of(gate.may_draft, person("x", role)) == "") == (role in DRAFTERS)


def test_a_key_drafts_with_its_scope_and_does_nothing_else() -> None:
    assert code_of(gate.may_draft, key()) == ""
    assert code_of(gate.may_draft, key("read")) == "auth.forbidden"
    assert code_of(gate.read_dry_run, gate.check(DRAFT, ()), {}, by=key()) == "auth.forbidden"
    assert code_of(gate.order, approved(), order_id="o", by=key(), now_ms=NOW) == "auth.forbidden"


def test_a_draft_with_an_error_stays_a_draft() -> None:
    found = ({"severity": "error", "line": 3},)
    assert gate.check(DRAFT, found).state is S.DRAFT
    assert gate.check(DRAFT, ({"severity": "warning"},)).state is S.CHECKED


def test_approvals_of_yesterday_do_not_order() -> None:
    late = NOW + APPROVAL_MS + 1
    assert code_of(gate.order, approved(), order_id="o", by=person("first"), now_ms=late) == "change.stale"


def test_an_order_without_an_answer_expires_and_its_late_answer_still_counts() -> None:
    assert gate.expire(ordered(), now_ms=NOW + ANSWER_MS).state is S.ORDERED
    expired = gate.expire(ordered(), now_ms=NOW + ANSWER_MS + 1)
    assert expired.state is S.EXPIRED
    assert gate.report(expired, order_id="o_1", outcome="released", seen={}, now_ms=NOW).state is S.RELEASED


@pytest.mark.parametrize(("order_id", "outcome"), [("o_other", "released"), ("o_1", "ordered"), ("o_1", "started")])
def test_a_report_of_another_order_or_of_no_outcome_is_refused(order_id: str, outcome: str) -> None:
    assert code_of(gate.report, ordered(), order_id=order_id, outcome=outcome, seen={}, now_ms=NOW) == "change.state"


def test_a_change_is_withdrawn_by_its_author_or_by_who_may_approve() -> None:
    assert gate.withdraw(ready(), reason="other", by=person("author", "operator"), now_ms=NOW).state is S.WITHDRAWN
    stranger = person("other", "operator")
    assert code_of(gate.withdraw, ready(), reason="other", by=stranger, now_ms=NOW) == "auth.forbidden"
