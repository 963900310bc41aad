"""The gate writes in exactly one situation, and says in every other one at which step it stopped."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cnc.domain.programs.canonical import digest
from cnc.domain.programs.targets import ParameterTarget, ProgramTarget
from greengrass_components.focas.gate.ledger import PER_HOUR
from tests.gate.fakes import FOLDER, IDLE, MACHINE, NEW, NOW, OLD, SITE, SOURCE, TENANT, Floor

SPACE = {
    "run": (None, 0, 1, 2, 3),
    "motion": (None, 0, 1, 2),
    "mstb": (0, 1),
    "emergency": (0, 1),
    "alarm": (0, 1, 2),
    "edit": (0, 1),
    "aut": (None, 0, 1, 3, 4, 5, 10),
    "spindle_rpm": (0, 900),
}


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path)


def nonce(number: int) -> str:
    return f"{number:032x}"


def test_an_order_that_everything_allows_replaces_the_program(floor: Floor) -> None:
    outcome = floor.write()
    assert (outcome.outcome, outcome.code) == ("released", "")
    assert floor.present == NEW
    assert set(floor.control.programs) == {f"{FOLDER}O1234", f"{FOLDER}O0001"}
    assert floor.gate.files.content(MACHINE, digest(OLD)).read_bytes() == OLD


async def test_over_the_whole_status_space_only_rest_in_edit_or_mem_is_written(floor: Floor) -> None:
    allowed, command = [], floor.command(floor.macro())
    for values in product(*SPACE.values()):
        words = dict(zip(SPACE, values, strict=True))
        floor.control.words = words
        outcome = await floor.gate.carry_out(command)
        assert outcome is not None
        if outcome.outcome != "refused":
            allowed.append(words)
            floor.ledger_reset()
    assert allowed == [IDLE | {"aut": 1}, IDLE | {"aut": 3}]
    assert floor.control.changes == ["value", "value"]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (lambda f: f.switch.turn_off(MACHINE), "writing.off"),
        (lambda f: f.switch.lock(MACHINE, "x"), "writing.locked"),
        (lambda f: f.switch.set_stopped(TENANT, stopped=True), "writing.stopped"),
        (lambda f: f.switch.set_stopped(SITE, stopped=True), "writing.stopped"),
        (lambda f: f.switch.set_stopped(MACHINE, stopped=True), "writing.stopped"),
        (lambda f: (f.data / "writing" / "stop").touch(), "writing.stopped_here"),
        (lambda f: (f.data / "writing" / "stopped.json").write_text("{"), "writing.stopped"),
        (lambda f: setattr(f, "now_ms", NOW + 59_000), "order.not_here_or_now"),
        (lambda f: setattr(f, "now_ms", NOW - 1_001), "order.not_here_or_now"),
        (lambda f: setattr(f, "content", OLD), "content.differs"),
        (lambda f: setattr(f, "content", b""), "content.unreadable"),
        (lambda f: setattr(f, "errors", ("line 3: feed.missing",)), "content.check_failed"),
        (lambda f: setattr(f.control, "serial_number", "AF01-9999"), "order.not_here_or_now"),
        (lambda f: setattr(f.control, "used", frozenset({f"{FOLDER}O1234"})), "program.in_use"),
        (lambda f: f.control.programs.update({f"{FOLDER}O1234": b"O1234\nG0X9.\nM30"}), "present.differs"),
        (lambda f: f.control.programs.pop(f"{FOLDER}O1234"), "present.differs"),
        (lambda f: (f.data / "writing" / "pending").mkdir() or _pending(f), "gateway.failed"),
    ],
)
def test_anything_else_is_refused_and_nothing_is_written(floor: Floor, what: Any, code: str) -> None:
    what(floor)
    outcome = floor.write()
    assert (outcome.outcome, outcome.code) == ("refused", code)
    assert floor.control.changes == []


def _pending(floor: Floor) -> None:
    (floor.data / "writing" / "pending" / f"{MACHINE}.json").write_text("somebody else's")


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": "t_fedcba9876543210"},
        {"site": "s_fedcba9876543210"},
        {"thing": "g_fedcba9876543210"},
        {"machine": "m_fedcba9876543210"},
        {"source": "d_fedcba9876543210"},
        {"serial": "other"},
        {"target": ProgramTarget(1, FOLDER, "O9001")},
        {"target": ProgramTarget(1, FOLDER, "PART.NC")},
        {"sha256": digest(OLD)},
        {"present_sha256": ""},
    ],
    ids=str,
)
def test_an_order_for_something_else_writes_nothing(floor: Floor, changed: dict[str, Any]) -> None:
    assert floor.write(floor.order(**changed)).outcome == "refused"
    assert floor.control.changes == []


def test_an_order_signed_with_another_key_is_none(floor: Floor) -> None:
    outcome = floor.write(key=Ed25519PrivateKey.generate())
    assert (outcome.order, outcome.code) == (None, "order.malformed")


def test_an_order_is_used_once_even_after_a_restart(floor: Floor) -> None:
    assert floor.write(floor.macro()).outcome == "released"
    floor.gate = floor.made()
    assert floor.write(floor.macro()).code == "order.used"


def test_there_are_at_most_ten_writes_an_hour(floor: Floor) -> None:
    for number in range(PER_HOUR):
        value, before = f"{number}.5", floor.control_value()
        order = floor.macro(value, nonce=nonce(number), **floor.present_value(before))
        assert floor.write(order).outcome == "released"
    late = floor.macro("99", nonce=nonce(99), **floor.present_value(floor.control_value()))
    assert floor.write(late).code == "order.too_many"


def test_a_machine_that_starts_in_the_middle_of_a_transfer_keeps_its_old_program(floor: Floor) -> None:
    def start(frame: int) -> None:
        if frame == 2:
            floor.control.words["run"] = 3

    floor.control.before_frame = start
    outcome = floor.write()
    assert (outcome.outcome, outcome.code, outcome.step) == ("restored", "machine.not_idle", "interlock")
    assert floor.present == OLD
    assert floor.control.changes == []


def test_a_switch_that_is_turned_off_in_the_middle_stops_at_the_next_frame(floor: Floor) -> None:
    floor.control.before_frame = lambda frame: floor.switch.turn_off(MACHINE) if frame == 1 else None
    outcome = floor.write()
    assert (outcome.outcome, outcome.code) == ("restored", "writing.off")
    assert floor.control.changes == []


def test_a_parameter_is_checked_against_its_rule_at_the_gateway_too(floor: Floor) -> None:
    target = ParameterTarget(1320, 1, "real", "600.0")
    floor.control.keep(target, "1.0")
    outcome = floor.write(floor.macro(operation="parameter", target=target, sha256=floor.digest_of("600.0")))
    assert (outcome.outcome, outcome.code) == ("refused", "parameter.denied")
    assert floor.control.changes == []


def test_a_value_that_does_not_stick_is_put_back(floor: Floor) -> None:
    floor.control.sticks = lambda value: "2.4" if value == "2.5" else value
    outcome = floor.write(floor.macro("2.5"))
    assert outcome.outcome == "restored"
    assert floor.control_value() == "1.0"


def test_a_value_that_can_neither_be_written_nor_put_back_locks_the_machine(floor: Floor) -> None:
    floor.control.sticks = lambda value: "7"
    assert floor.write(floor.macro("2.5")).outcome == "locked"
    assert floor.write(floor.macro("2.6", nonce=nonce(1))).code == "writing.locked"
    assert SOURCE in floor.source.id
