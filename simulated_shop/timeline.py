"""A program laid out in time: the steps of the interpreter stretched by the overrides."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache

from simulated_shop.kinds import KINDS, Kind
from simulated_shop.moment import Moment, Progress, Timeline

from .nc.steps import Step, StepKind
from .programs.catalog import PROGRAMS, steps_of

IDLE_SHARE = 0.06
"""Power of a spindle turning free at its highest speed, as a share of its rating."""


class StepTimeline:
    """`Timeline` of an interpreted program. A lookup costs one bisection."""

    def __init__(self, steps: Sequence[Step], *, kind: Kind, lives_s: Mapping[int, float], feed_percent: int) -> None:
        self._steps, self._kind, self._lives_s = steps, kind, lives_s
        self._feed = feed_percent / 100
        self._starts: list[float] = []
        self._cut_s: list[float] = []
        self._cut_ws: list[float] = []
        at = cut_s = cut_ws = heat = 0.0
        for step in steps:
            self._starts.append(at)
            self._cut_s.append(cut_s)
            self._cut_ws.append(cut_ws)
            seconds = self._seconds(step)
            at += seconds
            heat += seconds * spindle_share(step.power_w * self._power_scale(step), rpm=step.rpm, kind=kind)
            if step.cuts:
                cut_s += seconds
                cut_ws += step.power_w * self._power_scale(step) * seconds
        self.duration_s = at
        self.mean_heat = heat / at
        self.tool_use = tuple((tool, self.use_until(at, tool)) for tool in lives_s)
        self.stops = tuple(
            (start, step.kind is StepKind.OPTIONAL_STOP)
            for start, step in zip(self._starts, steps, strict=True)
            if step.kind in (StepKind.STOP, StepKind.OPTIONAL_STOP)
        )

    def moment(self, offset_s: float) -> Moment:
        at = self._at(offset_s)
        step = self._steps[at]
        seconds = self._seconds(step)
        done = min(1.0, (offset_s - self._starts[at]) / seconds) if seconds else 1.0
        here = tuple(a + (b - a) * done for a, b in zip(step.start, step.end, strict=True))
        return Moment(
            kind=step.kind,
            machine=tuple(p + axis.work_offset for p, axis in zip(here, self._kind.axes, strict=True)),
            distance=tuple(b - p for p, b in zip(here, step.end, strict=True)),
            moving=tuple(a != b for a, b in zip(step.start, step.end, strict=True)),
            feed_mm_min=self._feed_now(step),
            rpm=step.rpm,
            tool=step.tool,
            cut_w=step.power_w * self._power_scale(step),
            line=step.line,
            sequence=step.sequence,
            motion_code=step.motion_code,
            m_code=step.m_code,
            commands=step.commands,
        )

    def progress(self, offset_s: float) -> Progress:
        at = self._at(offset_s)
        step = self._steps[at]
        part = offset_s - self._starts[at] if step.cuts else 0.0
        return Progress(self._cut_s[at] + part, self._cut_ws[at] + part * step.power_w * self._power_scale(step))

    def use_until(self, offset_s: float, tool: int) -> float:
        spent = 0.0
        for start, step in zip(self._starts, self._steps, strict=True):
            if start >= offset_s:
                break
            if step.tool == tool and step.cuts:
                spent += min(self._seconds(step), offset_s - start)
        return spent / self._lives_s[tool] if tool in self._lives_s else 0.0

    def _at(self, offset_s: float) -> int:
        return max(0, bisect_right(self._starts, offset_s) - 1)

    def _seconds(self, step: Step) -> float:
        return step.seconds / self._feed if step.kind is StepKind.FEED else step.seconds

    def _power_scale(self, step: Step) -> float:
        return self._feed if step.kind is StepKind.FEED else 1.0

    def _feed_now(self, step: Step) -> float:
        if step.kind is StepKind.FEED:
            return step.feed * self._feed
        if step.kind is StepKind.RAPID:
            return max(axis.rapid_per_min for axis in self._kind.axes)
        return 0.0


def spindle_share(cut_w: float, *, rpm: float, kind: Kind) -> float:
    """Spindle power as a share of its rating: friction grows with speed, cutting is added."""
    return IDLE_SHARE * rpm / kind.spindle_max_rpm + cut_w / kind.spindle_rated_w


@cache
def program_timeline(number: int, feed_percent: int) -> Timeline:
    """Timeline of a catalogued program at a feed override. Raises KeyError for an unknown number."""
    program = PROGRAMS[number]
    lives_s = {tool.number: tool.life_s for tool in program.tools}
    return StepTimeline(steps_of(number), kind=KINDS[program.kind], lives_s=lives_s, feed_percent=feed_percent)
