"""docs/state-mapping.md is what the code does: every combination of state words, every alarm type."""

import re
from itertools import product
from pathlib import Path

import pytest

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.mtconnect.machine import About, MachineDevice
from greengrass_components.focas.driver.events import ALARM_TYPES
from greengrass_components.focas.driver.execution import state
from greengrass_components.focas.protocol.functions.status import Status
from tests.mtconnect.agents import T0

PAGE = Path("docs/state-mapping.md").read_text()
AXES = Schema(
    (
        Signal("controller.execution", "", "text", texts=("READY",)),
        Signal("x.position.actual", "MILLIMETER"),
        Signal("s1.load", "PERCENT"),
    )
)


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


EXECUTION, MODES = table("EXECUTION"), table("Modes")
WORDS, ALARMS = table("EMERGENCY_STOP and fault"), table("Alarms as conditions")


def fits(cell: str, value: float | None, column: int, rows: list[list[str]]) -> bool:
    if cell == "any":
        return True
    if cell == "other":
        named = {row[column] for row in rows}
        return value is None or str(int(value)) not in named
    return value is not None and float(cell) == value


def written(emergency: int, run: int, alarm: int, override: float | None, m_code: int | None) -> str:
    """What the page says."""
    values = (emergency, run, alarm, override, m_code)
    for row in EXECUTION:
        if all(fits(row[at], value, at, EXECUTION) for at, value in enumerate(values)):
            return row[5]
    raise AssertionError(f"no row for {values}")


def told(**words: int | float | None) -> object:
    calm = {"aut": 1, "run": 0, "motion": 0, "mstb": 0, "emergency": 0, "alarm": 0, "edit": 0}
    override, m_code = words.pop("override", 100), words.pop("m_code", None)
    status = Status(**{**calm, **words})  # type: ignore[arg-type]
    series = "31"
    return state(status, series=series, feed_override_percent=override, m_code=m_code)  # type: ignore[arg-type]


@pytest.mark.parametrize("run", [*range(6), 7])
def test_every_combination_of_state_words_is_what_the_page_says(run: int) -> None:
    count = 0
    for emergency, alarm, override, m_code, motion, mstb in product(
        range(4), range(4), (None, 0, 1, 100), (None, 0, 1, 2, 3, 6, 8, 30, 98, 99), range(3), range(2)
    ):
        found = told(
            run=run, emergency=emergency, alarm=alarm, override=override, m_code=m_code, motion=motion, mstb=mstb
        )
        assert found.execution == written(emergency, run, alarm, override, m_code)  # type: ignore[attr-defined]
        count += 1
    assert count == 4 * 4 * 4 * 10 * 3 * 2


@pytest.mark.parametrize("row", range(len(EXECUTION)))
def test_no_row_of_the_page_is_idle(row: int) -> None:
    """Each row decides a combination that no row before it decides."""
    values: tuple[tuple[float | None, ...], ...] = (
        (0, 1),
        (*range(5), 9),
        (0, 1),
        (None, 0, 100),
        (None, 0, 1, 2, 30, 99),
    )

    def first(found: tuple[float | None, ...]) -> int:
        return next(
            at for at, cells in enumerate(EXECUTION)
            if all(fits(cells[column], value, column, EXECUTION) for column, value in enumerate(found))
        )  # fmt: skip

    assert any(first(found) == row for found in product(*values))


@pytest.mark.parametrize("aut", range(12))
def test_every_mode_is_what_the_page_says(aut: int) -> None:
    [row] = [row for row in MODES if fits(row[0], aut, 0, MODES)]
    found = told(aut=aut)
    assert [found.controller_mode, found.functional_mode] == row[1:3]  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", range(9))
@pytest.mark.parametrize("word", ["emergency", "alarm"])
def test_every_emergency_and_alarm_word_is_what_the_page_says(word: str, value: int) -> None:
    rows = [row for row in WORDS if row[0] == word]
    [row] = [row for row in rows if fits(row[1], value, 1, rows)]
    found = told(**{word: value})
    seen = found.emergency_stop if word == "emergency" else "fault" if found.fault else "no fault"  # type: ignore[attr-defined]
    assert seen == row[2]


def test_the_page_has_every_alarm_type_of_the_control() -> None:
    assert sorted(row[0] for row in ALARMS) == sorted(ALARM_TYPES.values())


@pytest.mark.parametrize("row", ALARMS, ids=[row[0] for row in ALARMS])
def test_an_alarm_is_a_fault_of_its_condition_and_ends_by_its_code(row: list[str]) -> None:
    kind, condition, of = row
    machine = MachineDevice(About("m", "Mill", "u"), {"d": AXES})
    alarm = {"type": kind, "number": 411, "text": "WRONG", "axis": "X" if of == "axis" else "", "active": True}
    [raised] = machine.event(T0, "alarm", alarm)
    owner, item = machine.device.where[raised.item]
    expected = {"path": "path1", "controller": "controller", "axis": "X", "spindle": "S1"}[of]
    assert (item.type, owner.name) == (condition, expected)
    assert (raised.level, raised.native_code, raised.value) == ("FAULT", f"{kind}411", "WRONG")
    [cleared] = machine.event(T0 + 1, "alarm", {**alarm, "active": False})
    assert (cleared.item, cleared.level, cleared.native_code) == (raised.item, "NORMAL", f"{kind}411")
