"""The path of the tool for a 3D preview: points in mm, arcs as chords, thinned to a limit, packed.

    [ "NCTP" ][ version ][ flags ][ 0 ][ points ][ runs ][ tolerance mm ]
       4b         1b        1b     2b     4b        4b        4b f32
    then of all points x y z (4b f32 each), of all points the line (4b), of all runs first point, kind, tool (4b each)

All little-endian. Flag bit 0: more points than the limit would take, the rest is missing. A run goes on to the first
point of the next one; its first point is where it starts, so runs do not share points. Kind is that of `facts.Kind`,
arcs are lines; tool 0xFFFFFFFF = none. X of a lathe is the radius; with G12.1 C is drawn as Y.
"""

import math
import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.gcode.dialect import Dialect
from cnc.domain.gcode.facts import Kind, Position, Step
from cnc.domain.gcode.shape import points
from cnc.domain.gcode.thin import thinned

_HEAD: Final = struct.Struct("<4sBBHIIf")
_MAGIC: Final = b"NCTP"
_RUN: Final = struct.Struct("<III")
_NO_TOOL: Final = 0xFFFFFFFF
Point = tuple[float, float, float]


@dataclass(slots=True)
class Run:
    """Points of one kind with one tool, from where the run starts."""

    kind: Kind
    tool: int | None
    points: list[Point] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Toolpath:
    """Points are within twice `tolerance_mm` of the true path; `complete` False when the limit was too small for it."""

    runs: tuple[Run, ...]
    tolerance_mm: float
    complete: bool

    @property
    def count(self) -> int:
        return sum(len(run.points) for run in self.runs)

    def pack(self) -> bytes:
        """Bytes as drawn at the top of this module."""
        xyz, lines, runs = array("f"), array("I"), bytearray()
        for run in self.runs:
            tool = _NO_TOOL if run.tool is None else run.tool
            runs += _RUN.pack(len(lines), run.kind, tool)
            for point in run.points:
                xyz.extend(point)
            lines.extend(run.lines)
        head = _HEAD.pack(_MAGIC, 1, not self.complete, 0, len(lines), len(self.runs), self.tolerance_mm)
        return head + _little(xyz) + _little(lines) + bytes(runs)


class Path:
    """Adds steps up; `add` every step, then `finish`. Holds at most about twice `limit` points."""

    def __init__(self, *, dialect: Dialect, tolerance_mm: float = 0.02, limit: int = 100_000) -> None:
        if not 1e-4 <= tolerance_mm <= 1e3 or not 16 <= limit <= 5_000_000:
            raise BadValue(
                seen=(tolerance_mm, limit), expected="a tolerance of 0.0001 to 1000 mm, 16 to 5,000,000 points"
            )
        self._tolerance = tolerance_mm
        self._limit = limit
        self._index = tuple(dialect.axes.find(axis) for axis in "XYZ")
        self._c = dialect.axes.find("C")
        self._runs: list[Run] = []
        self._count = 0
        self._full = False

    def add(self, step: Step) -> None:
        if self._full or step.kind in (Kind.NONE, Kind.DWELL):
            return
        start, end = self._xyz(step, step.start), self._xyz(step, step.end)
        if end is None or start is None:
            return
        run = self._runs[-1] if self._runs else None
        kind = Kind.LINE if step.kind == Kind.ARC else step.kind
        if run is None or run.kind != kind or run.tool != step.modal.tool or run.points[-1] != start:
            run = Run(kind, step.modal.tool, [start], [step.line])
            self._runs.append(run)
            self._count += 1
        for place in points(step, tolerance_mm=self._tolerance):
            point = self._xyz(step, place)
            if point is not None:
                run.points.append(point)
                run.lines.append(step.line)
                self._count += 1
        if self._count > 2 * self._limit:
            self._thin()

    def finish(self) -> Toolpath:
        while self._count > self._limit and not self._full:
            self._thin()
        return Toolpath(tuple(self._runs), self._tolerance, not self._full)

    def _thin(self) -> None:
        """Drop points until the limit holds, each round with twice the tolerance."""
        longest = 1e4
        while self._count > self._limit:
            for run in self._runs:
                keep = thinned(run.points, tolerance=self._tolerance)
                run.points, run.lines = [run.points[n] for n in keep], [run.lines[n] for n in keep]
            self._count = sum(len(run.points) for run in self._runs)
            if self._count > self._limit:
                if self._tolerance > longest:
                    self._cut()
                    return
                self._tolerance *= 2

    def _cut(self) -> None:
        """More runs than points: keep the first ones."""
        kept = 0
        for number, run in enumerate(self._runs):
            kept += len(run.points)
            if kept > self._limit:
                del self._runs[number:]
                break
        self._count = sum(len(run.points) for run in self._runs)
        self._full = True

    def _xyz(self, step: Step, position: Position) -> Point | None:
        """None where a coordinate that the machine has is unknown."""
        x, y, z = (position[n] if n >= 0 else 0.0 for n in self._index)
        if step.modal.interpolation == "G12.1" and self._c >= 0:
            y = position[self._c]
        whole = (x, y, z)
        return whole if all(-1e9 < value < 1e9 for value in whole) else None


def toolpath(steps: Iterable[Step], *, dialect: Dialect, tolerance_mm: float = 0.02, limit: int = 100_000) -> Toolpath:
    """The path of these steps with at most `limit` points."""
    path = Path(dialect=dialect, tolerance_mm=tolerance_mm, limit=limit)
    for step in steps:
        path.add(step)
    return path.finish()


def unpack(data: bytes) -> Toolpath:
    """The path in packed bytes. Raises MalformedMessage."""
    if len(data) < _HEAD.size:
        raise MalformedMessage(seen=f"{len(data)} bytes", expected=f"at least {_HEAD.size}")
    magic, version, flags, _, count, runs, tolerance = _HEAD.unpack_from(data)
    size = _HEAD.size + 16 * count + _RUN.size * runs
    if (magic, version) != (_MAGIC, 1) or len(data) != size or not math.isfinite(tolerance):
        raise MalformedMessage(seen=data[:8].hex(), expected=f"NCTP version 1 of {size} bytes")
    xyz = struct.unpack_from(f"<{3 * count}f", data, _HEAD.size)
    lines: tuple[int, ...] = struct.unpack_from(f"<{count}I", data, _HEAD.size + 12 * count)
    heads = [_RUN.unpack_from(data, _HEAD.size + 16 * count + n * _RUN.size) for n in range(runs)]
    firsts = [first for first, _, _ in heads] + [count]
    if any(a >= b for a, b in pairwise(firsts)) or firsts[0] or any(kind not in (*Kind,) for _, kind, _ in heads):
        raise MalformedMessage(seen=str(firsts[:8]), expected="runs in rising order, of known kinds")
    made = []
    for (first, kind, tool), end in zip(heads, firsts[1:], strict=True):
        places = [(xyz[3 * n], xyz[3 * n + 1], xyz[3 * n + 2]) for n in range(first, end)]
        made.append(Run(Kind(kind), None if tool == _NO_TOOL else tool, places, list(lines[first:end])))
    return Toolpath(tuple(made), tolerance, not flags & 1)


def _little(values: "array[float] | array[int]") -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()
