"""A simulated machine: its whole state as a function of (seed, name, time)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulated_shop.activity import Activity
from simulated_shop.days import Days
from simulated_shop.noise import key_of
from simulated_shop.portrait import Portrait, alarm_view, order_number
from simulated_shop.snapshot import AlarmView, Snapshot
from simulated_shop.spec import MachineSpec


@dataclass(frozen=True, slots=True)
class Stretch:
    """One activity in wall time, with its work order: what really happened, for judging what others infer."""

    activity: Activity
    start: datetime
    end: datetime
    order: str
    alarm: AlarmView | None


class Machine:
    """`at(now)` costs a few bisections; the plan of a day is made once, when the first instant of it is asked for."""

    def __init__(self, spec: MachineSpec) -> None:
        self._spec = spec
        self._days = Days(spec)
        self._noise_key = key_of(spec.seed, spec.name, "noise")

    @property
    def spec(self) -> MachineSpec:
        return self._spec

    def at(self, now: datetime) -> Snapshot:
        """The machine at an instant (aware)."""
        day = self._days.at(now)
        second = (now - day.start).total_seconds()
        span = day.plan.span_at(second)
        into = second - span.start_s
        cutting = span.activity is Activity.CUTTING
        moment = span.job.recipe.timeline(span.feed_percent).moment(span.offset_s + (into if cutting else 0.0))
        return Portrait(self._spec, self._noise_key, day, span, moment, now, second).snapshot()

    def stretches(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """What the machine did between two instants, in order, clipped to them."""
        now = start
        while now < end:
            day = self._days.at(now)
            span = day.plan.span_at((now - day.start).total_seconds())
            until = min(end, max(day.start + timedelta(seconds=span.end_s), now + timedelta(microseconds=1)))
            yield Stretch(span.activity, now, until, order_number(day, span), alarm_view(span))
            now = until
