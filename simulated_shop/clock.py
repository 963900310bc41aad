"""The clock a simulated machine lives by: wall time, or a time-lapse that starts in the past and catches up."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Clock = Callable[[], datetime]


def wall() -> datetime:
    """Wall time, aware."""
    return datetime.now(UTC)


def time_lapse(*, since_ms: int, started_ms: int, speed: float, now: Clock = wall) -> Clock:
    """A clock that stood at `since_ms` when wall time was `started_ms` and runs `speed` times faster, never ahead of
    wall time. The same three numbers make the gateway's shop clock."""
    since, started = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (since_ms, started_ms))

    def shop_now() -> datetime:
        present = now()
        passed = timedelta(seconds=(present - started).total_seconds() * speed)
        return min(present, since + passed)

    return shop_now


def clock_of(document: Mapping[str, Any] | None) -> Clock:
    """The clock a simulator's document asks for; wall time without one."""
    if not document:
        return wall
    return time_lapse(
        since_ms=int(document["since_ms"]), started_ms=int(document["started_ms"]), speed=float(document["speed"])
    )
