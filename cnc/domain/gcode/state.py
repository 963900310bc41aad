"""Where the axes are and in which coordinates: everything of a control that blocks change, but the program flow."""

import math
from copy import copy
from typing import Any, Final, NamedTuple

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.dialect import ROTARY, Bounds, Dialect
from cnc.domain.gcode.facts import UNKNOWN, Arc, Kind, Modal, Position, Problem, Severity, Step
from cnc.domain.gcode.problems import GcodeError, ProgramStop, shortened
from cnc.domain.gcode.transforms import Affine, Vector
from cnc.domain.gcode.words import Words

PLANES: Final = {"G17": ("X", "Y"), "G18": ("Z", "X"), "G19": ("Y", "Z")}
#: Address that moves an axis by an increment in lathe G code system A.
INCREMENTS: Final = {"X": "U", "Y": "V", "Z": "W", "C": "H"}


class Where(NamedTuple):
    """The block that is being read."""

    line: int = 0
    offset: int = 0
    sequence: int | None = None
    depth: int = 0
    program: str = ""
    text: str = ""


class State:
    """One control while it reads; `at` is in work coordinates, programmed positions are made by `local()`."""

    def __init__(self, dialect: Dialect, control: Control, bounds: Bounds) -> None:
        self.dialect = dialect
        self.control = control
        self.bounds = bounds
        self.axes: Final = dialect.axes
        self.index: Final = {axis: number for number, axis in enumerate(dialect.axes)}
        self.at: Position = (UNKNOWN,) * len(self.axes)
        self.machine: Position = self.at
        """Machine coordinates of axes whose `at` is unknown; meaningless where it is known."""
        self.modal = Modal(units="G20" if dialect.inch else "G21", plane="G18" if dialect.kind == "lathe" else "G17")
        if dialect.kind == "lathe":
            self.modal = self.modal._replace(feed_mode="G95")
        self.shift: Position = (0.0,) * len(self.axes)
        self.maps: dict[str, Affine] = {}
        self.map: Affine | None = None
        self.unmap: Affine | None = None
        self.polar_center: tuple[float, float] = (0.0, 0.0)
        self.offsets: dict[tuple[str, str], float] = {}
        self.cycle: dict[str, float] = {}
        self.prepared: dict[str, float] = {}
        """First block of a two-block lathe cycle."""
        self.data_entry = False
        """Between G10 L50 (or alike) and G11, where blocks are data."""
        self.where = Where()
        self.steps = 0
        self.expanded = 0
        self.words = ""
        self.problems: list[Problem] = []

    # values ---------------------------------------------------------------------------------------------------

    @property
    def unit(self) -> float:
        """Millimetres of one programmed unit."""
        return 25.4 if self.modal.units == "G20" else 1.0

    def bare(self, *, angle: bool = False) -> float:
        """What a number without decimal point counts, in programmed units or degrees."""
        if self.dialect.calculator:
            return 1.0
        return self.dialect.increment_inch if self.modal.units == "G20" and not angle else self.dialect.increment_mm

    def length(self, words: Words, address: str, default: float = 0.0) -> float:
        """Value of a linear address in mm."""
        value = words.values.get(address)
        if value is None:
            return default
        return value * self.unit * (self.bare() if address in words.bare else 1.0)

    def angle(self, words: Words, address: str, default: float = 0.0) -> float:
        """Value of an angular address in degrees."""
        value = words.values.get(address)
        if value is None:
            return default
        return value * (self.bare(angle=True) if address in words.bare else 1.0)

    def axis(self, words: Words, axis: str, address: str) -> float:
        """Value of an address that moves `axis`, mm or degrees; diameters become radii."""
        if axis in ROTARY and self.modal.interpolation != "G12.1":
            return self.angle(words, address)
        halved = 0.5 if axis == "X" and self.dialect.kind == "lathe" and self.dialect.diameter else 1.0
        return self.length(words, address) * halved

    def note(self, code: str, severity: Severity, *, seen: object, expected: str) -> None:
        self.problems.append(Problem(code, severity, self.where.line, shortened(str(seen)), expected))

    # coordinates ----------------------------------------------------------------------------------------------

    @property
    def plain(self) -> bool:
        """Whether programmed coordinates are work coordinates."""
        return self.map is None and not any(self.shift)

    def remap(self, name: str, affine: Affine | None) -> None:
        """Set or drop one of the maps; raises GcodeError when it cannot be undone."""
        maps = {key: value for key, value in self.maps.items() if key != name}
        if affine is not None:
            maps[name] = affine
        whole: Affine | None = None
        for key in ("tilt", "rotation", "scale", "mirror"):
            if key in maps:
                whole = maps[key] if whole is None else whole.after(maps[key])
        unmap = whole.inverse() if whole else None
        self.maps, self.map, self.unmap = maps, whole, unmap
        self.modal = self.modal._replace(
            rotated="rotation" in maps or "tilt" in maps, scaled="scale" in maps or "mirror" in maps
        )

    def place(self, local: Position) -> Position:
        """Work coordinates of a programmed position."""
        moved = self._through(self.map, local) if self.map else local
        return tuple([a + b for a, b in zip(moved, self.shift, strict=True)])

    def local(self) -> Position:
        """The present position as a program would write it."""
        back = tuple([a - b for a, b in zip(self.at, self.shift, strict=True)])
        return self._through(self.unmap, back) if self.unmap else back

    def _through(self, affine: Affine, position: Position) -> Position:
        point = affine.apply(self.xyz(position))
        whole = list(position)
        for axis, value in zip("XYZ", point, strict=True):
            if axis in self.index:
                whole[self.index[axis]] = value
        return tuple(whole)

    def xyz(self, position: Position) -> Vector:
        x, y, z = (position[self.index[axis]] if axis in self.index else 0.0 for axis in "XYZ")
        return x, y, z

    def offset(self, name: str, axis: str) -> float:
        known = self.offsets.get((name, axis))
        return self.control.work_offset(name, axis) if known is None else known

    def tip(self, axis: str) -> float:
        """Distance from the machine's own point to the tool tip along an axis, as compensation has it now."""
        if axis != "Z" or self.modal.length == "G49" or self.dialect.kind == "lathe":
            return UNKNOWN if self.dialect.kind == "lathe" and self.modal.h else 0.0
        if not self.modal.h:
            return 0.0
        return math.copysign(self.control.tool_length(self.modal.h), -1.0 if self.modal.length == "G44" else 1.0)

    def on_machine(self) -> Position:
        """The present position in machine coordinates, nan where unknown."""
        here = []
        for number, axis in enumerate(self.axes):
            value = self.at[number] + self.offset(self.modal.work, axis) + self.tip(axis)
            here.append(self.machine[number] if math.isnan(self.at[number]) else value)
        return tuple(here)

    def recoordinate(self, **changes: Any) -> None:
        """Change modal state that moves the coordinates under a standing machine (G54 …, G43, tool offsets).

        An axis keeps its position where nothing changes for it, even when offsets are unknown.
        """
        self.machine = self.on_machine()
        before = [self._zero(axis) for axis in self.axes]
        self.modal = self.modal._replace(**changes)
        moved = []
        for number, axis in enumerate(self.axes):
            same = before[number][0] == self._zero(axis)[0]
            moved.append(self.at[number] if same else self.machine[number] - self._zero(axis)[1])
        self.at = tuple(moved)

    def _zero(self, axis: str) -> tuple[object, float]:
        """What decides the zero of an axis, and where it is on the machine."""
        modal = self.modal
        compensated = (modal.length, modal.h) if self.tip(axis) != 0.0 else None
        return (modal.work, compensated), self.offset(modal.work, axis) + self.tip(axis)

    def from_machine(self) -> None:
        """Make `at` from `machine`, nan where an offset is unknown."""
        self.at = tuple([self.machine[number] - self._zero(axis)[1] for number, axis in enumerate(self.axes)])

    def forget(self, axes: str) -> None:
        """These axes have gone where only the control knows."""
        chosen = {self.index[axis] for axis in axes if axis in self.index}
        self.at = tuple([UNKNOWN if number in chosen else value for number, value in enumerate(self.at)])
        self.machine = tuple([UNKNOWN if number in chosen else value for number, value in enumerate(self.machine)])

    # steps ----------------------------------------------------------------------------------------------------

    def step(
        self,
        kind: Kind,
        end: Position,
        *,
        arc: Arc | None = None,
        dwell_s: float = 0.0,
        machine: Position | None = None,
    ) -> Step:
        """A step from here to `end` (work coordinates); the axes are there afterwards."""
        if self.steps >= self.bounds.steps_per_block:
            limit = f"at most {self.bounds.steps_per_block} steps of one block"
            raise GcodeError("bound.steps", seen=f"{self.steps} steps", expected=limit)
        self.expanded += 1
        if self.expanded > self.bounds.expanded:
            expected = f"at most {self.bounds.expanded} steps of cycles and repetitions"
            raise ProgramStop("bound.expanded", seen=f"{self.expanded} steps", expected=expected)
        where, start = self.where, self.at
        self.at = end
        self.steps += 1
        return Step(
            where.line, where.offset, where.sequence, self.steps - 1, where.depth, where.program,
            kind, start, end, self.modal, arc, dwell_s, machine, where.text, self.words, self.take_problems(),
        )  # fmt: skip

    def remark(self) -> Step:
        """A step without a move that carries the problems found so far."""
        where = self.where
        self.steps += 1
        return Step(
            where.line, where.offset, where.sequence, self.steps - 1, where.depth, where.program,
            Kind.NONE, self.at, self.at, self.modal, None, 0.0, None, where.text, self.words, self.take_problems(),
        )  # fmt: skip

    def go(self, kind: Kind, local: Position, *, arc: Arc | None = None, dwell_s: float = 0.0) -> Step:
        """A step to a programmed position."""
        return self.step(kind, self.place(local), arc=arc, dwell_s=dwell_s)

    def clone(self) -> "State":
        """An own state that starts like this one."""
        other = copy(self)
        other.problems, other.cycle, other.prepared = [], dict(self.cycle), dict(self.prepared)
        other.maps, other.offsets = dict(self.maps), dict(self.offsets)
        return other

    def take_problems(self) -> tuple[Problem, ...]:
        taken = tuple(self.problems)
        self.problems.clear()
        return taken


def changed(position: Position, values: dict[int, float]) -> Position:
    """A position with some axes, by number, put elsewhere."""
    return tuple([values.get(number, value) for number, value in enumerate(position)])
