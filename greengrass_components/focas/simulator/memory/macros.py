"""Macro variables: local 1-33, common 100-199 and 500-999, and a few system variables that only read."""

from collections.abc import Callable

from greengrass_components.focas.protocol.values import VACANT, Value, nearest, scaled
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.refusal import NUMBER, PROTECTED, Refusal

RANGES = (range(1, 34), range(100, 200), range(500, 1000))
SAMPLE = {500: Value(123456, 3), 501: Value(-5), 100: Value(1), 101: Value(25, 1)}


class Macros:
    """The variables of one path."""

    def __init__(self, control: Control) -> None:
        self._kept: dict[int, Value] = dict(SAMPLE)
        self._system = system_variables(control)
        for number, value in control.macros.items():
            self._kept[number] = VACANT if value is None else nearest(value)

    def read(self, number: int) -> Value:
        """Raises Refusal(3) when there is no such variable."""
        live = self._system.get(number)
        if live is not None:
            return live()
        if not _exists(number):
            raise Refusal(NUMBER)
        return self._kept.get(number, VACANT)

    def write(self, number: int, value: Value) -> None:
        """Raises Refusal: 3 no such variable, 7 a system variable."""
        if number in self._system:
            raise Refusal(PROTECTED)
        if not _exists(number):
            raise Refusal(NUMBER)
        self._kept[number] = VACANT if value.vacant else value.decimal()


def _exists(number: int) -> bool:
    return any(number in known for known in RANGES)


def system_variables(control: Control) -> dict[int, Callable[[], Value]]:
    """Date, time, part counters and positions, as programs read them."""
    known: dict[int, Callable[[], Value]] = {
        3011: lambda: Value(int(control.now.strftime("%Y%m%d"))),
        3012: lambda: Value(int(control.now.strftime("%H%M%S"))),
        3901: lambda: Value(control.part_count),
        3902: lambda: Value(control.part_required),
    }
    for index in range(len(control.axes)):
        known[5021 + index] = lambda index=index: scaled(control.axes[index].machine, 3)  # type: ignore[misc]
        known[5041 + index] = lambda index=index: scaled(control.axes[index].absolute, 3)  # type: ignore[misc]
    return known
