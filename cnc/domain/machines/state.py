"""State of a machine over time: one interval per stretch of equal execution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cnc.domain.base.mtconnect import Execution


@dataclass(frozen=True, slots=True)
class StateInterval:
    """[from_ms, to_ms) with one EXECUTION."""

    execution: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Observation:
    """Executions seen from `runs[0]` on without a break until `end_ms`: (start ms, text), None = unknown.

    `telemetry.series.text_runs` makes the runs of a chunk; its end is `Header.end_ms`.
    """

    runs: Sequence[tuple[int, str | None]]
    end_ms: int


def intervals(observations: Iterable[Observation], *, from_ms: int, to_ms: int, join_ms: int) -> list[StateInterval]:
    """Intervals inside [from_ms, to_ms), in order of time; they never overlap.

    Stretches without an observation are left out, but a hole of up to `join_ms` (three periods is usual) belongs to
    the state before it. An unknown value is UNAVAILABLE.
    """
    made: list[StateInterval] = []
    for observation in sorted(observations, key=lambda o: o.runs[0][0] if o.runs else o.end_ms):
        starts = [start for start, _ in observation.runs]
        for (start, text), end in zip(observation.runs, [*starts[1:], observation.end_ms], strict=True):
            _append(made, StateInterval(text or Execution.UNAVAILABLE, start, end), join_ms)
    clipped = (StateInterval(i.execution, max(i.from_ms, from_ms), min(i.to_ms, to_ms)) for i in made)
    return [interval for interval in clipped if interval.from_ms < interval.to_ms]


def _append(made: list[StateInterval], new: StateInterval, join_ms: int) -> None:
    if not made:
        made.append(new)
        return
    last = made[-1]
    if new.to_ms <= last.to_ms:
        return
    start = max(new.from_ms, last.to_ms)
    joined = start - last.to_ms <= join_ms
    if joined and new.execution == last.execution:
        made[-1] = StateInterval(last.execution, last.from_ms, new.to_ms)
        return
    if joined:
        made[-1] = StateInterval(last.execution, last.from_ms, start)
    made.append(StateInterval(new.execution, start, new.to_ms))
