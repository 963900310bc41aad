"""One day of one machine, planned from a seed: jobs, passes, stops and their causes as a list of spans.

The whole day is laid out at once, so that the state at any instant is one bisection away and a process that
starts in the middle of the day continues exactly where another would be.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from random import Random

from simulated_shop.accounts import Accounts
from simulated_shop.activity import Activity
from simulated_shop.alarms import AlarmSpec
from simulated_shop.faults import Rates
from simulated_shop.kinds import Kind
from simulated_shop.recipe import Recipe
from simulated_shop.shifts import DAY_S, HOUR_S, break_left_s
from simulated_shop.span import Job, Span, Sums
from simulated_shop.stops import MATERIAL_WAITS_PER_H, Stop, happens, stops_of_pass

SCRAP_SHARE, SCRAP_WORN = 0.012, 0.10
CHANGE_TOOL_AT = (0.86, 1.12)
USUAL_YIELD = 0.8
LEAST_JOB_S, ROOM_S = 2_400.0, 700.0


@dataclass(frozen=True, slots=True)
class DayPlan:
    """Spans without a hole from 0 to 86,400 s, and what the day adds up to."""

    spans: tuple[Span, ...]
    starts_s: tuple[float, ...]
    total: Sums

    def span_at(self, second: float) -> Span:
        return self.spans[max(0, bisect_right(self.starts_s, second) - 1)]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What a plan is made from. `local_start_s` is the local second of the day at which the plan begins."""

    kind: Kind
    recipes: tuple[Recipe, ...]
    local_start_s: float
    break_stagger_s: float
    rates: Rates = field(default_factory=Rates)


def plan_day(key: int, facts: DayFacts) -> DayPlan:
    """The day that belongs to a key; equal keys and facts give equal days."""
    return _Planner(Random(key), facts).plan()


class _Planner:
    def __init__(self, random: Random, facts: DayFacts) -> None:
        self._random, self._facts = random, facts
        self._accounts = Accounts(kind=facts.kind, rates=facts.rates)
        self._spans: list[Span] = []
        self._now = 0.0
        self._sums = Sums()
        self._job_parts = self._scrap = self._aborted = 0
        self._feed = 100
        self._used: list[float] = []
        self._change_at: list[float] = []

    def plan(self) -> DayPlan:
        number = self._random.randrange(len(self._facts.recipes))
        job = self._new_job(1, self._facts.recipes[number])
        while self._run(job):
            number += 1
            job = self._new_job(job.number + 1, self._facts.recipes[number % len(self._facts.recipes)])
        self._spend(Activity.NO_ORDER, DAY_S - self._now, job)
        return DayPlan(tuple(self._spans), tuple(span.start_s for span in self._spans), self._sums)

    def _new_job(self, number: int, recipe: Recipe) -> Job:
        cycle_s = recipe.timeline(100).duration_s + recipe.load_s
        wanted = round(self._random.uniform(2.2, 5.5) * HOUR_S / cycle_s)
        # The last order of a day takes what is left: nobody sets up for half an hour.
        fits = int((DAY_S - self._now) * USUAL_YIELD / cycle_s)
        return Job(number, recipe, max(4, fits if fits < 1.4 * wanted else wanted))

    def _run(self, job: Job) -> bool:
        """Make one job. False when the day has no room for another pass."""
        self._job_parts = self._scrap = self._aborted = 0
        self._used = [self._random.uniform(0.02, 0.45) for _ in job.recipe.tools]
        self._change_at = [self._random.uniform(*CHANGE_TOOL_AT) for _ in job.recipe.tools]
        if self._now + LEAST_JOB_S > DAY_S:
            return False
        self._set_up(job)
        first = True
        while self._job_parts < job.quantity:
            if self._now + job.recipe.timeline(80).duration_s + ROOM_S > DAY_S:
                return False
            self._between(job)
            self._pass(job, first=first)
            first = False
        return True

    def _set_up(self, job: Job) -> None:
        random = self._random
        self._spend(Activity.SETUP_MOVES, random.uniform(120, 300), job)
        self._spend(Activity.SETUP_EDGES, random.uniform(60, 150), job)
        self._spend(Activity.SETUP_MDI, random.uniform(20, 60), job)
        self._spend(Activity.SETUP_MOVES, random.uniform(45, 200), job)

    def _between(self, job: Job) -> None:
        """From one part to the next: breaks, dull tools, missing material, and the change of the part."""
        facts, random = self._facts, self._random
        pause = break_left_s(facts.local_start_s + self._now, stagger_s=facts.break_stagger_s)
        if pause and not facts.kind.unattended:
            self._spend(Activity.BREAK, pause, job)
        if any(used >= limit for used, limit in zip(self._used, self._change_at, strict=True)):
            self._change_tools(job)
        if happens(random, per_hour=MATERIAL_WAITS_PER_H, seconds=job.recipe.timeline(100).duration_s):
            self._spend(Activity.WAITING_MATERIAL, random.uniform(60, 380), job)
        self._spend(Activity.LOADING, job.recipe.load_s * random.uniform(0.85, 1.5), job)

    def _change_tools(self, job: Job) -> None:
        self._spend(Activity.TOOL_CHANGE, self._random.uniform(70, 200), job)
        for at, limit in enumerate(self._change_at):
            if self._used[at] >= limit:
                self._used[at] = 0.0
                self._change_at[at] = self._random.uniform(*CHANGE_TOOL_AT)

    def _pass(self, job: Job, *, first: bool) -> None:
        random = self._random
        self._feed = random.choice(job.recipe.overrides)
        timeline = job.recipe.timeline(self._feed)
        stops = stops_of_pass(
            random,
            timeline=timeline,
            kind=self._facts.kind.name,
            first=first,
            count=self._job_parts,
            worst_used=max(self._used),
        )
        at = 0.0
        for stop in stops:
            at = self._cut(job, at, stop.offset_s)
            self._stop(job, stop)
            if stop.alarm is not None and stop.alarm.aborts:
                self._finish(job, upto_s=at, good=False)
                return
        self._cut(job, at, timeline.duration_s)
        worn = max(0.0, max(self._used) - 0.85)
        self._finish(job, upto_s=timeline.duration_s, good=random.random() >= SCRAP_SHARE + SCRAP_WORN * worn)

    def _cut(self, job: Job, start_s: float, end_s: float) -> float:
        if end_s > start_s:
            self._spend(Activity.CUTTING, end_s - start_s, job, offset_s=start_s)
        return max(start_s, end_s)

    def _stop(self, job: Job, stop: Stop) -> None:
        self._spend(stop.activity, stop.seconds, job, offset_s=stop.offset_s, alarm=stop.alarm)
        if stop.alarm is not None:
            self._spend(Activity.RECOVERING, self._random.uniform(8, 25), job, offset_s=stop.offset_s)

    def _finish(self, job: Job, *, upto_s: float, good: bool) -> None:
        timeline = job.recipe.timeline(self._feed)
        rate = self._facts.rates.wear_at(self._now)
        whole = upto_s >= timeline.duration_s
        uses = dict(timeline.tool_use)
        for at, tool in enumerate(job.recipe.tools):
            self._used[at] += rate * (uses[tool] if whole else timeline.use_until(upto_s, tool))
        self._scrap += not good
        self._job_parts += whole
        self._aborted += not whole
        if whole:
            self._sums = replace(self._sums, parts=self._sums.parts + 1)

    def _spend(
        self,
        activity: Activity,
        seconds: float,
        job: Job,
        *,
        offset_s: float = 0.0,
        alarm: AlarmSpec | None = None,
    ) -> None:
        span = Span(
            start_s=self._now,
            end_s=min(DAY_S, self._now + seconds),
            activity=activity,
            job=job,
            feed_percent=self._feed,
            offset_s=offset_s,
            job_parts=self._job_parts,
            scrap=self._scrap,
            aborted=self._aborted,
            used=tuple(self._used),
            sums=self._sums,
            alarm=alarm,
        )
        if span.seconds > 0.0:
            self._spans.append(span)
            self._sums = self._accounts.after(span, span.seconds)
            self._now = span.end_s
