"""What the one G-code reader tells of programs: check, dry run, difference, path."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from cnc.domain.gcode.check import Policy, Report, check
from cnc.domain.gcode.dialect import LATHE, MILL, MILL_5_AXIS, Dialect
from cnc.domain.gcode.diff import diff
from cnc.domain.gcode.facts import Problem, Severity
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source
from cnc.domain.gcode.toolpath import toolpath
from cnc.domain.programs.single import faults
from cnc.domain.programs.targets import program_number
from cnc.services.programs.ports import Check, DryRun

_DIALECTS: Final[Mapping[str, Dialect]] = {"lathe": LATHE, "5-axis": MILL_5_AXIS, "five_axis": MILL_5_AXIS}
_MOST_CHANGES: Final = 500
#: Points of a preview: 3D views stay fluent, and the answer stays below what API Gateway takes.
_MOST_POINTS: Final = 100_000


def dialect_of(kind: str) -> Dialect:
    """How the control of a machine of this kind reads a program."""
    return _DIALECTS.get(kind, MILL)


def checker(kind: str, *, name: str) -> Check:
    """The static check for a machine of this kind, of a program that goes to the control as `name`."""

    number = program_number(name)

    def run(text: bytes) -> Sequence[Mapping[str, Any]]:
        several = () if number is None else faults(text, number=number)
        heads = [Problem("program.several", Severity.ERROR, *fault) for fault in several]
        return [finding_to(found) for found in (*heads, *judged(text, kind=kind, name=name).findings)]

    return run


def judged(text: bytes, *, kind: str, name: str | None = None) -> Report:
    """Findings, tools, reach and time of a program."""
    return check(Source.of_bytes(text), policy=Policy(program=name), dialect=dialect_of(kind))


def dry_runner(kind: str, *, name: str) -> DryRun:
    """Time, tools and reach of the new text, and what differs from the present one."""

    def run(new: bytes, old: bytes | None) -> Mapping[str, Any]:
        report = report_to(judged(new, kind=kind, name=name))
        if old is not None:
            before = judged(old, kind=kind)
            report["before_s"] = round(before.time.total_s, 1)
            report["difference"] = difference(old, new, kind=kind)
        return report

    return run


def difference(old: bytes, new: bytes, *, kind: str) -> dict[str, Any]:
    """What changed in meaning, block by block. Raises BadValue for very long programs."""
    found = diff(Source.of_bytes(old), Source.of_bytes(new), dialect=dialect_of(kind), most=_MOST_CHANGES)
    return {"only_form": found.only_form, "more": found.more, "changes": [asdict(change) for change in found.changes]}


def packed_path(text: bytes, *, kind: str, tolerance_mm: float) -> bytes:
    """The path of the tool for a 3D preview (`cnc.domain.gcode.toolpath`). Raises BadValue."""
    dialect = dialect_of(kind)
    steps = read(Source.of_bytes(text), dialect=dialect)
    return toolpath(steps, dialect=dialect, tolerance_mm=tolerance_mm, limit=_MOST_POINTS).pack()


def report_to(report: Report) -> dict[str, Any]:
    """A check's report as JSON: seconds, millimetres, lines from 1."""
    return {
        "program": report.program,
        "size": report.size,
        "steps": report.steps,
        "counts": dict(report.counts),
        "findings": [finding_to(found) for found in report.findings],
        "tools": [asdict(use) for use in report.tools],
        "time": {
            "total_s": round(report.time.total_s, 1),
            "unknown_moves": report.time.unknown_moves,
            "stops": report.time.stops,
            "error_sources": list(report.time.error_sources),
            "tools": [{**asdict(part), "total_s": round(part.total_s, 1)} for part in report.time.tools],
        },
        "reach": {
            "boxes": {work: asdict(box) for work, box in report.reach.boxes.items()},
            "outside": [asdict(move) for move in report.reach.outside],
            "unknown": [list(pair) for pair in report.reach.unknown],
        },
    }


def finding_to(found: Problem) -> dict[str, Any]:
    """One remark as JSON."""
    return {
        "severity": str(found.severity),
        "code": found.code,
        "line": found.line,
        "seen": found.seen,
        "expected": found.expected,
    }
