"""How time, energy and heat add up over a span: the same rule for a whole span and for a part of one."""

from simulated_shop.activity import FACES, Activity
from simulated_shop.faults import Rates
from simulated_shop.kinds import Kind
from simulated_shop.moment import Timeline
from simulated_shop.span import Span, Sums
from simulated_shop.thermal import SERVO, SPINDLE
from simulated_shop.wear import force_factor

EFFICIENCY = 0.82
RUN_W = 380.0
"""Drives, coolant pump and chip conveyor while a program runs."""
SERVO_HEAT = 0.6


class Accounts:
    """Sums of one machine on one day."""

    def __init__(self, *, kind: Kind, rates: Rates) -> None:
        self._kind, self._rates = kind, rates

    def after(self, span: Span, seconds: float) -> Sums:
        """Sums `seconds` after the start of the span."""
        cutting = span.activity is Activity.CUTTING
        timeline = span.job.recipe.timeline(span.feed_percent)
        cut_s, cut_ws = _cut(timeline, span.offset_s, seconds) if cutting else (0.0, 0.0)
        operating = FACES[span.activity].run == 3
        heat = timeline.mean_heat * self._rates.heat_at(span.start_s) if cutting else 0.0
        before = span.sums
        watts = self._kind.base_w + (RUN_W if operating else 0.0)
        return Sums(
            parts=before.parts,
            operating_s=before.operating_s + (seconds if operating else 0.0),
            cutting_s=before.cutting_s + cut_s,
            energy_ws=before.energy_ws + watts * seconds + (cut_ws * dullness(span) / EFFICIENCY if cut_ws else 0.0),
            spindle_rise_c=SPINDLE.after(before.spindle_rise_c, heat=heat, seconds=seconds),
            servo_rise_c=SERVO.after(before.servo_rise_c, heat=SERVO_HEAT if cutting else 0.1, seconds=seconds),
        )

    def power_w(self, span: Span, *, cut_w: float) -> float:
        """Electrical power of the machine while `cut_w` is taken at the edges of sharp tools."""
        operating = FACES[span.activity].run == 3
        return self._kind.base_w + (RUN_W if operating else 0.0) + cut_w * dullness(span) / EFFICIENCY


def dullness(span: Span) -> float:
    """Mean force factor of the tools of a pass."""
    return sum(map(force_factor, span.used)) / len(span.used)


def _cut(timeline: Timeline, offset_s: float, seconds: float) -> tuple[float, float]:
    first, last = timeline.progress(offset_s), timeline.progress(offset_s + seconds)
    return last.cut_s - first.cut_s, last.cut_ws - first.cut_ws
