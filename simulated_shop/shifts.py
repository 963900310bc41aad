"""The shop's working day in the time zone of its site: three shifts, a meal and two short breaks in each."""

from dataclasses import dataclass

HOUR_S, DAY_S = 3_600.0, 86_400.0
SHIFT_S = 8 * HOUR_S
FIRST_SHIFT_S = 6 * HOUR_S
SHIFT_NAMES = ("early", "late", "night")
BREAKS_S = ((2.0 * HOUR_S, 600.0), (4.0 * HOUR_S, 1_800.0), (6.25 * HOUR_S, 600.0))


@dataclass(frozen=True, slots=True)
class Clocking:
    """Where a moment lies in the working day. `into_shift_s` counts from the start of the shift."""

    shift: str
    into_shift_s: float


def clocking(local_second_of_day: float) -> Clocking:
    since_first = (local_second_of_day - FIRST_SHIFT_S) % DAY_S
    return Clocking(SHIFT_NAMES[int(since_first // SHIFT_S)], since_first % SHIFT_S)


def break_left_s(local_second_of_day: float, *, stagger_s: float) -> float:
    """Seconds until the present break of a machine's people ends; 0 when they work.

    `stagger_s` moves all breaks of one machine, so that a shop does not stand still as a whole.
    """
    into = clocking(local_second_of_day).into_shift_s - stagger_s
    for start, length in BREAKS_S:
        if start <= into < start + length:
            return start + length - into
    return 0.0
