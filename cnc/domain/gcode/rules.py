"""Rules of the static check: each looks at the steps in turn and remembers what it needs."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Problem, Severity, Step
from cnc.domain.gcode.problems import shortened

_CUTS: Final = (Kind.LINE, Kind.ARC, Kind.THREAD)
_UNITS: Final = re.compile(r"G0?(?:20|21|70|71)(?!\d)", re.IGNORECASE)
_EVERYDAY: Final = frozenset(f"M{code}" for code in (0, 1, 2, 6, 30))


class Limits(Protocol):
    """What of a policy the rules look at."""

    @property
    def clearance_mm(self) -> float | None: ...
    @property
    def highest_speed(self) -> float | None: ...
    @property
    def highest_feed_mm_min(self) -> float | None: ...
    @property
    def usual_m(self) -> frozenset[int]: ...


class Rule(ABC):
    """One rule over one program."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        self.policy = policy
        self.dialect = dialect

    @abstractmethod
    def judge(self, step: Step) -> Iterator[Problem]:
        """What this rule has to say of a step; every step of the program is shown, in order."""


def _told(code: str, severity: Severity, step: Step, expected: str, *, seen: str = "") -> Problem:
    return Problem(code, severity, step.line, seen or shortened(step.text.strip()), expected)


class FeedGiven(Rule):
    """A cutting move needs a feed: none at all, none per revolution of a standing spindle, none in G93."""

    def judge(self, step: Step) -> Iterator[Problem]:
        if step.kind not in _CUTS:
            return
        modal = step.modal
        if modal.feed != modal.feed or modal.speed != modal.speed:
            return  # unknown, which the reader has told
        if not modal.feed > 0:
            yield _told("feed.missing", Severity.ERROR, step, "an F word before the first cutting move")
        elif modal.feed_mode == "G95" and not modal.speed > 0:
            yield _told("feed.no_revolutions", Severity.ERROR, step, "a spindle speed with a feed per revolution")
        elif modal.feed_mode == "G93" and step.step == 0 and "F" not in step.text.upper():
            yield _told("feed.inverse_time", Severity.ERROR, step, "an F word in every cutting block under G93")
        highest = self.policy.highest_feed_mm_min
        if highest is not None and modal.feed_mode == "G94" and modal.feed > highest:
            yield _told(
                "feed.high", Severity.ERROR, step, f"at most {highest:g} mm/min", seen=f"F {modal.feed:g} mm/min"
            )


class SpindleTurns(Rule):
    """A cutting move needs a turning spindle; told once until the spindle starts."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        super().__init__(policy, dialect)
        self._told = False
        self._speed = 0.0
        self._other = False
        self._usual = frozenset(f"M{code}" for code in policy.usual_m)

    def judge(self, step: Step) -> Iterator[Problem]:
        modal = step.modal
        turning = modal.spindle in ("M3", "M4") and not modal.speed <= 0
        self._told = self._told and not turning
        if step.words and not self._other:  # a builder's own code may start another spindle
            self._other = any(code[0] == "M" and code not in self._usual for code in step.words.split())
        if step.kind in _CUTS and not turning and not self._told:
            self._told = True
            severity = Severity.UNKNOWN if self._other else Severity.ERROR
            yield _told("spindle.off", severity, step, "M3 or M4 with an S before cutting")
        highest = self.policy.highest_speed
        if highest is not None and modal.speed != self._speed and not modal.constant_surface and modal.speed > highest:
            yield _told("spindle.fast", Severity.ERROR, step, f"at most {highest:g} 1/min", seen=f"S{modal.speed:g}")
        if modal.constant_surface and not modal.speed_limit and modal.speed != self._speed:
            yield _told("spindle.no_limit", Severity.WARNING, step, "a highest speed (G50 S or G92 S) with G96")
        self._speed = modal.speed


class LengthCompensated(Rule):
    """After a tool change of a mill Z moves under G43, with the offset of its tool."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        super().__init__(policy, dialect)
        self._fresh = False

    def judge(self, step: Step) -> Iterator[Problem]:
        if self.dialect.kind != "mill" or "Z" not in self.dialect.axes:
            return
        modal = step.modal
        if step.step == 0 and "M6" in step.words.split():
            self._fresh = True
            if modal.cutter != "G40":
                yield _told("tool.compensated", Severity.WARNING, step, "G40 before a tool change")
            return
        z = self.dialect.axes.index("Z")
        lowered = step.kind != Kind.NONE and step.end[z] == step.end[z] and step.start[z] != step.end[z]
        if not self._fresh or not lowered or step.machine is not None:
            return
        self._fresh = False
        if modal.length == "G49" or not modal.h:
            yield _told("length.missing", Severity.ERROR, step, "G43 H after a tool change, before Z moves")
        elif modal.tool is not None and modal.h != modal.tool:
            seen = f"H{modal.h} with T{modal.tool}"
            yield _told("length.other_tool", Severity.WARNING, step, f"H{modal.tool}", seen=seen)


class RapidClear(Rule):
    """A mill's rapid that goes sideways stays above the clearance height."""

    def judge(self, step: Step) -> Iterator[Problem]:
        clearance = self.policy.clearance_mm
        if clearance is None or step.kind != Kind.RAPID or self.dialect.kind != "mill" or step.modal.cycle != "G80":
            return
        z = self.dialect.axes.find("Z")
        sideways = any(a != b for n, (a, b) in enumerate(zip(step.start, step.end, strict=True)) if n != z)
        lowest = min(step.start[z], step.end[z])
        if z >= 0 and sideways and lowest < clearance and step.machine is None:
            yield _told("rapid.low", Severity.WARNING, step, f"Z at {clearance:g} mm or above", seen=f"Z {lowest:g} mm")


class Reviewed(Rule):
    """Codes with an effect beyond this program: told once each."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        super().__init__(policy, dialect)
        self._seen: set[str] = set()
        self._usual = frozenset(f"M{code}" for code in policy.usual_m)

    def judge(self, step: Step) -> Iterator[Problem]:
        if not step.words or step.step:
            return
        for code in step.words.split():
            if code in self._usual or code in _EVERYDAY or code[0] in "LTd" or code in self._seen or code == "G11":
                continue
            if len(self._seen) < 1_000:
                self._seen.add(code)
            if code[0] == "#":
                yield _told(
                    "code.system_variable", Severity.WARNING, step, "a reviewer's eye: it writes to the control"
                )
            elif code == "G10":
                yield _told(
                    "code.data_setting", Severity.WARNING, step, "a reviewer's eye: it writes offsets or parameters"
                )
            else:
                yield _told("code.machine", Severity.NOTE, step, "a reviewer's eye: the builder defines it", seen=code)


class UnitsStated(Rule):
    """The program says in which units it is written before it moves."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        super().__init__(policy, dialect)
        self._done = False

    def judge(self, step: Step) -> Iterator[Problem]:
        if self._done:
            return
        if _UNITS.search(step.text):
            self._done = True
        elif step.kind in _CUTS or step.kind == Kind.RAPID:
            self._done = True
            yield _told("units.unstated", Severity.WARNING, step, "G20 or G21 before the first move")


class CutterOffset(Rule):
    """G41 and G42 name their offset; told at their first move."""

    def __init__(self, policy: Limits, dialect: Dialect) -> None:
        super().__init__(policy, dialect)
        self._on = False

    def judge(self, step: Step) -> Iterator[Problem]:
        on = step.modal.cutter != "G40"
        if on and not self._on and self.dialect.kind == "mill":
            if step.modal.d is None:
                yield _told("cutter.no_offset", Severity.ERROR, step, "D with G41 or G42")
            if step.kind == Kind.ARC:
                yield _told("cutter.on_arc", Severity.ERROR, step, "G41 and G42 to begin on a line")
        self._on = on


RULES: Final[tuple[Callable[[Limits, Dialect], Rule], ...]] = (
    FeedGiven, SpindleTurns, LengthCompensated, RapidClear, Reviewed, UnitsStated, CutterOffset,
)  # fmt: skip
