"""What a machine does at one instant of its program, whatever the program is made of."""

from dataclasses import dataclass
from typing import Protocol

from .nc.steps import StepKind


@dataclass(frozen=True, slots=True)
class Moment:
    """Positions are machine coordinates in axis order; `cut_w` is cutting power at a sharp tool."""

    kind: StepKind
    machine: tuple[float, ...]
    distance: tuple[float, ...]
    moving: tuple[bool, ...]
    feed_mm_min: float
    rpm: float
    tool: int
    cut_w: float
    line: int
    sequence: int
    motion_code: int
    m_code: int
    commands: tuple[float, float]
    loads: tuple[float, ...] | None = None
    """Servo loads where they were measured; None = to be modelled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Sums from the start of the program to one instant."""

    cut_s: float
    cut_ws: float


class Timeline(Protocol):
    """One pass of a program at fixed overrides, from 0 to `duration_s`."""

    @property
    def duration_s(self) -> float: ...

    @property
    def mean_heat(self) -> float: ...  # 0..1, how hard the spindle works on average over the pass

    @property
    def tool_use(self) -> tuple[tuple[int, float], ...]: ...  # (tool, share of its life) of one pass

    @property
    def stops(self) -> tuple[tuple[float, bool], ...]: ...  # (offset s, optional?) of M0 and M1

    def moment(self, offset_s: float) -> Moment: ...

    def progress(self, offset_s: float) -> Progress: ...

    def use_until(self, offset_s: float, tool: int) -> float: ...  # share of the tool's life, up to the offset
