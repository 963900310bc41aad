"""When something comes between: interruptions inside a pass, drawn for each pass from a seeded generator."""

import math
from dataclasses import dataclass
from random import Random

from simulated_shop.activity import Activity
from simulated_shop.alarms import TOOL_BREAKAGE, AlarmSpec, alarms_of
from simulated_shop.moment import Timeline

FEED_HOLDS_PER_H, OVERRIDE_ZEROS_PER_H, ALARMS_PER_H, MATERIAL_WAITS_PER_H = 1.2, 0.8, 0.22, 0.35
MEASURE_EVERY = 12
BREAKAGE_FROM = 1.05


@dataclass(frozen=True, slots=True)
class Stop:
    """At `offset_s` of the program something happens for `seconds`."""

    offset_s: float
    activity: Activity
    seconds: float
    alarm: AlarmSpec | None = None


def happens(random: Random, *, per_hour: float, seconds: float) -> bool:
    """Whether something of this rate happens within `seconds` (Poisson)."""
    return random.random() < 1.0 - math.exp(-per_hour * seconds / 3_600)


def stops_of_pass(
    random: Random, *, timeline: Timeline, kind: str, first: bool, count: int, worst_used: float
) -> list[Stop]:
    """Interruptions of one pass, in order; nothing follows an alarm that aborts the pass."""
    duration = timeline.duration_s
    stops = [
        Stop(offset, Activity.OPTIONAL_STOP if optional else Activity.PROGRAM_STOP, random.uniform(14, 40))
        for offset, optional in timeline.stops
        if not optional or first or count % MEASURE_EVERY == 0
    ]
    if happens(random, per_hour=FEED_HOLDS_PER_H, seconds=duration):
        stops.append(Stop(random.uniform(0.1, 0.95) * duration, Activity.FEED_HOLD, random.uniform(6, 55)))
    if happens(random, per_hour=OVERRIDE_ZEROS_PER_H, seconds=duration):
        stops.append(Stop(random.uniform(0.1, 0.95) * duration, Activity.OVERRIDE_ZERO, random.uniform(4, 18)))
    alarm = _alarm(random, kind=kind, duration=duration, worst_used=worst_used)
    if alarm is not None:
        activity = Activity.EMERGENCY if alarm.emergency else Activity.ALARM
        offset = random.uniform(0.15, 0.9) * duration
        stops.append(Stop(offset, activity, 60 * random.uniform(*alarm.minutes), alarm))
    stops.sort(key=lambda stop: stop.offset_s)
    for at, stop in enumerate(stops):
        if stop.alarm is not None and stop.alarm.aborts:
            return stops[: at + 1]
    return stops


def _alarm(random: Random, *, kind: str, duration: float, worst_used: float) -> AlarmSpec | None:
    if worst_used > BREAKAGE_FROM and random.random() < 0.25:
        return TOOL_BREAKAGE
    if not happens(random, per_hour=ALARMS_PER_H, seconds=duration):
        return None
    choices = alarms_of(kind)
    return random.choices(choices, weights=[alarm.weight for alarm in choices])[0]
