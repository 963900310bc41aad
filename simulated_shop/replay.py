"""A recorded cycle as a timeline: real positions, currents and spindle power at 10 Hz."""

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulated_shop.kinds import KINDS
from simulated_shop.moment import Moment, Progress, Timeline
from simulated_shop.timeline import IDLE_SHARE, spindle_share

from .nc.steps import StepKind

ROW_S = 0.1
AXIS_RATED_A = 30.0
"""Drive current counted as 100 % load; the recording gives amperes and no rating."""
RAPID_MM_S = 50.0
"""What the recorder wrote as the feedrate of rapid moves."""
GLITCHES = {0, 1, 2}
TOOL, TOOL_LIFE_S = 1, 20_000.0
_FOLDER = Path(__file__).parent / "recordings"


class BadRecording(ValueError):
    """A recording without rows or with a column missing."""


@dataclass(frozen=True, slots=True)
class Row:
    position: tuple[float, float, float]
    loads: tuple[float, float, float]
    rpm: float
    cut_w: float
    line: int
    feed_mm_min: float


class ReplayTimeline:
    """`Timeline` of recorded rows. Positions between two rows are interpolated."""

    stops: tuple[tuple[float, bool], ...] = ()

    def __init__(self, rows: Sequence[Row]) -> None:
        if len(rows) < 2:
            raise BadRecording(f"expected at least 2 rows, found {len(rows)}")
        self._rows = rows
        self._cut_s: list[float] = []
        self._cut_ws: list[float] = []
        cut_s = cut_ws = heat = 0.0
        for row in rows:
            self._cut_s.append(cut_s)
            self._cut_ws.append(cut_ws)
            heat += spindle_share(row.cut_w, rpm=row.rpm, kind=KINDS["replay"])
            if row.cut_w > 0.0:
                cut_s += ROW_S
                cut_ws += row.cut_w * ROW_S
        self.duration_s = len(rows) * ROW_S
        self.mean_heat = heat / len(rows)
        self.tool_use = ((TOOL, cut_s / TOOL_LIFE_S),)

    def moment(self, offset_s: float) -> Moment:
        at = self._at(offset_s)
        row, after = self._rows[at], self._rows[min(at + 1, len(self._rows) - 1)]
        part = min(1.0, max(0.0, offset_s / ROW_S - at))
        here = tuple(a + (b - a) * part for a, b in zip(row.position, after.position, strict=True))
        still = row.position == after.position
        kind = StepKind.DWELL if still else StepKind.FEED if row.feed_mm_min < RAPID_MM_S * 60 else StepKind.RAPID
        return Moment(
            kind=kind,
            machine=here,
            distance=tuple(b - p for p, b in zip(here, after.position, strict=True)),
            moving=tuple(a != b for a, b in zip(row.position, after.position, strict=True)),
            feed_mm_min=0.0 if still else row.feed_mm_min,
            rpm=row.rpm,
            tool=TOOL,
            cut_w=row.cut_w,
            line=0,
            sequence=row.line,
            motion_code=0 if kind is StepKind.RAPID else 1,
            m_code=3 if row.rpm > 1.0 else 5,
            commands=(row.feed_mm_min, 3_200.0),
            loads=row.loads,
        )

    def progress(self, offset_s: float) -> Progress:
        at = self._at(offset_s)
        part = offset_s - at * ROW_S if self._rows[at].cut_w > 0.0 else 0.0
        return Progress(self._cut_s[at] + part, self._cut_ws[at] + part * self._rows[at].cut_w)

    def use_until(self, offset_s: float, tool: int) -> float:
        return self.progress(offset_s).cut_s / TOOL_LIFE_S if tool == TOOL else 0.0

    def _at(self, offset_s: float) -> int:
        return min(len(self._rows) - 1, max(0, int(offset_s / ROW_S)))


@cache
def recorded_timeline(experiment: int) -> Timeline:
    """Timeline of one recorded experiment. Raises FileNotFoundError for one that is not in recordings/."""
    text = gzip.decompress((_FOLDER / f"mill_wax_{experiment}.csv.gz").read_bytes()).decode()
    return ReplayTimeline(read_rows(text))


def read_rows(text: str) -> list[Row]:
    """Rows of a recording. Raises BadRecording naming the column that is missing."""
    rows: list[Row] = []
    line = 3
    try:
        for record in csv.DictReader(io.StringIO(text)):
            number = int(float(record["nc_line"]))
            line = line if number in GLITCHES else number
            rows.append(_row(record, line=line))
    except KeyError as missing:
        raise BadRecording(f"expected the column {missing} in the recording's header") from None
    return rows


def _row(record: Mapping[str, str], *, line: int) -> Row:
    rpm = abs(float(record["s1_rev_s"])) * 60
    kind = KINDS["replay"]
    idle_w = IDLE_SHARE * kind.spindle_rated_w * rpm / kind.spindle_max_rpm
    watts = float(record["s1_kw"]) * 1_000
    return Row(
        position=(float(record["x_mm"]), float(record["y_mm"]), float(record["z_mm"])),
        loads=(
            100 * abs(float(record["x_a"])) / AXIS_RATED_A,
            100 * abs(float(record["y_a"])) / AXIS_RATED_A,
            kind.axes[2].hold_load_percent,
        ),
        rpm=rpm if rpm >= 1.0 else 0.0,
        cut_w=max(0.0, watts - idle_w) if rpm >= 1.0 else 0.0,
        line=line,
        feed_mm_min=float(record["feedrate"]) * 60,
    )
