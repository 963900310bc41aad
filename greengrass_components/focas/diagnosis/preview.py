"""A value as one short line for people."""

from typing import Any, Final

from greengrass_components.focas.driver.execution import MODES, Run, plausible
from greengrass_components.focas.driver.machine import Machine
from greengrass_components.focas.driver.overrides import decode_overrides
from greengrass_components.focas.protocol.functions.alarms import Alarm
from greengrass_components.focas.protocol.functions.clock import Elapsed
from greengrass_components.focas.protocol.functions.modal import Command
from greengrass_components.focas.protocol.functions.parameters import Record
from greengrass_components.focas.protocol.functions.program import ProgramName, ProgramNumbers
from greengrass_components.focas.protocol.functions.status import Status
from greengrass_components.focas.protocol.values import Value

MOST: Final = 100


def preview(name: str, result: Any, machine: Machine) -> str:
    """What an ask of that name answered."""
    if name == "overrides":
        shown = decode_overrides(result)
        return f"feed {_percent(shown.feed)}, rapid {_percent(shown.rapid)}, spindle {_percent(shown.spindle)}"
    if isinstance(result, Record):
        most = len(machine.axes) if name == "axis_heat" else max(len(machine.spindles), 1)
        return _cut(", ".join(_number(value.number) for value in result.values[:most]))
    if isinstance(result, list):
        return _cut(", ".join(map(_one, result))) or "none"
    return _cut(_one(result))


def _one(item: Any) -> str:
    match item:
        case Status():
            return _state(item)
        case Command():
            return f"{item.address}{item.value:g}"
        case Value():
            return _number(item.number)
        case Elapsed():
            return f"{item.seconds / 3600:.2f} h"
        case ProgramNumbers():
            return f"running O{item.running:04d}, main O{item.main:04d}"
        case ProgramName():
            return item.name
        case Alarm():
            return f"{item.number} {item.text}"
        case float() | None:
            return _number(item)
    return str(item)


def _state(status: Status) -> str:
    if not plausible(status):
        return f"words that no control is known to show: {status}"
    run = Run(status.run).name.lower()
    mode = MODES.get(status.aut)
    return f"run {run}, mode {mode or status.aut}, alarm {status.alarm}, emergency {status.emergency}"


def _number(value: float | None) -> str:
    return "no value" if value is None else f"{value:g}"


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g} %"


def _cut(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1] + "…"
