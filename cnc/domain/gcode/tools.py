"""Tools of a program in the order they come into use, with depth, feeds and speeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Step
from cnc.domain.gcode.shape import lengths, reach

_MOST: Final = 1_000


@dataclass(slots=True)
class ToolUse:
    """One stretch of work with one tool; a tool that comes back has another one.

    Feeds are (lowest, highest) while cutting in `feed_unit`; speeds in `speed_unit`. None = not used.
    """

    tool: int | None
    first_line: int
    length_offset: int | None = None
    radius_offset: int | None = None
    lowest_z_mm: float | None = None
    feeds: tuple[float, float] | None = None
    feed_unit: str = "mm/min"
    speeds: tuple[float, float] | None = None
    speed_unit: str = "1/min"
    cutting_mm: float = 0.0
    cuts: int = 0
    works: tuple[str, ...] = ()
    coolant: bool = False


class ToolList:
    """Adds steps up; `add` every step, then `finish`."""

    def __init__(self, *, dialect: Dialect) -> None:
        self._dialect = dialect
        self._z = dialect.axes.find("Z")
        self._uses: list[ToolUse] = []

    def add(self, step: Step) -> None:
        modal = step.modal
        if not self._uses or self._uses[-1].tool != modal.tool:
            if modal.tool is None and step.kind == Kind.NONE:
                return
            if len(self._uses) >= _MOST:
                return
            self._uses.append(ToolUse(modal.tool, step.line))
        use = self._uses[-1]
        use.length_offset = modal.h or use.length_offset
        use.radius_offset = modal.d if modal.cutter != "G40" else use.radius_offset
        use.coolant = use.coolant or modal.coolant != "off"
        if step.kind in (Kind.LINE, Kind.ARC, Kind.THREAD):
            self._cut(use, step)

    def finish(self) -> tuple[ToolUse, ...]:
        return tuple(use for use in self._uses if use.tool is not None or use.cuts)

    def _cut(self, use: ToolUse, step: Step) -> None:
        modal = step.modal
        use.cuts += 1
        length = lengths(step, self._dialect)[0]
        use.cutting_mm += length if length == length else 0.0
        if self._z >= 0:
            z = reach(step)[0][self._z] if step.arc else min(step.start[self._z], step.end[self._z])
            if z == z and (use.lowest_z_mm is None or z < use.lowest_z_mm):
                use.lowest_z_mm = z
        use.feed_unit = {"G93": "1/min", "G94": "mm/min", "G95": "mm/rev"}[modal.feed_mode]
        use.speed_unit = "m/min" if modal.constant_surface else "1/min"
        use.feeds = _spread(use.feeds, modal.feed)
        use.speeds = _spread(use.speeds, modal.speed)
        if modal.work not in use.works and len(use.works) < 50:
            use.works += (modal.work,)


def _spread(spread: tuple[float, float] | None, value: float) -> tuple[float, float] | None:
    if value != value:  # only the control knows it
        return spread
    return (value, value) if spread is None else (min(spread[0], value), max(spread[1], value))


def tools(steps: Iterable[Step], *, dialect: Dialect) -> tuple[ToolUse, ...]:
    """Tools of these steps, in order of use, at most 1,000."""
    counting = ToolList(dialect=dialect)
    for step in steps:
        counting.add(step)
    return counting.finish()
