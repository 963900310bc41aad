"""How far a program reaches: a box per work system, and where it leaves the travel of the axes."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Step
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


class Limits:
    """Adds steps up; `add` every step, then `finish`. `travel` holds (lowest, highest) machine coordinate by axis."""

    def __init__(
        self, *, dialect: Dialect, control: Control, travel: Mapping[str, tuple[float, float]] | None = None
    ) -> None:
        self._dialect = dialect
        self._control = control
        self._travel = dict(travel or {})
        self._boxes: dict[str, Box] = {}
        self._outside: list[Outside] = []
        self._unknown: dict[tuple[str, str], None] = {}
        self._zeros: dict[tuple[object, ...], float] = {}

    def add(self, step: Step) -> None:
        if step.kind == Kind.NONE or step.kind == Kind.DWELL:
            return
        low, high = reach(step)
        work = step.modal.work
        if work not in self._boxes and len(self._boxes) >= _MOST_SYSTEMS:
            return
        box = self._boxes.setdefault(work, Box())
        cutting = step.kind != Kind.RAPID
        for axis, start, end, below, above in zip(self._dialect.axes, step.start, step.end, low, high, strict=True):
            if below != below:
                below = above = end  # the way there is unknown, the end may be known
            if below == below:
                self._grow(box, axis, below, above, cutting=cutting)
            if self._travel and axis in self._travel and (start != end or step.machine):
                self._judge(step, axis, below, above)

    def finish(self) -> Reach:
        return Reach(self._boxes, tuple(self._outside), tuple(self._unknown))

    def _grow(self, box: Box, axis: str, below: float, above: float, *, cutting: bool) -> None:
        box.low[axis] = min(below, box.low.get(axis, below))
        box.high[axis] = max(above, box.high.get(axis, above))
        if cutting:
            box.cut_low[axis] = min(below, box.cut_low.get(axis, below))
            box.cut_high[axis] = max(above, box.cut_high.get(axis, above))

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
