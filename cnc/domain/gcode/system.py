"""System variables that a program's own blocks decide: modal information (#4001 …) and positions (#5001 …)."""

from collections.abc import Callable
from typing import Final

from cnc.domain.gcode.facts import UNKNOWN, Modal
from cnc.domain.gcode.state import State

_POSITIONS: Final = ((5001, 5020), (5041, 5060))
_MODAL: Final[dict[int, Callable[[Modal], float]]] = {
    4001: lambda modal: _code(modal.motion),
    4002: lambda modal: _code(modal.plane),
    4003: lambda modal: 90.0 if modal.absolute else 91.0,
    4005: lambda modal: _code(modal.feed_mode),
    4006: lambda modal: _code(modal.units),
    4007: lambda modal: _code(modal.cutter),
    4008: lambda modal: _code(modal.length),
    4009: lambda modal: _code(modal.cycle),
    4010: lambda modal: _code(modal.level),
    4014: lambda modal: _code(modal.work.split(" ")[0]) if modal.work != "G92" else UNKNOWN,
    4111: lambda modal: float(modal.h or 0),
    4119: lambda modal: modal.speed,
    4120: lambda modal: UNKNOWN if modal.tool is None else float(modal.tool),
}


def variable(state: State, number: int) -> float | None:
    """A system variable in programmed units, nan where the position is unknown; None = not one of these."""
    known = _MODAL.get(number)
    if known is not None:
        return known(state.modal)
    if number == 4109:
        return state.modal.feed / (1.0 if state.modal.feed_mode == "G93" else state.unit)
    for first, last in _POSITIONS:
        if first <= number <= last and number - first < len(state.axes):
            return _position(state, number - first)
    return None


def _code(name: str) -> float:
    return float(name[1:]) if name else UNKNOWN


def _position(state: State, axis: int) -> float:
    name, value = state.axes[axis], state.local()[axis]
    if name in "ABC":
        return value
    doubled = 2.0 if name == "X" and state.dialect.kind == "lathe" and state.dialect.diameter else 1.0
    return value * doubled / state.unit
