"""How an instant of a machine's day looks: on its control, and to the sensors around it."""

from datetime import datetime

from simulated_shop.accounts import EFFICIENCY, Accounts
from simulated_shop.activity import FACES, Activity
from simulated_shop.days import Day, warmed
from simulated_shop.faults import FaultKind, factor
from simulated_shop.moment import Moment
from simulated_shop.noise import jitter
from simulated_shop.shifts import clocking
from simulated_shop.snapshot import (
    AlarmView,
    AxisView,
    MessageView,
    Order,
    Snapshot,
    SpindleView,
    Surroundings,
    ToolView,
)
from simulated_shop.span import Span
from simulated_shop.spec import MachineSpec
from simulated_shop.thermal import hall_c
from simulated_shop.timeline import spindle_share
from simulated_shop.wear import force_factor, wear_mm

from .nc.steps import StepKind

TICK_MS = 100
RAPID_LOAD, FEED_LOAD, CUT_LOAD = 34.0, 6.0, 55.0
_MESSAGES = {
    Activity.WAITING_MATERIAL: MessageView(2001, "NO RAW PARTS: CALL LOGISTICS"),
    Activity.TOOL_CHANGE: MessageView(2010, "TOOL LIFE REACHED: CHANGE TOOL"),
    Activity.PROGRAM_STOP: MessageView(2020, "TURN PART AND PRESS CYCLE START"),
    Activity.OPTIONAL_STOP: MessageView(2021, "MEASURE PART"),
}
_BLOCKS_SHOWN = 4


class Portrait:
    """One snapshot in the making."""

    def __init__(
        self, spec: MachineSpec, key: int, day: Day, span: Span, moment: Moment, now: datetime, second: float
    ) -> None:
        self._spec, self._kind, self._day, self._span = spec, spec.kind, day, span
        self._now, self._moment = now, moment
        self._face = FACES[span.activity]
        self._local_s = day.local_start_s + second
        self._noise_key, self._tick = key, int(now.timestamp() * 1000) // TICK_MS
        self._accounts = Accounts(kind=spec.kind, rates=day.rates)
        self._sums = self._accounts.after(span, second - span.start_s)
        self._rises = warmed(self._sums, day.before, second)
        self._used = self._wear_now()
        self._cut_w = moment.cut_w if span.activity is Activity.CUTTING else 0.0

    def snapshot(self) -> Snapshot:
        span, face, moment = self._span, self._face, self._moment
        running = span.activity is Activity.CUTTING
        recipe, day, sums = span.job.recipe, self._day, self._sums
        before = day.before
        powered = self._now - self._spec.commissioned
        return Snapshot(
            now=self._now,
            kind=self._kind.name,
            activity=span.activity,
            shift=clocking(self._local_s).shift,
            axes=self._axes(),
            spindles=(self._spindle(),),
            mode=face.mode,
            run=face.run,
            motion=_motion(moment.kind) if running else 0,
            mstb=int(running and moment.kind is StepKind.FUNCTION),
            emergency=face.emergency,
            edit=0,
            alarms=tuple(alarm for alarm in (alarm_view(span),) if alarm),
            messages=tuple(message for message in (_MESSAGES.get(span.activity),) if message),
            program_number=recipe.number,
            main_program_number=recipe.number,
            sequence_number=moment.sequence if face.in_program else 0,
            block_count=moment.line if face.in_program else 0,
            block_text=self._block_text(),
            feed_mm_min=moment.feed_mm_min if running else 0.0,
            feed_override_percent=0 if span.activity is Activity.OVERRIDE_ZERO else span.feed_percent,
            rapid_override_percent=100,
            spindle_override_percent=100,
            modal_g=self._modal_g(),
            commands=self._commands(),
            part_count=span.job_parts,
            part_total=before.parts + sums.parts,
            part_required=span.job.quantity,
            power_on_ms=max(0, _ms(powered.total_seconds())),
            operating_ms=_ms(before.operating_s + sums.operating_s),
            cutting_ms=_ms(before.cutting_s + sums.cutting_s),
            cycle_ms=self._cycle_ms(),
            order=self._order(),
            tools=tuple(
                ToolView(number, used, wear_mm(used)) for number, used in zip(recipe.tools, self._used, strict=True)
            ),
            surroundings=self._surroundings(),
        )

    def _wear_now(self) -> tuple[float, ...]:
        """Wear while cutting: the present tool alone, from the start of the pass to this instant."""
        span = self._span
        if not self._face.in_program:
            return span.used
        offset = span.offset_s + (self._sums.operating_s - span.sums.operating_s if self._is_cutting() else 0.0)
        timeline = span.job.recipe.timeline(span.feed_percent)
        rate = self._day.rates.wear_at(span.start_s)
        return tuple(
            used + rate * timeline.use_until(offset, tool)
            for used, tool in zip(span.used, span.job.recipe.tools, strict=True)
        )

    def _noise(self, channel: int, size: float) -> float:
        return size * jitter(self._noise_key + channel, self._tick)

    def _is_cutting(self) -> bool:
        return self._span.activity is Activity.CUTTING

    def _force(self) -> float:
        tools = self._span.job.recipe.tools
        tool = self._moment.tool
        return force_factor(self._used[tools.index(tool)]) if tool in tools else 1.0

    def _axes(self) -> tuple[AxisView, ...]:
        moment, home = self._moment, not self._face.in_program
        hall = hall_c(self._local_s)
        views = []
        for at, axis in enumerate(self._kind.axes):
            position = axis.home if home else moment.machine[at]
            distance = moment.distance[at] if not home else 0.0
            absolute = position - axis.work_offset
            heat = self._rises[1] * (1.0 + 0.15 * at) * (0.8 if axis.rotary else 1.0)
            load = round(self._axis_load(at) + self._noise(8 + at, 1.5), 1)
            warm = round(hall + 4.0 + heat, 1)
            views.append(AxisView(axis.name, axis.rotary, absolute, position, absolute, distance, load, warm))
        return tuple(views)

    def _axis_load(self, at: int) -> float:
        axis, moment = self._kind.axes[at], self._moment
        if not self._is_cutting():
            return axis.hold_load_percent
        if moment.loads is not None:
            return moment.loads[at]
        if not moment.moving[at]:
            return axis.hold_load_percent
        if moment.kind is StepKind.RAPID:
            return axis.hold_load_percent + RAPID_LOAD
        share = self._cut_w * self._force() / self._kind.spindle_rated_w
        return axis.hold_load_percent + FEED_LOAD + CUT_LOAD * share

    def _spindle(self) -> SpindleView:
        turning = self._moment.rpm if self._turns() else 0.0
        load = 0.0
        if turning:
            cut_w = self._cut_w * self._force() / EFFICIENCY
            load = 100 * spindle_share(cut_w, rpm=turning, kind=self._kind) + self._noise(1, 0.8)
        speed = turning + self._noise(2, 0.002 * turning)
        warm = round(hall_c(self._local_s) + 3.0 + self._rises[0], 1)
        return SpindleView("S1", round(speed, 1), round(max(0.0, load), 1), warm, self._kind.spindle_max_rpm)

    def _turns(self) -> bool:
        return self._span.activity in (Activity.CUTTING, Activity.FEED_HOLD, Activity.OVERRIDE_ZERO)

    def _block_text(self) -> str:
        lines = self._span.job.recipe.lines
        first = self._moment.line if self._face.in_program else 0
        return "\n".join(lines[first : first + _BLOCKS_SHOWN]) + "\n"

    def _modal_g(self) -> dict[int, float]:
        lathe = self._kind.name == "lathe"
        code = self._moment.motion_code
        motion = code if code < 80 else 0
        cycle = code if code >= 80 else 80
        return {
            1: motion,
            2: 18 if lathe else 17,
            3: 90,
            5: 95 if lathe else 94,
            6: 21,
            7: 40,
            8: 49,
            9: cycle,
            14: 54,
        }

    def _commands(self) -> dict[str, float]:
        moment = self._moment
        forced = self._face.m_code
        feed, speed = moment.commands
        m_code = moment.m_code if forced is None else forced
        return {"F": feed, "S": speed, "T": moment.tool, "M": m_code, "D": moment.tool, "H": moment.tool}

    def _cycle_ms(self) -> int:
        span = self._span
        if self._face.in_program:
            return _ms(span.offset_s + (self._sums.operating_s - span.sums.operating_s if self._is_cutting() else 0))
        return _ms(span.job.recipe.timeline(span.feed_percent).duration_s) if span.job_parts else 0

    def _order(self) -> Order:
        span = self._span
        number = order_number(self._day, span)
        return Order(number, span.job.recipe.part, span.job.quantity, span.job_parts + span.aborted, span.scrap)

    def _surroundings(self) -> Surroundings:
        sums, before = self._sums, self._day.before
        power_w = self._accounts.power_w(self._span, cut_w=self._cut_w)
        return Surroundings(
            power_w=max(0.0, power_w + self._noise(3, 0.01 * power_w)),
            energy_ws=before.energy_ws + sums.energy_ws,
            vibration_mm_s=self._vibration(),
            housing_c=hall_c(self._local_s) + 1.5 + 0.7 * self._rises[0],
            hall_c=hall_c(self._local_s),
        )

    def _vibration(self) -> float:
        """RMS velocity at the spindle housing: grows with speed, cutting and a dull tool."""
        if not self._turns():
            return 0.08 + abs(self._noise(4, 0.02))
        turning = self._moment.rpm / self._kind.spindle_max_rpm
        cutting = self._cut_w / self._kind.spindle_rated_w * self._force() ** 2
        fault = factor(self._spec.faults, FaultKind.SPINDLE_VIBRATES, self._now)
        return fault * (0.25 + 0.7 * turning + 2.2 * cutting) * (1 + self._noise(4, 0.12))


def order_number(day: Day, span: Span) -> str:
    return f"WO-{day.start:%y%m%d}-{span.job.number}"


def alarm_view(span: Span) -> AlarmView | None:
    alarm = span.alarm
    return AlarmView(alarm.number, alarm.type, alarm.axis, alarm.text) if alarm else None


def _motion(kind: StepKind) -> int:
    return 2 if kind is StepKind.DWELL else 1 if kind in (StepKind.RAPID, StepKind.FEED) else 0


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
