"""`rate(…)` and `cron(…)` of EventBridge, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
cron has six fields: minute hour day-of-month month day-of-week year; `?` in one of the two day fields.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
_RANGES: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (1, 7, _DAYS),
    (1970, 2199, {}),
)
LOOK_AHEAD_DAYS = 4 * 366


class BadExpression(ValueError):
    """No rate or cron of EventBridge; the text has the expression."""


@dataclass(frozen=True, slots=True)
class Rate:
    period: timedelta

    def after(self, moment: datetime) -> datetime:
        """The next time, counted from the epoch so that it is the same after a restart."""
        period_s = int(self.period.total_seconds())
        return datetime.fromtimestamp((int(moment.timestamp()) // period_s + 1) * period_s, UTC)


@dataclass(frozen=True, slots=True)
class Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    years: frozenset[int]

    def after(self, moment: datetime) -> datetime:
        """The next time. Raises BadExpression when there is none within four years."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for offset in range(LOOK_AHEAD_DAYS):
            day = (start + timedelta(days=offset)).date()
            if not self._on(day.year, day.month, day.day):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                    if found >= start:
                        return found
        raise BadExpression(f"{self}: never within {LOOK_AHEAD_DAYS} days of {moment:%Y-%m-%d}")

    def _on(self, year: int, month: int, day: int) -> bool:
        if year not in self.years or month not in self.months:
            return False
        if self.days is not None and day not in self.days:
            return False
        weekday = (calendar.weekday(year, month, day) + 1) % 7 + 1
        return self.weekdays is None or weekday in self.weekdays


def parse(expression: str) -> Rate | Cron:
    """Raises BadExpression."""
    rate = _RATE.fullmatch(expression)
    if rate and int(rate[1]) > 0:
        return Rate(timedelta(seconds=int(rate[1]) * _SECONDS[rate[2].rstrip("s")]))
    fields = expression[5:-1].split() if expression.startswith("cron(") and expression.endswith(")") else []
    if len(fields) != 6:
        raise BadExpression(f"{expression!r}: expected rate(N minutes|hours|days) or cron with six fields")
    sets = [_field(text, *limits, expression) for text, limits in zip(fields, _RANGES, strict=True)]
    minutes, hours, days, months, weekdays, years = sets
    if (fields[2] == "?") == (fields[4] == "?"):
        raise BadExpression(f"{expression!r}: exactly one of day-of-month and day-of-week must be ?")
    assert minutes is not None
    assert hours is not None
    assert months is not None
    assert years is not None
    return Cron(minutes, hours, days, months, weekdays, years)


def _field(text: str, low: int, high: int, names: dict[str, int], expression: str) -> frozenset[int] | None:
    if text == "?":
        return None
    values: set[int] = set()
    for part in text.split(","):
        body, _, step = part.partition("/")
        first, _, last = body.partition("-")
        try:
            start = low if body == "*" else _number(first, names)
            end = high if body == "*" or (step and not last) else _number(last or first, names)
            values |= set(range(start, end + 1, int(step or 1)))
        except ValueError:
            raise BadExpression(f"{expression!r}: field {text!r} is not spoken here") from None
    if not values or min(values) < low or max(values) > high:
        raise BadExpression(f"{expression!r}: field {text!r} leaves {low}-{high}")
    return frozenset(values)


def _number(text: str, names: dict[str, int]) -> int:
    return names[text.upper()] if text.upper() in names else int(text)
