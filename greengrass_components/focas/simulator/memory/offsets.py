"""Tool offsets of memory C (milling) or of a lathe, and work offsets; all in the least increment, three decimals."""

from greengrass_components.focas.protocol.values import Value
from greengrass_components.focas.simulator.control import Control
from greengrass_components.focas.simulator.refusal import ATTRIBUTE, NUMBER, Refusal

DECIMALS = 3
MILLING_TYPES, TURNING_TYPES = 4, 10
WORK_OFFSETS = 55  # external, G54..G59, G54.1 P1..P48
RANGE_TYPES = {0: 3, 1: 2, 2: 1, 3: 0}  # numbering of the range form -> of the single form


class ToolOffsets:
    """Offsets 1..count, each with one value per type of the single form."""

    def __init__(self, control: Control, *, count: int) -> None:
        self.count = count
        types = TURNING_TYPES if control.kind == "lathe" else MILLING_TYPES
        self._kept = {(n, t): 1000 * n + t if n <= 32 else 0 for n in range(1, count + 1) for t in range(types)}

    def _key(self, number: int, kind: int) -> tuple[int, int]:
        if not 1 <= number <= self.count:
            raise Refusal(NUMBER)
        if (number, kind) not in self._kept:
            raise Refusal(ATTRIBUTE)
        return number, kind

    def read(self, number: int, kind: int) -> Value:
        """Raises Refusal: 3 no such offset, 4 no such type."""
        return Value(self._kept[self._key(number, kind)], DECIMALS)

    def write(self, number: int, kind: int, data: int) -> None:
        """Raises Refusal like `read`."""
        self._kept[self._key(number, kind)] = data


class WorkOffsets:
    """External, G54..G59 and G54.1 offsets per axis."""

    def __init__(self, control: Control) -> None:
        self._axes = len(control.axes)
        self._kept = [[10_000 * n + axis if n else 0 for axis in range(1, self._axes + 1)] for n in range(WORK_OFFSETS)]

    def read_all(self, number: int) -> list[Value]:
        """One value per axis. Raises Refusal(3)."""
        if not 0 <= number < WORK_OFFSETS:
            raise Refusal(NUMBER)
        return [Value(data, DECIMALS) for data in self._kept[number]]

    def read(self, number: int, axis: int) -> Value:
        """Raises Refusal: 3 no such offset, 4 no such axis."""
        values = self.read_all(number)
        if not 1 <= axis <= self._axes:
            raise Refusal(ATTRIBUTE)
        return values[axis - 1]

    def write(self, number: int, axis: int, data: int) -> None:
        """Raises Refusal like `read`."""
        self.read(number, axis)
        self._kept[number][axis - 1] = data
