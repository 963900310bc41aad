"""Heat of a body with one time constant: dT/dt = (T_end - T) / tau, solved exactly over a stretch of constant heat."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """`rise_c` is the temperature above the hall it would reach under full heat for ever."""

    tau_s: float
    rise_c: float

    def after(self, rise_c: float, *, heat: float, seconds: float) -> float:
        """Rise above the hall after `seconds` of constant heat (0..1), starting from `rise_c`."""
        target = self.rise_c * heat
        return target + (rise_c - target) * math.exp(-seconds / self.tau_s)


SPINDLE = Body(tau_s=1_100, rise_c=120.0)
SERVO = Body(tau_s=700, rise_c=34.0)
HALL_MEAN_C, HALL_SWING_C = 21.5, 2.5


def hall_c(local_second_of_day: float) -> float:
    """Air in the hall: coolest at 04:00, warmest at 16:00."""
    return HALL_MEAN_C - HALL_SWING_C * math.cos(math.tau * (local_second_of_day / 86_400 - 4 / 24))
