"""Facts and alarms of a sample, which become events when they change."""

from collections.abc import Mapping
from typing import Any

from greengrass_components.focas.driver.execution import State
from greengrass_components.focas.driver.sample import Sample

# Alarm types of 30i, 31i, 32i, 0i-D and 0i-F; older controls number them differently and keep the number.
ALARM_TYPES = {
    0: "SW", 1: "PW", 2: "IO", 3: "PS", 4: "OT", 5: "OH", 6: "SV", 7: "SR", 8: "MC", 9: "SP", 10: "DS", 11: "IE",
    12: "BG", 13: "SN", 15: "EX", 19: "PC",
}  # fmt: skip
OLDER = frozenset({"15", "16", "18", "21"})


def facts(sample: Sample, state: State | None) -> dict[str, dict[str, Any]]:
    """State, program, parts, tool and overrides, as far as they could be read."""
    found: dict[str, dict[str, Any]] = {}
    if state is not None:
        found["state"] = {
            "availability": "AVAILABLE",
            "execution": str(state.execution),
            "controller_mode": str(state.controller_mode),
            "functional_mode": str(state.functional_mode),
            "emergency_stop": str(state.emergency_stop),
            "fault": state.fault,
        }
    numbers = sample.get("numbers")
    if numbers is not None:
        found["program"] = {"name": sample.program_name, "number": numbers.running}
    parts = sample.get("parts")
    if parts is not None:
        found["part"] = {"count": round(parts)}
    if sample.tool is not None:
        found["tool"] = {"number": sample.tool}
    if sample.get("overrides") is not None:
        overrides = sample.overrides
        found["override"] = {"feed": overrides.feed, "rapid": overrides.rapid, "spindle": overrides.spindle}
    return found


def alarms(sample: Sample, *, axes: Mapping[int, str]) -> dict[str, dict[str, Any]]:
    """Active alarms by type, number and axis; `axes` names them from 1."""
    found = {}
    for alarm in sample.alarms:
        name = str(alarm.type) if sample.series in OLDER else ALARM_TYPES.get(alarm.type, str(alarm.type))
        axis = axes.get(alarm.axis, "") if alarm.axis else ""
        key = f"{name}{alarm.number}.{alarm.axis}"
        found[key] = {"number": alarm.number, "type": name, "text": alarm.text, "axis": axis}
    return found
