"""Modal state: what stays in force from block to block."""

import math
from dataclasses import dataclass, field

MOTIONS = {0, 1, 2, 3, 80, 81, 83}
START_TOOL = 0


@dataclass(slots=True)
class Modal:
    """The control's memory between blocks. `position` is in work coordinates, in axis order."""

    position: list[float]
    motion: int = 0
    feed: float = 0.0
    per_revolution: bool = False
    constant_speed: bool = False
    speed: float = 0.0
    speed_limit: float = math.inf
    turning: bool = False
    incremental: bool = False
    tool: int = START_TOOL
    next_tool: int = START_TOOL
    m_code: int = 0
    retract: float = 0.0
    hole: dict[str, float] = field(default_factory=dict)

    def rpm_at(self, x: float) -> float:
        """Spindle speed with the tool at X (a diameter, for G96: n = 1000 Vc / (pi D))."""
        if not self.turning:
            return 0.0
        if not self.constant_speed:
            return min(self.speed, self.speed_limit)
        return min(1000.0 * self.speed / (math.pi * max(abs(x), 1.0)), self.speed_limit)

    def feed_per_min(self, rpm: float) -> float:
        return self.feed * rpm if self.per_revolution else self.feed
