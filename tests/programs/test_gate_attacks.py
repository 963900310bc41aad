"""People and gateways that do the steps at once, twice, late or for something else."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from cnc.cloud.store.factors import FactorStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.audit.chain import verify
from cnc.domain.base.errors import CncError
from cnc.domain.identity.totp import STEP_S, code
from cnc.domain.programs.canonical import digest
from cnc.domain.programs.change import Actor, Change, ChangeState
from cnc.domain.programs.tables import table_bytes, table_digest
from cnc.services.audit import Action, Effect, Entry
from cnc.services.programs import steps
from cnc.services.programs.drafts import Draft, draft
from cnc.services.programs.library import machine_drift
from cnc.services.programs.orders import order, set_writing
from cnc.services.programs.reading import checker
from cnc.services.second_factor import MOST_MISSES, confirm, enrol, show
from tests.cloud.fixtures import Cloud
from tests.programs.vault import (
    ANN,
    BEN,
    EVA,
    FOLDER,
    KEY,
    MACHINE,
    NEW,
    NOW,
    OLD,
    SITE,
    SOURCE,
    TENANT,
    Vault,
    person,
)


@pytest.fixture
def vault(cloud: Cloud) -> Iterator[Vault]:
    with acting_for(TENANT):
        made = Vault(cloud)
        made.read_control()
        yield made


def at_once(acts: list[Callable[[], Any]]) -> list[str]:
    """The code of each refusal, "" for what was done; all in threads of their own."""

    def one(act: Callable[[], Any]) -> str:
        with acting_for(TENANT):
            try:
                act()
            except CncError as error:
                return error.code
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def send(vault: Vault, change: str, *, by: Actor = EVA) -> Change:
    return order(change, by=by, stores=vault.stores, commands=vault.sent, sign=KEY.sign, now_ms=NOW)


class Killed(BaseException):
    """The process ended."""


class Dying:
    """A log whose process ends when it should write."""

    def commit(self, action: Action, effects: Sequence[Effect] = (), /) -> Entry:
        raise Killed


def noted(vault: Vault, action: str) -> list[str]:
    entries = list(vault.stores.audit.all())  # type: ignore[attr-defined]
    assert verify(entries, tenant=TENANT).holds
    return sorted(entry.action.result for entry in entries if entry.action.action == action)


def state(vault: Vault, change: str) -> ChangeState:
    return steps.held(change, stores=vault.stores, now_ms=NOW).change.state


def written(vault: Vault, change: Change, **changed: Any) -> None:
    held = vault.stores.changes.get(change.id)
    assert held is not None
    body = {"type": "write_report", "machine": MACHINE, "order": held.change.order, "change": change.id}
    outcome = {"outcome": "released", "code": "", "step": "end", "seen": {}, "sha256": change.sha256}
    vault.report({**body, **outcome, **changed})


def test_of_two_orders_at_once_one_is_sent_and_each_is_noted_once(vault: Vault) -> None:
    made = vault.approved()
    assert at_once([lambda: send(vault, made.id), lambda: send(vault, made.id)]) == ["", "change.state"]
    assert noted(vault, "change.ordered") == ["change.state", "done"]
    assert [command["type"] for command in vault.sent.commands].count("write") == 1


def test_an_order_that_died_before_it_was_stored_blocks_nobody(vault: Vault) -> None:
    """The entry and the change are one transaction: there is nothing half done that others would wait for."""
    made = vault.approved()
    dying = replace(vault.stores, audit=Dying())
    with pytest.raises(Killed):
        order(made.id, by=EVA, stores=dying, commands=vault.sent, sign=KEY.sign, now_ms=NOW)
    assert noted(vault, "change.ordered") == []
    assert send(vault, made.id).state is ChangeState.ORDERED


def test_a_control_that_was_exchanged_after_the_draft_is_not_written(vault: Vault) -> None:
    made = vault.approved()
    newest = vault.stores.snapshots.newest(MACHINE, most=1)[0]
    vault.stores.snapshots.add(replace(newest, serial="AF01-9999", taken_ms=NOW + 1))
    with pytest.raises(CncError, match="AF01-9999"):
        send(vault, made.id)
    assert state(vault, made.id) is ChangeState.APPROVED


def test_a_person_whose_role_was_taken_away_orders_nothing(vault: Vault) -> None:
    made = vault.approved()
    with pytest.raises(CncError):
        send(vault, made.id, by=replace(EVA, may=frozenset()))
    assert noted(vault, "change.ordered") == ["auth.forbidden"]


def test_a_refusal_of_the_second_copy_of_an_order_does_not_hide_its_outcome(vault: Vault) -> None:
    made = vault.approved()
    send(vault, made.id)
    written(vault, made, outcome="refused", code="order.used", sha256="")
    assert state(vault, made.id) is ChangeState.ORDERED
    written(vault, made)
    written(vault, made)
    assert state(vault, made.id) is ChangeState.RELEASED
    assert noted(vault, "change.reported") == ["change.state", "order.used", "released"]


def test_what_was_written_outranks_a_refusal_that_came_first(vault: Vault) -> None:
    made = vault.approved()
    send(vault, made.id)
    written(vault, made, outcome="refused", code="gateway.failed", sha256="")
    written(vault, made)
    assert state(vault, made.id) is ChangeState.RELEASED


def test_a_release_of_something_else_is_none(vault: Vault) -> None:
    made = vault.approved()
    send(vault, made.id)
    for changed in ({"sha256": digest(OLD)}, {"sha256": ""}, {"order": "o_fedcba9876543210"}):
        written(vault, made, **changed)
        assert state(vault, made.id) is ChangeState.ORDERED


def test_a_gateway_that_missed_a_stop_is_told_again_and_one_that_knows_is_not(vault: Vault) -> None:
    where = {"machine": MACHINE, "stores": vault.stores, "commands": vault.sent, "now_ms": NOW}
    set_writing(SITE, allowed=False, by=ANN, **where)  # type: ignore[arg-type]
    vault.sent.commands.clear()
    switch = {"type": "write_switch", "machine": MACHINE, "enabled_until_ms": 0}
    vault.report({**switch, "stopped": [MACHINE]})
    told = [(command["subject"], command["stopped"]) for command in vault.sent.commands]
    assert told == [(MACHINE, False), (SITE, True)]
    vault.report({**switch, "stopped": [SITE, "m_of_others"]})
    vault.report(switch)
    assert len(vault.sent.commands) == 2


def test_a_refused_stop_or_start_of_writing_is_noted(vault: Vault) -> None:
    nobody = person("kim", "viewer")
    with pytest.raises(CncError):
        set_writing(
            SITE, machine=MACHINE, allowed=True, by=nobody, stores=vault.stores, commands=vault.sent, now_ms=NOW
        )
    assert noted(vault, "writing.allowed") == ["auth.forbidden"]


def test_what_no_gateway_would_write_is_not_drafted_and_each_try_is_noted(vault: Vault) -> None:
    where = {"path": 1, "folder": FOLDER, "name": "O1234"}
    tries = [{"path": 2}, {"name": "O9001"}, {"name": "PART.NC"}, {"name": "o1234"}]
    for target in tries:
        wish = Draft(MACHINE, "program", where | target, "x", NEW)
        with pytest.raises(CncError):
            draft(wish, by=ANN, stores=vault.stores, check_text=list, now_ms=NOW)
    codes = ["message.malformed", "value.out_of_range", "writing.refused", "writing.refused"]
    assert noted(vault, "change.drafted") == codes


def test_a_second_program_in_a_text_is_an_error_of_its_check() -> None:
    found = checker("mill", name="O1234")(b"%\nO1234\nM30\nO7\nM99\n%\n")
    assert ("program.several", "error", 4) in [(one["code"], one["severity"], one["line"]) for one in found]


def released(vault: Vault, made: Change) -> None:
    steps.read_dry_run(made.id, by=ANN, stores=vault.stores, dry_run=lambda new, old: {}, now_ms=NOW)
    steps.approve(made.id, by=BEN, stores=vault.stores, now_ms=NOW)
    steps.approve(made.id, by=EVA, stores=vault.stores, now_ms=NOW)
    send(vault, made.id)
    written(vault, made)


@pytest.mark.parametrize(("also", "alarms"), [({}, 0), ({1320: {1: "600.0"}}, 1)])
def test_a_released_parameter_is_no_drift_and_another_one_beside_it_is(
    vault: Vault, also: dict[int, dict[int, str]], alarms: int
) -> None:
    target = {"number": 6713, "axis": 0, "type": "2-word", "value": "150"}
    wish = Draft(MACHINE, "parameter", target, "next lot")
    released(vault, draft(wish, by=ANN, stores=vault.stores, check_text=list, now_ms=NOW))
    table = table_bytes({6713: {0: "150"}, 1320: {1: "500.0"}} | also)
    items = [
        {"kind": "program", "name": f"{FOLDER}O1234", "sha256": digest(OLD), "size": len(OLD)},
        {"kind": "parameters", "name": "", "sha256": table_digest(table), "size": len(table)},
    ]
    head = {"type": "snapshot", "machine": MACHINE, "source": SOURCE, "serial": "AF01-2345", "taken_ms": NOW + 1000}
    vault.report({**head, "items": items, "part": 1, "parts": 1}, at_ms=NOW + 1000)
    vault.upload(table, at_ms=NOW + 1000)
    assert len([alarm for alarm in vault.alarms.of(MACHINE) if alarm.active]) == alarms


def test_a_content_that_was_released_long_ago_and_comes_back_is_drift(vault: Vault) -> None:
    released(vault, vault.draft())
    vault.read_control(NEW, at_ms=NOW + 1000)
    assert vault.alarms.of(MACHINE) == []
    vault.read_control(OLD, at_ms=NOW + 1_200_000)
    vault.read_control(NEW, at_ms=NOW + 2_400_000)
    drifted = machine_drift(MACHINE, stores=vault.stores)
    assert drifted is not None
    assert [one.after for one in drifted.found] == [digest(NEW)]


def test_a_snapshot_from_the_future_is_not_the_newest_for_ever(vault: Vault) -> None:
    assert vault.snapshot(NEW, at_ms=NOW) is None
    body = {"type": "snapshot", "machine": MACHINE, "source": SOURCE, "serial": "other", "items": []}
    assert vault.report({**body, "taken_ms": 2_145_916_800_000, "part": 1, "parts": 1}) is not None
    assert vault.stores.snapshots.newest(MACHINE, most=1)[0].serial == "AF01-2345"


def test_many_guesses_at_once_are_counted_and_a_code_counts_for_one_approval(vault: Vault, cloud: Cloud) -> None:
    factors, now_s = FactorStore(cloud.clients, table=cloud.tables["shop"]), NOW // 1000
    enrol(EVA.id, account="x", factors=factors, random=bytes)
    confirm(EVA.id, code(bytes(20), step=now_s // STEP_S - 1), factors=factors, now_s=now_s)
    right = code(bytes(20), step=now_s // STEP_S)
    twice = at_once([lambda: show(EVA.id, right, factors=factors, now_s=now_s)] * 2)
    assert twice == ["", "change.second_factor"]
    for _ in range(MOST_MISSES):
        at_once([lambda: show(EVA.id, "000000", factors=factors, now_s=now_s)] * 4)
    later = now_s + 3600
    with pytest.raises(CncError, match="too many"):
        show(EVA.id, code(bytes(20), step=later // STEP_S), factors=factors, now_s=later)


def test_an_approval_by_the_second_person_needs_a_code_of_their_own(vault: Vault) -> None:
    made = vault.draft()
    steps.read_dry_run(made.id, by=ANN, stores=vault.stores, dry_run=lambda new, old: {}, now_ms=NOW)
    steps.approve(made.id, by=BEN, stores=vault.stores, now_ms=NOW)
    acts = [lambda: steps.approve(made.id, by=EVA, stores=vault.stores, now_ms=NOW)] * 2
    assert at_once(acts) == ["", "change.state"]
    assert noted(vault, "change.approved") == ["change.state", "done", "done"]
