"""Parameters: a fixed set, some of them counters of the machine itself, all kept when written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from greengrass_components.focas.protocol.functions.parameters import ALL, NO_AXIS, ParameterType, Record
from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, DATA, NUMBER, Refusal

MINUTE_MS = 60_000
RANGES = {
    ParameterType.BIT: (0, 1),
    ParameterType.BYTE: (-128, 255),
    ParameterType.WORD: (-32768, 65535),
    ParameterType.LONG: (-(2**31), 2**31 - 1),
    ParameterType.REAL: (-(2**31), 2**31 - 1),
}


@dataclass(slots=True)
class Parameter:
    """One parameter: a value, or one per axis."""

    type: ParameterType
    values: list[Value]
    per_axis: bool = False


class Counter:
    """A parameter that the machine counts up; a write moves it, and counting goes on from there."""

    type = ParameterType.LONG
    per_axis = False

    def __init__(self, source: Callable[[], int]) -> None:
        self._source, self._moved = source, 0

    @property
    def values(self) -> list[Value]:
        """The present count."""
        return [Value(self._source() + self._moved)]

    @values.setter
    def values(self, values: list[Value]) -> None:
        self._moved = values[0].data - self._source()


class Target(Counter):
    """A count that someone sets: what was written holds until the machine itself asks for another one."""

    def __init__(self, source: Callable[[], int]) -> None:
        super().__init__(source)
        self._written: tuple[int, Value] | None = None  # what the machine asked for then, what was written

    @property
    def values(self) -> list[Value]:
        """The present target."""
        wanted = self._source()
        return [self._written[1] if self._written and self._written[0] == wanted else Value(wanted)]

    @values.setter
    def values(self, values: list[Value]) -> None:
        self._written = (self._source(), values[0])


class Parameters:
    """The parameter memory of one control."""

    def __init__(self, control: Control) -> None:
        self._axes = len(control.axes)
        self._kept: dict[int, Parameter | Counter] = defaults(control)

    def define(self, number: int, parameter: Parameter) -> None:
        """Add or replace a parameter."""
        self._kept[number] = parameter

    def remove(self, number: int) -> None:
        """This control does not have the parameter."""
        self._kept.pop(number, None)

    def numbers(self) -> list[int]:
        """All numbers, rising."""
        return sorted(self._kept)

    def get(self, number: int) -> Parameter | Counter:
        """Raises Refusal(3) when there is no such number."""
        found = self._kept.get(number)
        if found is None:
            raise Refusal(NUMBER)
        return found

    def read(self, number: int, axis: int) -> Record:
        """Raises Refusal: 3 no such number, 4 wrong axis."""
        parameter = self.get(number)
        values = parameter.values
        if parameter.per_axis:
            self._check_axis(axis)
            values = values if axis == ALL else [values[axis - 1]]
        elif axis != NO_AXIS:
            self._check_axis(axis)
        return Record(number, axis, parameter.type, tuple(values))

    def _check_axis(self, axis: int) -> None:
        if axis != ALL and not 1 <= axis <= self._axes:
            raise Refusal(ATTRIBUTE)

    def write(self, record: Record) -> None:
        """Raises Refusal: 3 no such number, 4 wrong axis or type, 5 value out of range."""
        parameter = self.get(record.number)
        if record.type != parameter.type:
            raise Refusal(ATTRIBUTE)
        values = [self._taken(value, parameter.type) for value in record.values]
        if not parameter.per_axis:
            if record.axis not in (NO_AXIS, ALL):
                raise Refusal(ATTRIBUTE)
            parameter.values = values[:1]
            return
        self._check_axis(record.axis)
        if record.axis == ALL:
            parameter.values = values[: self._axes]
        else:
            kept = list(parameter.values)
            kept[record.axis - 1] = values[0]
            parameter.values = kept

    def _taken(self, value: Value, kind: ParameterType) -> Value:
        low, high = RANGES[kind]
        if not low <= value.data <= high:
            raise Refusal(DATA)
        return value.decimal() if kind == ParameterType.REAL else Value(value.data)


def defaults(control: Control) -> dict[int, Parameter | Counter]:
    """What every simulated control has."""
    axes = len(control.axes)
    single: dict[int, tuple[ParameterType, int]] = {
        0: (ParameterType.BYTE, 0),
        20: (ParameterType.BYTE, 4),
        100: (ParameterType.BYTE, 8),
        3281: (ParameterType.BYTE, 0),
        6710: (ParameterType.BYTE, 0),
        3401: (ParameterType.BYTE, 1),
    }
    kept: dict[int, Parameter | Counter] = {
        number: Parameter(kind, [Value(data)]) for number, (kind, data) in single.items()
    }
    per_axis: dict[int, tuple[ParameterType, Sequence[Value]]] = {
        1020: (ParameterType.BYTE, [Value(ord(axis.name[0])) for axis in control.axes]),
        1320: (ParameterType.REAL, [Value(500_000 - 100_000 * n, 3) for n in range(axes)]),
        1321: (ParameterType.REAL, [Value(-500_000 + 100_000 * n, 3) for n in range(axes)]),
        1420: (ParameterType.REAL, [Value(24_000_000, 3)] * axes),
        1825: (ParameterType.WORD, [Value(3000 + 100 * n) for n in range(axes)]),
        1851: (ParameterType.WORD, [Value(10 + n) for n in range(axes)]),
    }
    kept |= {number: Parameter(kind, list(values), per_axis=True) for number, (kind, values) in per_axis.items()}
    return kept | _counters(control)


def _counters(control: Control) -> dict[int, Parameter | Counter]:
    return {
        6711: Counter(lambda: control.part_count),
        6712: Counter(lambda: control.part_total),
        6713: Target(lambda: control.part_required),
        6750: Counter(lambda: control.power_on_ms // MINUTE_MS),
        6751: Counter(lambda: control.operating_ms % MINUTE_MS),
        6752: Counter(lambda: control.operating_ms // MINUTE_MS),
        6753: Counter(lambda: control.cutting_ms % MINUTE_MS),
        6754: Counter(lambda: control.cutting_ms // MINUTE_MS),
        6755: Counter(lambda: 0),
        6756: Counter(lambda: 0),
        6757: Counter(lambda: control.cycle_ms % MINUTE_MS),
        6758: Counter(lambda: control.cycle_ms // MINUTE_MS),
    }
