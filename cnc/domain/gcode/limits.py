"""How far a program reaches: a box per work system, and where it leaves the travel of the axes."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Position, Step
from cnc.domain.gcode.shape import reach

_MOST_SYSTEMS: Final = 400
_MOST_OUTSIDE: Final = 100


@dataclass(slots=True)
class Box:
    """Lowest and highest coordinates, by axis letter, of all moves and of cutting ones; X of a lathe is a radius."""

    low: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)
    cut_low: dict[str, float] = field(default_factory=dict)
    cut_high: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outside:
    """A move beyond the travel of an axis, in machine coordinates."""

    line: int
    axis: str
    at: float
    limit: float


@dataclass(frozen=True, slots=True)
class Reach:
    """`unknown` names axes whose machine coordinates could not be judged, with the work systems they are unknown in."""

    boxes: Mapping[str, Box]
    outside: tuple[Outside, ...]
    unknown: tuple[tuple[str, str], ...]


class _Extent:
    """Lowest and highest values by axis number, infinite while there is none."""

    __slots__ = ("cut_high", "cut_low", "high", "low")

    def __init__(self, axes: int) -> None:
        self.low, self.high = [math.inf] * axes, [-math.inf] * axes
        self.cut_low, self.cut_high = [math.inf] * axes, [-math.inf] * axes

    def add(self, low: Position, high: Position, end: Position, *, cutting: bool) -> None:
        """Where the way to the end is unknown the end itself counts; comparisons with nan are never true."""
        for number, (below, above) in enumerate(zip(low, high, strict=True)):
            if below != below:
                below = above = end[number]
            if below < self.low[number]:
                self.low[number] = below
            if above > self.high[number]:
                self.high[number] = above
            if cutting:
                if below < self.cut_low[number]:
                    self.cut_low[number] = below
                if above > self.cut_high[number]:
                    self.cut_high[number] = above

    def box(self, axes: str) -> Box:
        sides = (self.low, self.high, self.cut_low, self.cut_high)
        low, high, cut_low, cut_high = (
            {axis: value for axis, value in zip(axes, side, strict=True) if math.isfinite(value)} for side in sides
        )
        return Box(low, high, cut_low, cut_high)


class Limits:
    """Adds steps up; `add` every step, then `finish`. `travel` holds (lowest, highest) machine coordinate by axis."""

    def __init__(
        self, *, dialect: Dialect, control: Control, travel: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        self._dialect = dialect
        self._control = control
        self._travel = dict(travel or {})
        self._boxes: dict[str, _Extent] = {}
        self._outside: list[Outside] = []
        self._unknown: dict[tuple[str, str], None] = {}
        self._zeros: dict[tuple[object, ...], float] = {}

    def add(self, step: Step) -> None:
        if step.kind == Kind.NONE or step.kind == Kind.DWELL:
            return
        low, high = reach(step)
        work = step.modal.work
        extent = self._boxes.get(work)
        if extent is None:
            if len(self._boxes) >= _MOST_SYSTEMS:
                return
            extent = self._boxes[work] = _Extent(len(low))
        extent.add(low, high, step.end, cutting=step.kind != Kind.RAPID)
        if self._travel:
            for axis, start, end, below, above in zip(self._dialect.axes, step.start, step.end, low, high, strict=True):
                if axis in self._travel and (start != end or step.machine):
                    known = below == below
                    self._judge(step, axis, below if known else end, above if known else end)

    def finish(self) -> Reach:
        boxes = {work: extent.box(self._dialect.axes) for work, extent in self._boxes.items()}
        return Reach(boxes, tuple(self._outside), tuple(self._unknown))

    def _judge(self, step: Step, axis: str, below: float, above: float) -> None:
        zero = self._zero(step, axis)
        below, above = below + zero, above + zero
        if step.machine is not None and below != below:
            below = above = step.machine[self._dialect.axes.index(axis)]
        if below != below:
            if len(self._unknown) < _MOST_OUTSIDE:
                self._unknown[(step.modal.work, axis)] = None
            return
        lowest, highest = self._travel[axis]
        for value, limit, beyond in ((below, lowest, below < lowest), (above, highest, above > highest)):
            if beyond and len(self._outside) < _MOST_OUTSIDE:
                self._outside.append(Outside(step.line, axis, value, limit))

    def _zero(self, step: Step, axis: str) -> float:
        """Machine coordinate of the work zero for the tool tip."""
        modal = step.modal
        key = (modal.work, axis, modal.length, modal.h)
        if key not in self._zeros:
            tip = 0.0
            if axis == "Z" and modal.length != "G49" and modal.h:
                tip = math.copysign(self._control.tool_length(modal.h), -1.0 if modal.length == "G44" else 1.0)
            if len(self._zeros) > _MOST_SYSTEMS * 10:
                self._zeros.clear()
            self._zeros[key] = self._control.work_offset(modal.work, axis) + tip
        return self._zeros[key]


def limits(
    steps: Iterable[Step],
    *,
    dialect: Dialect,
    control: Control,
    travel: Mapping[str, tuple[float, float]] | None = None,
) -> Reach:
    """Boxes of these steps, and what lies outside `travel`."""
    counting = Limits(dialect=dialect, control=control, travel=travel)
    for step in steps:
        counting.add(step)
    return counting.finish()
