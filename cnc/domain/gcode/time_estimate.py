"""How long a program runs: moves as trapezoids of speed, dwells, tool changes; by tool, with its sources of error.

A cutting move begins and ends at the speed that the corner to its neighbour allows: full speed along a tangent,
none at right angles and sharper (cosine of the angle between). Rapids start and stop, each axis at its own rate.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cnc.domain.base.errors import BadValue
from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Position, Step
from cnc.domain.gcode.shape import directions, lengths

_MOST_TOOLS: Final = 1_000
_CUTS: Final = (Kind.LINE, Kind.ARC, Kind.THREAD, Kind.PROBE)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a machine can do, from its parameters (rapid 1420, acceleration 1620 ff.); a missing axis has `other`.

    Rates are mm/min or degrees/min, accelerations mm/s² or degrees/s².
    """

    rapid: Mapping[str, float] = field(default_factory=dict)
    acceleration: Mapping[str, float] = field(default_factory=dict)
    other_rapid: float = 24_000.0
    other_acceleration: float = 3_000.0
    feed_limit: float = 12_000.0
    tool_change_s: float = 6.0

    def __post_init__(self) -> None:
        values = [*self.rapid.values(), *self.acceleration.values()]
        values += [self.other_rapid, self.other_acceleration, self.feed_limit]
        if any(not 0 < value < math.inf for value in values) or not 0 <= self.tool_change_s < 36_000:
            raise BadValue(seen=self, expected="rates and accelerations above 0, a tool change below 10 hours")


@dataclass(slots=True)
class ToolTime:
    """Seconds of one tool; `tool` None = before the first change."""

    tool: int | None
    cutting_s: float = 0.0
    rapid_s: float = 0.0
    dwell_s: float = 0.0
    change_s: float = 0.0
    cutting_mm: float = 0.0

    @property
    def total_s(self) -> float:
        return self.cutting_s + self.rapid_s + self.dwell_s + self.change_s


@dataclass(frozen=True, slots=True)
class Estimate:
    """`unknown_moves` are not in the time: their start, end, feed or speed is not known."""

    total_s: float
    tools: tuple[ToolTime, ...]
    unknown_moves: int
    stops: int
    """M0 and M1, which wait for a person."""
    error_sources: tuple[str, ...]


class _Cut(NamedTuple):
    step: Step
    size: float
    """Length in mm, or degrees when only rotary axes move."""
    speed: float
    linear_mm: float
    ways: tuple[Position, Position] | None


class Clock:
    """Adds steps up; `add` every step, then `finish`."""

    def __init__(self, *, dialect: Dialect, rates: Rates) -> None:
        self._dialect = dialect
        self._rates = rates
        self._tools: dict[int | None, ToolTime] = {}
        self._cut: _Cut | None = None
        self._entry = 0.0
        self._unknown = 0
        self._stops = 0
        self._seen: dict[str, None] = {}

    def add(self, step: Step) -> None:
        if step.kind == Kind.NONE and not step.words:
            return
        self._notice(step)
        if step.kind in _CUTS:
            self._add_cut(step)
            return
        self._end_cut(None)
        if step.kind == Kind.RAPID:
            self._add_rapid(step)
        elif step.kind == Kind.DWELL:
            if step.dwell_s == step.dwell_s:
                self._of(step).dwell_s += step.dwell_s
            else:
                self._unknown += 1

    def finish(self) -> Estimate:
        self._end_cut(None)
        tools = tuple(self._tools.values())
        sources: tuple[str, ...] = (
            "overrides taken as 100 %",
            "corners by angle: the control's own look-ahead is not modelled",
        )
        if self._unknown:
            sources += (f"{self._unknown} moves without a known start, end, feed or speed are not counted",)
        return Estimate(sum(t.total_s for t in tools), tools, self._unknown, self._stops, sources + tuple(self._seen))

    def _notice(self, step: Step) -> None:
        modal = step.modal
        if step.step == 0 and step.words:
            codes = step.words.split()
            if any(code == "M6" or code[0] == "T" for code in codes):
                self._of(step).change_s += self._rates.tool_change_s
                self._seen[f"a tool change taken as {self._rates.tool_change_s:g} s"] = None
            self._stops += "M0" in codes or "M1" in codes
            if any(code[0] == "M" and code not in ("M0", "M1", "M2", "M6", "M30") for code in codes):
                self._seen["other M codes taken as no time"] = None
        if modal.cutter != "G40":
            self._seen["cutter compensation: the programmed path is taken"] = None
        if step.kind == Kind.PROBE:
            self._seen["probing moves taken to their programmed end"] = None

    def _of(self, step: Step) -> ToolTime:
        tool = step.modal.tool
        if tool not in self._tools and len(self._tools) >= _MOST_TOOLS:
            tool = None
        return self._tools.setdefault(tool, ToolTime(tool))

    def _add_rapid(self, step: Step) -> None:
        longest = 0.0
        for number, axis in enumerate(self._dialect.axes):
            delta = abs(step.end[number] - step.start[number])
            if delta != delta:
                if step.start[number] == step.start[number] or step.end[number] == step.end[number]:
                    self._unknown += 1
                    return
                continue
            speed = self._rates.rapid.get(axis, self._rates.other_rapid) / 60
            longest = max(longest, trapezoid_s(delta, speed, self._acceleration(axis), 0.0, 0.0))
        self._of(step).rapid_s += longest

    def _acceleration(self, axis: str) -> float:
        return self._rates.acceleration.get(axis, self._rates.other_acceleration)

    def _add_cut(self, step: Step) -> None:
        linear, rotary = lengths(step, self._dialect)
        size = rotary if linear == 0 else linear
        speed = self._speed(step, size)
        if not (math.isfinite(size) and math.isfinite(speed)) or (speed <= 0 < size):
            self._end_cut(None)
            self._unknown += 1
            return
        following = _Cut(step, size, speed, linear, directions(step))
        self._end_cut(following)
        self._cut = following

    def _end_cut(self, following: "_Cut | None") -> None:
        """Time of the cut before, now that the speed at its end is known."""
        cut = self._cut
        if cut is None:
            return
        leave = 0.0
        if following is not None and cut.ways is not None and following.ways is not None:
            leave = min(cut.speed, following.speed) * max(0.0, _cosine(cut.ways[1], following.ways[0]))
        tool = self._of(cut.step)
        tool.cutting_s += trapezoid_s(cut.size, cut.speed, self._slowest(cut.step), min(self._entry, cut.speed), leave)
        tool.cutting_mm += cut.linear_mm
        self._entry = leave
        self._cut = None

    def _slowest(self, step: Step) -> float:
        """Acceleration of the slowest axis that moves."""
        if not self._rates.acceleration:
            return self._rates.other_acceleration
        moving = [a for n, a in enumerate(self._dialect.axes) if step.start[n] != step.end[n]]
        return min(self._acceleration(axis) for axis in moving or self._dialect.axes)

    def _speed(self, step: Step, size: float) -> float:
        """mm/s or degrees/s."""
        modal = step.modal
        limit = self._rates.feed_limit / 60
        if modal.feed_mode == "G93" and step.kind != Kind.THREAD:
            return min(limit, size * modal.feed / 60)
        tapping = modal.cycle in ("G74", "G84", "G84.2", "G84.3", "G88")
        lead = step.kind == Kind.THREAD and not tapping  # F of a thread is its lead in every feed mode
        if modal.feed_mode == "G95" or lead:
            return min(limit, modal.feed * self._revolutions(step) / 60)
        return min(limit, modal.feed / 60)

    def _revolutions(self, step: Step) -> float:
        modal = step.modal
        if not modal.constant_surface:
            return modal.speed
        if "X" not in self._dialect.axes:
            return math.nan
        number = self._dialect.axes.index("X")
        radius = abs(step.start[number] + step.end[number]) / 2
        if radius != radius:
            return math.nan
        wanted = modal.speed * 1000 / (math.tau * radius) if radius > 0 else math.inf
        limited = min(wanted, modal.speed_limit) if modal.speed_limit else wanted
        return limited if limited < math.inf else math.nan


def estimate(steps: Iterable[Step], *, dialect: Dialect, rates: Rates) -> Estimate:
    """Seconds that these steps take."""
    clock = Clock(dialect=dialect, rates=rates)
    for step in steps:
        clock.add(step)
    return clock.finish()


def trapezoid_s(distance: float, speed: float, acceleration: float, enter: float, leave: float) -> float:
    """Seconds for a distance with limited speed and acceleration, from one speed to another; all per second.

    When the distance is too short to reach `leave` or to brake down to it, the other speed counts as far as it goes.
    """
    if not distance > 0:
        return 0.0
    high, low = max(enter, leave), min(enter, leave)
    if (high * high - low * low) / (2 * acceleration) >= distance:
        low = math.sqrt(max(0.0, high * high - 2 * acceleration * distance))
        return 2 * distance / (high + low)
    peak = min(speed, math.sqrt(acceleration * distance + (enter * enter + leave * leave) / 2))
    ramps_s = (2 * peak - enter - leave) / acceleration
    ramps = (2 * peak * peak - enter * enter - leave * leave) / (2 * acceleration)
    return ramps_s + max(0.0, distance - ramps) / peak


def _cosine(first: Position, second: Position) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))
