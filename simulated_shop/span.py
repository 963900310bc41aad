"""One stretch of a machine's day with one activity, and the sums at its start."""

from dataclasses import dataclass

from simulated_shop.activity import Activity
from simulated_shop.alarms import AlarmSpec
from simulated_shop.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Job:
    """A work order on one machine."""

    number: int
    """Counts the orders of one day on one machine, from 1."""
    recipe: Recipe
    quantity: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What has accumulated since the start of the day. `rises_c` are (spindle, servos) above the hall."""

    parts: int = 0
    operating_s: float = 0.0
    cutting_s: float = 0.0
    energy_ws: float = 0.0
    spindle_rise_c: float = 0.0
    servo_rise_c: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """[start_s, end_s) of the day. `offset_s` is the place in the program at the start (frozen unless CUTTING).

    `job_parts` counts passes that reached M30; `scrap` bad parts and those of `aborted` passes.
    `used` holds the share of life of each tool of the recipe at the start of the present pass.
    """

    start_s: float
    end_s: float
    activity: Activity
    job: Job
    feed_percent: int
    offset_s: float
    job_parts: int
    scrap: int
    aborted: int
    used: tuple[float, ...]
    sums: Sums
    alarm: AlarmSpec | None = None

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s
