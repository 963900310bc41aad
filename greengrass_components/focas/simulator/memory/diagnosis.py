"""Diagnosis numbers: read from the machine whenever they are asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from greengrass_components.focas.protocol.functions.parameters import ALL, NO_AXIS, DiagnosisType, Record
from greengrass_components.focas.protocol.values import Value, scaled
from greengrass_components.focas.simulator.control import Axis, Control, Spindle
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, NUMBER, Refusal


class Scope(Enum):
    """What the axis argument of a diagnosis counts."""

    SINGLE = 0
    AXIS = 1
    SPINDLE = 2


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis number."""

    type: DiagnosisType
    scope: Scope
    values: Callable[[], Sequence[Value]]


class Diagnoses:
    """The diagnosis screen of one control."""

    def __init__(self, control: Control) -> None:
        self._known = defaults(control)

    def define(self, number: int, diagnosis: Diagnosis) -> None:
        """Add or replace a diagnosis."""
        self._known[number] = diagnosis

    def numbers(self) -> list[int]:
        """All numbers, rising."""
        return sorted(self._known)

    def read(self, number: int, axis: int) -> Record:
        """Raises Refusal: 3 no such number, 4 wrong axis or spindle."""
        found = self._known.get(number)
        if found is None:
            raise Refusal(NUMBER)
        values = list(found.values())
        if axis == ALL or (found.scope is Scope.SINGLE and axis == NO_AXIS):
            return Record(number, axis, found.type, tuple(values))
        asked = 1 if axis == NO_AXIS and found.scope is Scope.SPINDLE else axis
        if not 1 <= asked <= len(values):
            raise Refusal(ATTRIBUTE)
        return Record(number, axis, found.type, (values[asked - 1],))


def defaults(control: Control) -> dict[int, Diagnosis]:
    """What every simulated control shows."""

    def axes(kind: DiagnosisType, value: Callable[[Axis], Value]) -> Diagnosis:
        return Diagnosis(kind, Scope.AXIS, lambda: [value(axis) for axis in control.axes])

    def spindles(kind: DiagnosisType, value: Callable[[Spindle], Value]) -> Diagnosis:
        return Diagnosis(kind, Scope.SPINDLE, lambda: [value(spindle) for spindle in control.spindles])

    return {
        300: axes(DiagnosisType.LONG, _position_error),
        301: axes(DiagnosisType.REAL, lambda axis: scaled(axis.machine, 3)),
        308: axes(DiagnosisType.BYTE, lambda axis: _degrees(axis.temperature_c)),
        309: axes(DiagnosisType.BYTE, lambda axis: _degrees(axis.temperature_c - 4)),
        400: spindles(DiagnosisType.BITS, lambda _: Value(0x80)),
        403: spindles(DiagnosisType.BYTE, lambda spindle: _degrees(spindle.temperature_c)),
        408: spindles(DiagnosisType.BITS, lambda _: Value(0)),
        410: spindles(DiagnosisType.WORD, lambda spindle: Value(round(spindle.load_percent))),
        411: spindles(DiagnosisType.WORD, lambda _: Value(0)),
        710: spindles(DiagnosisType.WORD, lambda _: Value(0)),
        712: spindles(DiagnosisType.WORD, lambda _: Value(0)),
        4901: axes(DiagnosisType.LONG, lambda axis: Value(round(abs(axis.load_percent) * 12))),
        4902: spindles(DiagnosisType.LONG, lambda spindle: Value(round(spindle.load_percent * 110))),
    }


def _degrees(celsius: float) -> Value:
    return Value(max(-128, min(127, round(celsius))))


def _position_error(axis: Axis) -> Value:
    """Following error grows with the load, in pulses; what matters is that it is a signed whole number."""
    return Value(round(axis.load_percent / 4))
