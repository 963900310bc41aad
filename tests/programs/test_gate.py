"""A change from draft to release over real stores, and everything that stops it on the way."""

import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature

from cnc.cloud.tenancy import acting_for
from cnc.domain.audit.chain import verify
from cnc.domain.audit.entry import Action
from cnc.domain.base.errors import CncError
from cnc.domain.programs.canonical import canonical, digest
from cnc.domain.programs.change import ANSWER_MS, Actor, ChangeState
from cnc.domain.programs.order import EVERYONE, Order, Place, read_order, reasons_against
from cnc.services.programs import steps
from cnc.services.programs.drafts import Draft, draft
from cnc.services.programs.guard import acknowledge_drift
from cnc.services.programs.library import changes, machine_drift, programs, version_text
from cnc.services.programs.orders import order, set_writing, set_writing_everywhere
from cnc.services.shop import Gateway
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
    THING,
    Vault,
)

OTHER = "g_fedcba9876543210"


@pytest.fixture
def vault(cloud: Cloud) -> Iterator[Vault]:
    with acting_for(TENANT):
        yield Vault(cloud)


def send(vault: Vault, change: str, *, by: Actor = EVA, now_ms: int = NOW) -> ChangeState:
    return order(change, by=by, stores=vault.stores, commands=vault.sent, sign=KEY.sign, now_ms=now_ms).state


def verified(text: bytes, signature: bytes) -> bool:
    try:
        KEY.public_key().verify(signature, text)
    except InvalidSignature:
        return False
    return True


def ordered(vault: Vault) -> Order:
    command = vault.sent.commands[-1]
    return read_order(command["order"].encode(), b64decode(command["signature"]), verify=verified)


def code_of(error: pytest.ExceptionInfo[CncError]) -> str:
    return error.value.code


def test_a_change_is_drafted_checked_read_approved_twice_ordered_and_released(vault: Vault) -> None:
    vault.read_control()
    made = vault.approved()
    assert send(vault, made.id) is ChangeState.ORDERED
    told = ordered(vault)
    assert reasons_against(told, place=Place(TENANT, SITE, THING, MACHINE, SOURCE, "AF01-2345"), now_ms=NOW) == ()
    assert (told.sha256, told.present_sha256) == (digest(NEW), digest(OLD))
    assert told.approvers == (BEN.id, EVA.id)
    report = {
        "type": "write_report",
        "machine": MACHINE,
        "order": told.id,
        "change": made.id,
        "code": "",
        "step": "end",
    }
    assert vault.report({**report, "outcome": "released", "seen": {"run": 0}, "sha256": digest(NEW)}) is None
    assert steps.held(made.id, stores=vault.stores, now_ms=NOW).change.state is ChangeState.RELEASED


def test_every_step_is_in_the_audit_log_and_so_is_every_refusal(vault: Vault) -> None:
    vault.read_control()
    made = vault.draft()
    with pytest.raises(CncError):
        send(vault, made.id)
    entries = list(vault.stores.audit.all())  # type: ignore[attr-defined]
    assert [(entry.action.action, entry.action.result) for entry in entries] == [
        ("change.drafted", "done"),
        ("change.ordered", "change.state"),
    ]
    assert verify(entries, tenant=TENANT).holds
    assert vault.sent.commands[-1]["type"] != "write"


def test_nothing_is_drafted_before_the_control_was_read(vault: Vault) -> None:
    with pytest.raises(CncError) as refused:
        vault.draft()
    assert code_of(refused) == "writing.refused"


def test_a_draft_with_an_error_cannot_be_read_or_approved(vault: Vault) -> None:
    vault.read_control()
    made = vault.draft(findings=({"severity": "error", "line": 2},))
    assert made.state is ChangeState.DRAFT
    with pytest.raises(CncError) as refused:
        steps.read_dry_run(made.id, by=ANN, stores=vault.stores, dry_run=lambda new, old: {}, now_ms=NOW)
    assert code_of(refused) == "change.state"


@pytest.mark.parametrize("stopped", [TENANT, SITE, MACHINE])
def test_a_kill_switch_stops_orders_until_it_is_opened(vault: Vault, stopped: str) -> None:
    vault.read_control()
    made = vault.approved()
    where = {"machine": MACHINE, "stores": vault.stores, "commands": vault.sent, "now_ms": NOW}
    set_writing(stopped, allowed=False, by=ANN, **where)  # type: ignore[arg-type]
    assert vault.sent.commands[-1] == {"v": 1, "type": "stop_writing", "subject": stopped, "stopped": True}
    with pytest.raises(CncError) as refused:
        send(vault, made.id)
    assert code_of(refused) == "writing.refused"
    with pytest.raises(CncError):
        set_writing(stopped, allowed=True, by=ANN, **where)  # type: ignore[arg-type]
    set_writing(stopped, allowed=True, by=EVA, **where)  # type: ignore[arg-type]
    assert send(vault, made.id) is ChangeState.ORDERED


def test_the_operator_of_the_product_stops_all_tenants_and_leaves_their_own_stops(vault: Vault) -> None:
    vault.read_control()
    made = vault.approved()
    where = {"stores": vault.stores, "commands": vault.sent, "now_ms": NOW}
    set_writing(SITE, machine=MACHINE, allowed=False, by=ANN, **where)  # type: ignore[arg-type]
    assert set_writing_everywhere(allowed=False, by="operator", **where) == 1  # type: ignore[arg-type]
    assert vault.sent.commands[-1] == {"v": 1, "type": "stop_writing", "subject": EVERYONE, "stopped": True}
    set_writing(SITE, machine=MACHINE, allowed=True, by=EVA, **where)  # type: ignore[arg-type]
    set_writing(TENANT, machine=MACHINE, allowed=True, by=EVA, **where)  # type: ignore[arg-type]
    with pytest.raises(CncError, match="everyone"):
        send(vault, made.id)
    set_writing(SITE, machine=MACHINE, allowed=False, by=ANN, **where)  # type: ignore[arg-type]
    set_writing_everywhere(allowed=True, by="operator", **where)  # type: ignore[arg-type]
    assert vault.stores.stops.stopped() == {SITE}


@pytest.mark.parametrize(("scope", "told"), [(TENANT, {THING, OTHER}), (SITE, {THING, OTHER}), (MACHINE, {THING})])
def test_every_gateway_in_reach_of_a_kill_switch_is_told(vault: Vault, scope: str, told: set[str]) -> None:
    vault.shop.put_gateway(Gateway(OTHER, "Second", SITE, 1, '{"sources":[]}'), seen_version=0)
    set_writing(scope, machine=MACHINE, allowed=False, by=ANN, stores=vault.stores, commands=vault.sent, now_ms=NOW)
    assert set(vault.sent.things) == told


def test_an_order_without_an_answer_expires_and_can_be_sent_again_with_another_nonce(vault: Vault) -> None:
    vault.read_control()
    made = vault.approved()
    send(vault, made.id)
    first, later = ordered(vault), NOW + ANSWER_MS + 1
    assert changes(MACHINE, still_open=True, most=9, stores=vault.stores, now_ms=later)[0].state is ChangeState.EXPIRED
    send(vault, made.id, now_ms=later)
    assert ordered(vault).id != first.id
    assert ordered(vault).nonce != first.nonce


def test_two_orders_of_one_change_cannot_be_sent_at_once(vault: Vault) -> None:
    vault.read_control()
    made = vault.approved()
    before = vault.stores.changes.get(made.id)
    assert before is not None
    send(vault, made.id)
    other = vault.stores.changes.putting(replace(before.change, order="o_other"), seen_version=before.version)
    with pytest.raises(CncError) as refused:
        vault.stores.audit.commit(Action(EVA.id, "change.ordered", made.id, "done", NOW), [other])
    assert code_of(refused) == "change.state"


def test_a_parameter_is_drafted_within_its_rule_and_any_other_is_denied(vault: Vault) -> None:
    vault.read_control()
    target = {"number": 6713, "axis": 0, "type": "2-word", "value": "150"}
    wish = Draft(MACHINE, "parameter", target, "next lot")
    made = draft(wish, by=ANN, stores=vault.stores, check_text=lambda _: (), now_ms=NOW)
    assert made.state is ChangeState.CHECKED
    denied = Draft(MACHINE, "parameter", target | {"number": 1320, "axis": 1, "type": "real"}, "more travel")
    with pytest.raises(CncError) as refused:
        draft(denied, by=ANN, stores=vault.stores, check_text=lambda _: (), now_ms=NOW)
    assert code_of(refused) == "parameter.denied"


def test_a_new_content_on_the_control_is_a_new_version_and_drift(vault: Vault) -> None:
    vault.read_control()
    vault.read_control(NEW, at_ms=NOW + 1000)
    vault.read_control(NEW, at_ms=NOW + 2000)
    (program,) = programs(MACHINE, stores=vault.stores)
    assert [version.sha256 for version in program.versions] == [digest(NEW), digest(OLD)]
    assert version_text(program.versions[0].id, stores=vault.stores)[1] == canonical(NEW)
    drifted = machine_drift(MACHINE, stores=vault.stores)
    assert drifted is not None
    assert list(drifted.found) == []
    vault.read_control(OLD, at_ms=NOW + 3000)
    drifted = machine_drift(MACHINE, stores=vault.stores)
    assert drifted is not None
    assert [(one.name, one.after) for one in drifted.found] == [(f"{FOLDER}O1234", digest(OLD))]


def test_a_change_outside_of_the_gate_is_an_alarm_until_somebody_knows_of_it(vault: Vault) -> None:
    vault.read_control()
    vault.read_control(at_ms=NOW + 1000)
    assert vault.alarms.of(MACHINE) == []
    vault.read_control(NEW, at_ms=NOW + 2000)
    vault.read_control(NEW, at_ms=NOW + 3000)
    (alarm,) = vault.alarms.of(MACHINE)
    assert (alarm.active, alarm.text) == (True, "Changed outside of the gate: O1234 changed")
    acknowledge_drift(MACHINE, by=ANN, stores=vault.stores, alarms=vault.alarms, now_ms=NOW + 4000)
    (alarm,) = vault.alarms.of(MACHINE)
    assert (alarm.active, alarm.cleared_ms) == (False, NOW + 4000)


def test_only_unknown_contents_are_asked_for(vault: Vault) -> None:
    vault.read_control()
    asked = [item["sha256"] for command in vault.sent.commands for item in command["items"]]
    vault.snapshot(OLD, at_ms=NOW + 1)
    assert len(asked) == 2
    assert [item for command in vault.sent.commands[1:] for item in command["items"]] == []


def test_bytes_that_are_not_what_they_claim_are_no_version(vault: Vault) -> None:
    vault.snapshot(OLD)
    key = f"tenant={TENANT}/kind=program/sha256={digest(OLD)}"
    s3 = vault.cloud.clients.tenant("s3")
    s3.put_object(Bucket=vault.cloud.bucket, Key=key, Body=b"something else")
    vault.report({"type": "uploaded", "machine": MACHINE, "sha256s": [digest(OLD)]})
    assert programs(MACHINE, stores=vault.stores) == []
    assert not vault.stores.contents.has(digest(OLD))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{" * 3000,
        json.dumps({"v": 1, "type": "start"}).encode(),
        json.dumps({"v": 1, "type": "write_switch", "machine": "m_x", "enabled_until_ms": 0}).encode(),
        json.dumps({"v": 1, "type": "write_switch", "machine": MACHINE, "enabled_until_ms": -1}).encode(),
        json.dumps({"v": 1, "type": "uploaded", "machine": MACHINE, "sha256s": ["../x"]}).encode(),
    ],
)
def test_what_is_no_report_goes_into_quarantine(vault: Vault, body: bytes) -> None:
    assert vault.report(body) is not None
    assert len(vault.quarantine.refusals) == 1


def test_a_gateway_cannot_speak_for_a_machine_that_is_not_its_own(vault: Vault) -> None:
    refused = vault.snapshot(OLD, machine="m_fedcba9876543210")
    assert refused is not None
    assert refused.reason == "source.not_assigned"


def test_a_report_for_a_change_of_another_order_changes_nothing(vault: Vault) -> None:
    vault.read_control()
    made = vault.approved()
    send(vault, made.id)
    body = {"type": "write_report", "machine": MACHINE, "order": "o_fedcba9876543210", "change": made.id}
    vault.report({**body, "outcome": "released", "code": "", "step": "", "seen": {}})
    assert steps.held(made.id, stores=vault.stores, now_ms=NOW).change.state is ChangeState.ORDERED


def test_the_switch_of_a_machine_is_what_its_gateway_told_last(vault: Vault) -> None:
    vault.report({"type": "write_switch", "machine": MACHINE, "enabled_until_ms": NOW + 5})
    assert vault.switches.enabled_until_ms(MACHINE) == NOW + 5
