"""Many instants to RFC 3339 at once."""

from collections.abc import Sequence
from time import gmtime, strftime

DAY_MS = 86_400_000
_MINUTES = [f"{hour:02d}:{minute:02d}:" for hour in range(24) for minute in range(60)]
_SECONDS = [f"{second:02d}." for second in range(60)]
_MILLIS = [f"{milli:03d}Z" for milli in range(1000)]


def stamp_column(stamps_ms: Sequence[int]) -> list[str]:
    """RFC 3339 texts of milliseconds UTC; the calendar is asked once per day, the rest are table look-ups."""
    dates: dict[int, str] = {}
    texts: list[str] = []
    append = texts.append
    for stamp_ms in stamps_ms:
        day, rest = divmod(stamp_ms, DAY_MS)
        date = dates.get(day)
        if date is None:
            date = dates[day] = strftime("%Y-%m-%dT", gmtime(day * 86_400))
        minute, rest = divmod(rest, 60_000)
        second, milli = divmod(rest, 1000)
        append(date + _MINUTES[minute] + _SECONDS[second] + _MILLIS[milli])
    return texts
