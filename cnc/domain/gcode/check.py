"""Static check of a program before it may go to a machine: what is wrong, what to look at, what cannot be known."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.gcode.control import Control, Known
from cnc.domain.gcode.dialect import MILL, Bounds, Dialect
from cnc.domain.gcode.facts import Problem, Severity, Step
from cnc.domain.gcode.limits import Limits, Reach
from cnc.domain.gcode.problems import shortened
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.rules import RULES, Rule
from cnc.domain.gcode.source import Source
from cnc.domain.gcode.time_estimate import Clock, Estimate, Rates
from cnc.domain.gcode.tools import ToolList, ToolUse

_PIECE: Final = 65_536
#: Printable ASCII, tab and line ends: what FANUC controls take inside comments too.
_REFUSED: Final = re.compile(rb"[^\t\n\r -~]")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a shop allows. None = not judged."""

    program: str | None = None
    """The name under which it goes to the control, such as `O1234`."""
    most_bytes: int | None = 512_000
    clearance_mm: float | None = None
    """Rapid moves of a mill that go sideways below this height over the work zero are told."""
    highest_speed: float | None = None
    highest_feed_mm_min: float | None = None
    travel: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest machine coordinate by axis."""
    usual_m: frozenset[int] = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 19, 29, 30, 98, 99})
    """M codes that need no look."""
    most_findings: int = 500


@dataclass(frozen=True, slots=True)
class Report:
    """`counts` are of all findings by severity, `findings` the first ones of each code. `clean` = no error."""

    program: str
    size: int
    steps: int
    findings: tuple[Problem, ...]
    counts: Mapping[str, int]
    tools: tuple[ToolUse, ...]
    reach: Reach
    time: Estimate

    @property
    def clean(self) -> bool:
        return not self.counts.get(Severity.ERROR)


class _Findings:
    """Keeps at most 20 findings of a code, and `most` in all but for errors; counts every one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of_code: dict[str, int] = {}
        self.kept: list[Problem] = []
        self.counts: dict[str, int] = {}

    def add(self, problem: Problem) -> None:
        self.counts[problem.severity] = self.counts.get(problem.severity, 0) + 1
        seen = self._of_code[problem.code] = self._of_code.get(problem.code, 0) + 1
        if seen <= 20 and (len(self.kept) < self._most or problem.severity == Severity.ERROR):
            self.kept.append(problem)


def check(
    source: Source,
    *,
    policy: Policy | None = None,
    dialect: Dialect = MILL,
    control: Control | None = None,
    rates: Rates | None = None,
    bounds: Bounds | None = None,
) -> Report:
    """Read a program once and judge it. Never raises for what stands in it."""
    policy, control = policy or Policy(), control or Known()
    findings = _Findings(policy.most_findings)
    for problem in _file_problems(source, policy):
        findings.add(problem)
    used = ToolList(dialect=dialect)
    reach = Limits(dialect=dialect, control=control, travel=policy.travel)
    clock = Clock(dialect=dialect, rates=rates or Rates())
    rules: list[Rule] = [rule(policy, dialect) for rule in RULES]
    count, program, last = 0, "", None
    for step in read(source, dialect=dialect, control=control, bounds=bounds):
        count, last, program = count + 1, step, program or step.program
        used.add(step)
        reach.add(step)
        clock.add(step)
        for problem in _of_step(step, rules):
            findings.add(problem)
    for problem in _at_end(last, program, policy, reach.finish()):
        findings.add(problem)
    kept = tuple(sorted(findings.kept, key=lambda problem: problem.line))
    return Report(program, source.size, count, kept, findings.counts, used.finish(), reach.finish(), clock.finish())


def _of_step(step: Step, rules: list[Rule]) -> Iterator[Problem]:
    yield from step.problems
    for rule in rules:
        yield from rule.judge(step)


def _file_problems(source: Source, policy: Policy) -> Iterator[Problem]:
    if policy.most_bytes is not None and source.size > policy.most_bytes:
        expected = f"at most {policy.most_bytes} bytes"
        yield Problem("file.size", Severity.ERROR, 0, f"{source.size} bytes", expected)
    offset, line = 0, 1
    while data := source.read_at(offset, _PIECE):
        odd = _REFUSED.search(data)
        if odd is not None:
            line += data.count(b"\n", 0, odd.start())
            seen = f"byte {odd.group()[0]:#04x} at {offset + odd.start()}"
            yield Problem("file.character", Severity.ERROR, line, seen, "printable ASCII, also in comments")
            return
        line += data.count(b"\n")
        offset += len(data)


def _at_end(last: Step | None, program: str, policy: Policy, reach: Reach) -> Iterator[Problem]:
    if policy.program is not None and program != policy.program:
        yield Problem("program.name", Severity.ERROR, 1, shortened(program) or "no number", policy.program)
    for outside in reach.outside:
        seen, expected = f"{outside.axis} at {outside.at:.3f} on the machine", f"within {outside.limit:g}"
        yield Problem("travel.outside", Severity.ERROR, outside.line, seen, expected)
    for work, axis in reach.unknown:
        expected = "a known work zero and tool length to judge the travel by"
        yield Problem("travel.unknown", Severity.UNKNOWN, 0, f"{axis} in {work}", expected)
    if last is None:
        return
    modal = last.modal
    left = {
        "G41/G42": modal.cutter != "G40",
        "rotation": modal.rotated,
        "scaling": modal.scaled,
        "polar coordinates": modal.polar,
        modal.cycle: modal.cycle != "G80",
        modal.interpolation: bool(modal.interpolation),
        "G91": not modal.absolute,
    }
    for name in (name for name, active in left.items() if active):
        yield Problem("end.left_on", Severity.WARNING, last.line, f"{name} at the end", "cancelled before the end")
