"""The decision tables from FOCAS state words to MTConnect, row by row."""

import pytest

from greengrass_components.focas.driver.execution import controller_mode, execution, plausible, state
from greengrass_components.focas.protocol.functions.status import Status


def words(**changed: int) -> Status:
    calm = {"aut": 1, "run": 0, "motion": 0, "mstb": 0, "emergency": 0, "alarm": 0, "edit": 0}
    return Status(**{**calm, **changed})


ROWS: list[tuple[str, dict[str, int], float | None, int | None, str]] = [
    ("reset is ready", {"run": 0}, 100, None, "READY"),
    ("reset with an alarm is stopped", {"run": 0, "alarm": 1}, 100, None, "STOPPED"),
    ("reset with a low battery is ready", {"run": 0, "alarm": 2}, 100, None, "READY"),
    ("emergency stop in reset", {"run": 0, "emergency": 1}, 100, None, "STOPPED"),
    ("emergency stop wins over a running program", {"run": 3, "emergency": 1, "motion": 1}, 100, None, "STOPPED"),
    ("emergency words 2 and 3 are no stop", {"run": 3, "emergency": 2}, 100, None, "ACTIVE"),
    ("stop without an M code", {"run": 1}, 100, None, "STOPPED"),
    ("M0", {"run": 1}, 100, 0, "PROGRAM_STOPPED"),
    ("M1", {"run": 1}, 100, 1, "OPTIONAL_STOP"),
    ("M2", {"run": 1}, 100, 2, "PROGRAM_COMPLETED"),
    ("M30", {"run": 1}, 100, 30, "PROGRAM_COMPLETED"),
    ("M99 ends a cycle", {"run": 1}, 100, 99, "PROGRAM_COMPLETED"),
    ("another M code", {"run": 1}, 100, 8, "STOPPED"),
    ("hold", {"run": 2}, 100, None, "FEED_HOLD"),
    ("hold with override 0", {"run": 2}, 0, None, "FEED_HOLD"),
    ("start", {"run": 3, "motion": 1}, 100, None, "ACTIVE"),
    ("start with an unknown override", {"run": 3}, None, None, "ACTIVE"),
    ("start with override 0", {"run": 3, "motion": 0}, 0, None, "INTERRUPTED"),
    ("start with override 1", {"run": 3}, 1, None, "ACTIVE"),
    ("a dwell is no stop", {"run": 3, "motion": 2}, 100, 0, "ACTIVE"),
    ("standing still is no stop", {"run": 3, "motion": 0}, 100, 0, "ACTIVE"),
    ("an M function being carried out is no stop", {"run": 3, "mstb": 1, "motion": 0}, 100, 6, "ACTIVE"),
    ("an alarm while running leaves the execution", {"run": 3, "alarm": 1}, 100, None, "ACTIVE"),
    ("M, S, T, R functions by hand", {"run": 4}, 100, None, "ACTIVE"),
    ("M, S, T, R functions with override 0", {"run": 4}, 0, None, "ACTIVE"),
    ("a word nobody knows", {"run": 7}, 100, None, "UNAVAILABLE"),
]


@pytest.mark.parametrize(("why", "changed", "override", "m_code", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_execution(
    why: str, changed: dict[str, int], override: float | None, m_code: int | None, expected: str
) -> None:
    assert execution(words(**changed), feed_override_percent=override, m_code=m_code) == expected


MODES = [
    (0, "MANUAL_DATA_INPUT", "SETUP"), (1, "AUTOMATIC", "PRODUCTION"), (2, "UNAVAILABLE", "UNAVAILABLE"),
    (3, "EDIT", "PROCESS_DEVELOPMENT"), (4, "MANUAL", "SETUP"), (5, "MANUAL", "SETUP"), (6, "MANUAL", "SETUP"),
    (7, "MANUAL", "SETUP"), (8, "MANUAL", "SETUP"), (9, "MANUAL", "SETUP"), (10, "AUTOMATIC", "PRODUCTION"),
    (11, "UNAVAILABLE", "UNAVAILABLE"),
]  # fmt: skip


@pytest.mark.parametrize(("aut", "mode", "functional"), MODES)
def test_modes(aut: int, mode: str, functional: str) -> None:
    found = state(words(aut=aut), series="31", feed_override_percent=100, m_code=None)
    assert (found.controller_mode, found.functional_mode) == (mode, functional)


def test_a_15_series_control_has_no_mode_rather_than_a_wrong_one() -> None:
    assert controller_mode(1, series="15") == "UNAVAILABLE"
    assert controller_mode(1, series="16") == "AUTOMATIC"


@pytest.mark.parametrize(("emergency", "expected"), [(0, "ARMED"), (1, "TRIGGERED"), (2, "ARMED")])
def test_emergency_stop(emergency: int, expected: str) -> None:
    found = state(words(emergency=emergency), series="31", feed_override_percent=100, m_code=None)
    assert found.emergency_stop == expected


@pytest.mark.parametrize(("alarm", "fault"), [(0, False), (1, True), (2, False), (3, False)])
def test_only_an_alarm_is_a_fault_and_a_warning_is_not(alarm: int, fault: bool) -> None:
    assert state(words(alarm=alarm), series="31", feed_override_percent=100, m_code=None).fault is fault


@pytest.mark.parametrize("damaged", [{"run": 5}, {"run": -1}, {"aut": 99}, {"motion": 4096}, {"emergency": 17}])
def test_words_no_control_shows_are_damage(damaged: dict[str, int]) -> None:
    assert plausible(words())
    assert not plausible(words(**damaged))
