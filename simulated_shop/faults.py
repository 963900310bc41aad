"""Faults that can be laid over a machine: what is wrong, since when, how strongly."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class FaultKind(Enum):
    SPINDLE_HEATS = "spindle_heats"
    """The spindle takes up more heat: its temperature rise is multiplied by 1 + strength."""
    TOOL_WEARS = "tool_wears"
    """Tools wear faster: life is used up 1 + strength times as quickly."""
    SPINDLE_VIBRATES = "spindle_vibrates"
    """Vibration velocity is multiplied by 1 + strength."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from `since` until `until` (None = until repaired)."""

    kind: FaultKind
    since: datetime
    strength: float
    until: datetime | None = None

    def factor_at(self, now: datetime) -> float:
        active = self.since <= now and (self.until is None or now < self.until)
        return 1.0 + self.strength if active else 1.0


def factor(faults: tuple[Fault, ...], kind: FaultKind, now: datetime) -> float:
    """What all faults of one kind do together at an instant; 1 = healthy."""
    result = 1.0
    for fault in faults:
        if fault.kind is kind:
            result *= fault.factor_at(now)
    return result


@dataclass(frozen=True, slots=True)
class Rates:
    """How faults act over one day: (from second, wear rate, heat of the spindle), ascending, first at 0."""

    steps: tuple[tuple[float, float, float], ...] = ((0.0, 1.0, 1.0),)

    def wear_at(self, second: float) -> float:
        return self._at(second)[1]

    def heat_at(self, second: float) -> float:
        return self._at(second)[2]

    def _at(self, second: float) -> tuple[float, float, float]:
        return next(step for step in reversed(self.steps) if step[0] <= max(0.0, second))


def rates_of_day(faults: tuple[Fault, ...], start: datetime, *, day_s: float) -> Rates:
    """What the faults do from `start` on for `day_s` seconds."""
    edges = {0.0}
    for fault in faults:
        for instant in (fault.since, fault.until):
            if instant is not None and 0.0 < (instant - start).total_seconds() < day_s:
                edges.add((instant - start).total_seconds())
    return Rates(
        tuple(
            (edge, factor(faults, FaultKind.TOOL_WEARS, at), factor(faults, FaultKind.SPINDLE_HEATS, at))
            for edge, at in ((edge, start + timedelta(seconds=edge)) for edge in sorted(edges))
        )
    )
