"""Which day of which plan an instant belongs to, and what all days before it add up to.

A machine has seven planned days for each offset of its time zone, taken in turn, so lifetime totals are counts of
days times their sums: exact after any restart, at the cost of at most a few plans. A day under a fault has a plan of
its own.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from simulated_shop.faults import Rates, rates_of_day
from simulated_shop.noise import key_of, mix
from simulated_shop.plan import DayFacts, DayPlan, plan_day
from simulated_shop.recipe import recipe_of
from simulated_shop.shifts import DAY_S
from simulated_shop.span import Sums
from simulated_shop.spec import MachineSpec
from simulated_shop.thermal import SERVO, SPINDLE

TEMPLATES = 7
_LONGEST_STAGGER_S = 10_800
_EPOCH = datetime(1970, 1, 1, 5, tzinfo=UTC)
"""Days of plans begin at 05:00 UTC plus the machine's own shift, so that a shop never sets up all at once."""


@dataclass(frozen=True, slots=True)
class DayKey:
    """What makes the plan of a day: equal keys, equal days."""

    template: int
    utc_offset_s: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Day:
    """The plan of one day and what came before it; `before` holds the rises at the day's start."""

    ordinal: int
    start: datetime
    plan: DayPlan
    before: Sums
    local_start_s: float
    rates: Rates


class Days:
    """All days of one machine."""

    def __init__(self, spec: MachineSpec) -> None:
        self._spec = spec
        self._zone = ZoneInfo(spec.time_zone)
        self._key = key_of(spec.seed, spec.name)
        self._stagger = timedelta(seconds=mix(self._key) % _LONGEST_STAGGER_S)
        self._recipes = tuple(recipe_of(number) for number in spec.programs)
        self._first = self.ordinal(spec.commissioned)
        self._day: Day | None = None
        self._totals = lru_cache(maxsize=256)(lambda key: self._plan(key).total)

    @property
    def first_start(self) -> datetime:
        """When the first day of this machine begins."""
        return self._start(self._first)

    def ordinal(self, now: datetime) -> int:
        return (now - _EPOCH - self._stagger) // timedelta(days=1)

    def at(self, now: datetime) -> Day:
        """The day of an instant; days before the commissioning have empty sums before them."""
        ordinal = self.ordinal(now)
        if self._day is None or self._day.ordinal != ordinal:
            key = self._key_of(ordinal)
            self._day = Day(
                ordinal, self._start(ordinal), self._plan(key), self._before(ordinal), self._local_s(ordinal), key.rates
            )
        return self._day

    def _start(self, ordinal: int) -> datetime:
        return _EPOCH + self._stagger + timedelta(days=ordinal)

    def _key_of(self, ordinal: int) -> DayKey:
        start = self._start(ordinal)
        offset = self._zone.utcoffset(start)
        return DayKey(
            template=ordinal % TEMPLATES,
            utc_offset_s=int(offset.total_seconds()) if offset else 0,
            rates=rates_of_day(self._spec.faults, start, day_s=DAY_S),
        )

    def _local_s(self, ordinal: int) -> float:
        local = self._start(ordinal).astimezone(self._zone)
        return local.hour * 3_600.0 + local.minute * 60 + local.second

    def _plan(self, key: DayKey) -> DayPlan:
        start_s = (5 * 3_600 + self._stagger.total_seconds() + key.utc_offset_s) % DAY_S
        facts = DayFacts(
            kind=self._spec.kind,
            recipes=self._recipes,
            local_start_s=start_s,
            break_stagger_s=float(mix(self._key + 1) % 2_400),
            rates=key.rates,
        )
        return plan_day(key_of(self._key, key.template, key.utc_offset_s), facts)

    def _before(self, ordinal: int) -> Sums:
        counts = Counter(self._key_of(day) for day in range(self._first, ordinal))
        parts, operating_s, cutting_s, energy_ws = 0, 0.0, 0.0, 0.0
        for key, days in counts.items():
            total = self._totals(key)
            parts += days * total.parts
            operating_s += days * total.operating_s
            cutting_s += days * total.cutting_s
            energy_ws += days * total.energy_ws
        last = self._totals(self._key_of(ordinal - 1))
        return Sums(parts, operating_s, cutting_s, energy_ws, last.spindle_rise_c, last.servo_rise_c)


def warmed(sums: Sums, before: Sums, second: float) -> tuple[float, float]:
    """(spindle, servo) rise at a second of the day. Plans start cold; what the day before left behind fades (the
    equation is linear, so the two add)."""
    spindle = sums.spindle_rise_c + SPINDLE.after(before.spindle_rise_c, heat=0.0, seconds=second)
    return spindle, sums.servo_rise_c + SERVO.after(before.servo_rise_c, heat=0.0, seconds=second)
