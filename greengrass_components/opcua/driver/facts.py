"""Facts of a row, which become events when they change: made of the signals that carry them."""

from collections.abc import Mapping
from typing import Any

from cnc.domain.telemetry.schema import Value

_STATE = {
    "controller_mode": "controller.controller_mode",
    "functional_mode": "controller.functional_mode",
    "emergency_stop": "controller.emergency_stop",
}
_OVERRIDES = {
    "feed": "path1.path_feedrate.override",
    "rapid": "path1.path_feedrate.rapid_override",
    "spindle": "s1.rotary_velocity.override",
}
EXECUTION = "controller.execution"
PARTS, TOOL = "path1.part_count.all", "path1.tool_number"
KEYS = (EXECUTION, *_STATE.values(), *_OVERRIDES.values(), PARTS, TOOL)
"""The signals events are made of."""


def facts_of(shown: Mapping[str, Value], *, program: str | None, fault: bool) -> dict[str, dict[str, Any]]:
    """`shown` are the values of those of KEYS that the source has; None where one could not be read."""
    found: dict[str, dict[str, Any]] = {}
    if EXECUTION in shown:
        told = {name: shown.get(key) or "UNAVAILABLE" for name, key in _STATE.items()}
        execution = shown[EXECUTION] or "UNAVAILABLE"
        found["state"] = {"availability": "AVAILABLE", "execution": execution, **told, "fault": fault}
    if program is not None:
        found["program"] = {"name": program, "number": _number(program)}
    parts, tool = shown.get(PARTS), shown.get(TOOL)
    if isinstance(parts, float | int):
        found["part"] = {"count": int(parts)}
    if isinstance(tool, float | int):
        found["tool"] = {"number": int(tool)}
    overrides = {name: shown[key] for name, key in _OVERRIDES.items() if shown.get(key) is not None}
    if overrides:
        found["override"] = {**dict.fromkeys(_OVERRIDES), **overrides}
    return found


def _number(program: str) -> int | None:
    """The number of a program called O1234, P1234 or 1234."""
    digits = program.lstrip("OoPp")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
