"""Variables of a run: local ones by call level, common and system ones over what the control knows."""

from collections.abc import Callable
from typing import Final

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.expression import Value
from cnc.domain.gcode.problems import GcodeError, ProgramStop

Locals = dict[int, Value]

#: Local variables that the addresses of a macro call set (argument specification I).
ARGUMENTS: Final[dict[str, int]] = {
    "A": 1, "B": 2, "C": 3, "I": 4, "J": 5, "K": 6, "D": 7, "E": 8, "F": 9, "H": 11, "M": 13,
    "Q": 17, "R": 18, "S": 19, "T": 20, "U": 21, "V": 22, "W": 23, "X": 24, "Y": 25, "Z": 26,
}  # fmt: skip


class Store:
    """`get` and `put` of every variable; `locals` is exchanged by calls, `own` answers what the state itself knows."""

    __slots__ = ("_control", "_limit", "_own", "_written", "locals", "version")

    def __init__(self, control: Control, *, own: Callable[[int], float | None], limit: int) -> None:
        self._control = control
        self._limit = limit
        self._written: dict[int, Value] = {}
        self.version = 0
        """Counts changes of values."""
        self.locals: Locals = {}
        self._own = own

    def get(self, number: int) -> Value:
        if number == 0:
            return None
        if number <= 33:
            return self.locals.get(number)
        if number in self._written:
            return self._written[number]
        own = self._own(number) if number >= 4000 else None
        return self._control.variable(number) if own is None else own

    def put(self, number: int, value: Value) -> None:
        """Raises GcodeError for a variable that cannot be written, ProgramStop for #3000."""
        if number == 0:
            raise GcodeError("macro.readonly", seen="#0=", expected="another variable: #0 is always vacant")
        if number == 3000:
            raise ProgramStop("macro.alarm", seen=f"#3000={value}", expected="the program raises this alarm itself")
        before = self.locals if number <= 33 else self._written
        if number not in before or before[number] != value:
            self.version += 1
        if number <= 33:
            self.locals[number] = value
            return
        if len(self._written) >= self._limit and number not in self._written:
            raise ProgramStop("bound.variables", seen=f"#{number}", expected=f"at most {self._limit} variables")
        self._written[number] = value


def arguments(pairs: list[tuple[str, float]]) -> Locals:
    """Locals that a call sets. I, J, K that repeat are specification II (#4 to #33); the later one wins."""
    found: Locals = {}
    group, last = 0, -1
    for address, value in pairs:
        if address in "IJK":
            here = "IJK".index(address)
            if here <= last:
                group += 1
            last = here
            if group > 9:
                raise GcodeError("macro.argument", seen=f"{address} for the {group + 1}th time", expected="at most 10")
            found[4 + 3 * group + here] = value
        elif address in ARGUMENTS:
            found[ARGUMENTS[address]] = value
    return found
