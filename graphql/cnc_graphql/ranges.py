"""Time ranges of queries: forward, and never so long that an answer cannot be made in time."""

from datetime import datetime, timedelta

from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import CncError
from cnc_graphql.limits import RANGE_BUCKETS, SERIES_POINTS, SERIES_SIGNALS, SERIES_VALUES

HOUR_S = 3600


def checked_range(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """A range of hours. Raises CncError(range.invalid) or CncError(limit.cost)."""
    if _buckets(start, end, HOUR_S) > RANGE_BUCKETS:
        raise CncError(
            "limit.cost",
            seen=f"{(end - start) / timedelta(hours=1):.1f} hours",
            expected=f"at most {RANGE_BUCKETS} hours",
            todo="Ask for the period in parts.",
        )
    return start, end


def checked_series(start: datetime, end: datetime, *, resolution_s: int, signals: list[str]) -> None:
    """Size of a series. Raises CncError(range.invalid) or CncError(limit.cost)."""
    if not 1 <= resolution_s <= 86_400:
        raise CncError(
            "range.invalid", seen=f"resolutionS {resolution_s}", expected="1 to 86400", todo="Choose a step within it."
        )
    if not 1 <= len(signals) <= SERIES_SIGNALS:
        raise CncError(
            "limit.cost",
            seen=f"{len(signals)} signals",
            expected=f"1 to {SERIES_SIGNALS}",
            todo="Name the ones you need.",
        )
    points = _buckets(start, end, resolution_s)
    if points > SERIES_POINTS or points * len(signals) > SERIES_VALUES:
        raise CncError(
            "limit.cost",
            seen=f"{points} points x {len(signals)} signals",
            expected=f"at most {SERIES_POINTS} points and {SERIES_VALUES} values",
            todo="Raise resolutionS or shorten the period.",
        )


def _buckets(start: datetime, end: datetime, step_s: int) -> int:
    if end <= start:
        raise CncError(
            "range.invalid",
            seen=f"from {rfc3339(start)} to {rfc3339(end)}",
            expected="from before to",
            todo="Name a later end." if end == start else "Swap the two ends.",
        )
    return -(-int((end - start).total_seconds()) // step_s)
