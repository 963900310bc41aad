"""What a program does, in the order and with the seconds a machine needs at 100 % override."""

from dataclasses import dataclass
from enum import Enum


class StepKind(Enum):
    RAPID = "rapid"
    FEED = "feed"
    DWELL = "dwell"
    FUNCTION = "function"
    """An M, S or T function that the machine finishes before the next block."""
    STOP = "stop"
    OPTIONAL_STOP = "optional stop"
    END = "end"


@dataclass(frozen=True, slots=True)
class Step:
    """One motion or function. Positions are work coordinates in the order of the machine's axes.

    `power_w` is cutting power at the edge of a sharp tool; `feed` is mm/min (0 unless feeding).
    """

    kind: StepKind
    seconds: float
    line: int
    sequence: int
    start: tuple[float, ...]
    end: tuple[float, ...]
    feed: float
    rpm: float
    tool: int
    power_w: float
    motion_code: int
    m_code: int
    commands: tuple[float, float]
    """F and S as programmed."""

    @property
    def cuts(self) -> bool:
        return self.power_w > 0.0
