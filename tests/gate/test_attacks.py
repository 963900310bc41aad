"""What somebody would try to get past the gate, and what a bad day would bring."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.programs.canonical import canonical, digest
from cnc.domain.programs.order import EVERYONE
from cnc.domain.programs.targets import ProgramTarget
from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.focas.gate.ledger import OrderLedger
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.gate.wiring import static_check
from tests.gate.fakes import FOLDER, MACHINE, NEW, NOW, OLD, SITE, TENANT, FakeControl, Floor

LIBRARY = "//CNC_MEM/USER/LIBRARY/"


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (ProgramTarget(2, FOLDER, "O1234"), "target.other_path"),
        (ProgramTarget(1, "", "O1234"), "target.folder"),
        (ProgramTarget(1, FOLDER, "O80001234"), "program.protected"),
        (ProgramTarget(1, LIBRARY, "O0001"), "program.in_use"),
    ],
)
def test_a_target_that_only_looks_harmless_is_refused(floor: Floor, target: ProgramTarget, code: str) -> None:
    outcome = floor.write(floor.order(target=target))
    assert (outcome.outcome, outcome.code, floor.control.changes) == ("refused", code, [])


def test_the_path_that_the_gateway_reads_is_the_one_that_is_written(floor: Floor) -> None:
    floor.source = SourceConfig(floor.source.id, MACHINE, "focas", 1000, settings={"path": 2})
    assert floor.write().code == "target.other_path"
    target = ProgramTarget(2, FOLDER, "O1234")
    assert floor.write(floor.order(target=target)).outcome == "released"


def test_a_new_program_of_a_spare_number_is_not_sent_onto_itself(floor: Floor) -> None:
    floor.content = canonical(b"O7999\nM30")
    order = floor.order(target=ProgramTarget(1, FOLDER, "O7999"), sha256=digest(floor.content), present_sha256="")
    assert floor.write(order).outcome == "released"
    assert floor.control.changes[0] == f"send {FOLDER}O7998"


@pytest.mark.parametrize("text", [b"O1234\nM30\nO0007\nM99", b"O1234\nM30\no7\nM99", b"O7\nM30", b"O1234\nM30(%)"])
def test_the_gateway_itself_finds_a_second_program_in_a_content(text: bytes) -> None:
    source = SourceConfig("d", MACHINE, "focas", 1000)
    assert static_check(canonical(text), ProgramTarget(1, FOLDER, "O1234"), source)


def test_a_program_of_a_lathe_is_checked_as_one() -> None:
    text = canonical(b"O1234\nG97S500M3\nG0X52.Z2.\nG76P010060Q100R50\nG76X28.Z-20.P1000Q300F1.5\nM5\nM30")
    target = ProgramTarget(1, FOLDER, "O1234")
    lathe = SourceConfig("d", MACHINE, "focas", 1000, settings={"reads_as": "lathe"})
    assert static_check(text, target, lathe) == []
    assert static_check(text, target, SourceConfig("d", MACHINE, "focas", 1000))


def test_selecting_the_program_during_the_transfer_keeps_it(floor: Floor) -> None:
    def select(frame: int) -> None:
        floor.control.used = frozenset({f"{FOLDER}O1234"})

    floor.control.before_frame = select
    outcome = floor.write()
    assert (outcome.outcome, outcome.code, floor.present) == ("restored", "program.in_use", OLD)


def test_editing_the_program_during_the_transfer_loses_no_edit_and_locks(floor: Floor) -> None:
    edited = canonical(b"O1234(EDITED)\nM30")
    floor.control.before_frame = lambda frame: floor.control.programs.update({f"{FOLDER}O1234": edited})
    outcome = floor.write()
    assert (outcome.outcome, outcome.code, floor.present) == ("locked", "present.differs", edited)


@pytest.mark.parametrize("size", [1, 9, 40, 2000])
@pytest.mark.parametrize("exists", [True, False])
def test_a_partial_program_on_a_control_without_files_is_taken_back(tmp_path: Path, size: int, exists: bool) -> None:
    control = FakeControl(renames=False)
    if not exists:
        control.programs.pop("O1234")
    floor = Floor(tmp_path, control)
    control.on_cut = lambda: control.programs.update({"O1234": NEW[2 : 2 + size]})
    control.cut_at = 1 if exists else 0
    outcome = floor.write(floor.order(present_sha256=digest(OLD) if exists else ""))
    assert (outcome.outcome, floor.present) == ("restored", OLD if exists else None)


def test_what_is_removed_from_a_control_is_kept_here(floor: Floor) -> None:
    foreign = canonical(b"O7999(OF A PERSON)\nM30")
    floor.control.before_frame = lambda frame: floor.control.programs.update({f"{FOLDER}O7999": foreign})
    assert floor.write().outcome == "restored"
    assert floor.gate.files.content(MACHINE, digest(foreign)).read_bytes() == foreign


def test_the_same_order_twice_at_once_is_one_write_and_no_refusal(floor: Floor) -> None:
    async def twice() -> list[Any]:
        command = floor.command()
        return list(await asyncio.gather(floor.gate.carry_out(command), floor.gate.carry_out(command)))

    outcomes = asyncio.run(twice())
    assert sorted((one.outcome, one.code) for one in outcomes) == [("refused", "order.used"), ("released", "")]
    assert [change for change in floor.control.changes if change.startswith("send")] == [f"send {FOLDER}O7999"]


def test_an_outcome_that_could_not_be_kept_is_told_later(floor: Floor) -> None:
    floor.told.kept = False
    assert floor.write() is None
    assert floor.settle() is None
    floor.told.kept = True
    assert floor.settle().outcome == "released"
    assert [told.outcome for told in floor.told.outcomes] == ["released"]
    assert floor.settle() is None


def test_nothing_is_called_refused_once_a_write_has_begun(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    floor.control.cut_at, floor.control.after = 2, True
    floor.control.on_cut = lambda: monkeypatch.setattr(type(floor.gate.files), "clear", full)
    assert floor.write() is None
    monkeypatch.undo()
    assert floor.settle().outcome in ("released", "restored")


def test_a_clock_that_was_set_back_brings_no_old_order_to_life(floor: Floor) -> None:
    assert floor.write(floor.macro()).outcome == "released"
    floor.now_ms = NOW - 3_600_000
    old = floor.macro("9", nonce="cd" * 16, not_before_ms=floor.now_ms - 1000, expires_ms=floor.now_ms + 59_000)
    assert floor.write(old).code == "clock.set_back"


def test_half_a_line_in_the_ledger_spoils_no_later_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "orders.jsonl"
    ledger = OrderLedger.open(path)
    ledger.begin(nonce="a", machine=MACHINE, now_ms=NOW)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        ledger.begin(nonce="b", machine=MACHINE, now_ms=NOW)
    monkeypatch.undo()
    assert ledger.knows("b")
    ledger.begin(nonce="c", machine=MACHINE, now_ms=NOW)
    assert [OrderLedger.open(path).knows(nonce) for nonce in "abc"] == [True, False, True]


def test_what_the_operator_of_the_product_stopped_is_stopped(floor: Floor) -> None:
    floor.switch.turn_on(MACHINE)
    floor.switch.set_stopped(EVERYONE, stopped=True)
    assert floor.switch.reason_against(tenant=TENANT, site=SITE, machine=MACHINE) == "writing.stopped"
    floor.switch.set_stopped(EVERYONE, stopped=False)
    assert floor.switch.reason_against(tenant=TENANT, site=SITE, machine=MACHINE) == ""


@pytest.mark.parametrize("damage", [b"{", b"[1]", b'"t"', b"{}", b"null", b"[" * 100_000])
def test_damaged_stops_stop_everything_and_are_not_repaired_by_the_cloud(floor: Floor, damage: bytes) -> None:
    (floor.data / "writing" / "stopped.json").write_bytes(damage)
    with pytest.raises(OSError, match="removed"):
        floor.switch.set_stopped(MACHINE, stopped=False)
    assert floor.switch.reason_against(tenant=TENANT, site=SITE, machine=MACHINE) == "writing.stopped"


def test_a_stop_holds_when_it_cannot_be_kept(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("greengrass_components.focas.gate.switch.write_atomic", full)
    with pytest.raises(OSError, match="space"):
        floor.switch.set_stopped(TENANT, stopped=True)
    assert floor.switch.reason_against(tenant=TENANT, site=SITE, machine=MACHINE) == "writing.stopped"
    monkeypatch.undo()
    floor.switch.set_stopped(TENANT, stopped=False)
    assert floor.switch.reason_against(tenant=TENANT, site=SITE, machine=MACHINE) == ""


@pytest.mark.parametrize("ahead_s", [-8 * 3600 - 1, 60, 10 * 365 * 86_400])
def test_a_switch_touched_at_another_time_allows_nothing(floor: Floor, ahead_s: int) -> None:
    path = Switch(floor.data / "writing").folder / "on" / MACHINE
    at_s = path.stat().st_mtime + ahead_s
    os.utime(path, (at_s, at_s))
    assert floor.write().code == "writing.off"
