"""Many instants to RFC 3339 at once, as finished JSON.

Stamps of a series stand on a grid: within an hour they differ in their last part only, and every full hour has the
same last parts. So a column is a few joins instead of one text per point.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from time import gmtime, strftime

import orjson

HOUR_MS = 3_600_000
#: A finer grid would need more than 3,600 last parts per hour; no series has one.
FINEST_GRID_MS = 1000


def stamp_column(stamps_ms: Sequence[int]) -> orjson.Fragment:
    """JSON list of RFC 3339 texts of milliseconds UTC, for orjson to put in place."""
    step_ms = _step(stamps_ms)
    runs = list(_grid_runs(stamps_ms, step_ms) if step_ms else map(_single, stamps_ms)) or [b""]
    runs[0] = b"[" + runs[0]  # not around the joined text: that would copy all of it once more
    runs[-1] += b"]"
    return orjson.Fragment(b",".join(runs))


def _step(stamps_ms: Sequence[int]) -> int:
    """Distance of the stamps when it is the same between all of them and a second or more, else 0."""
    if len(stamps_ms) < 2 or stamps_ms[1] - stamps_ms[0] < FINEST_GRID_MS:
        return 0
    step_ms = stamps_ms[1] - stamps_ms[0]
    grid = range(stamps_ms[0], stamps_ms[0] + step_ms * len(stamps_ms), step_ms)
    return step_ms if stamps_ms == grid or list(stamps_ms) == list(grid) else 0


def _grid_runs(stamps_ms: Sequence[int], step_ms: int) -> Iterator[bytes]:
    """One text per hour: the stamps of that hour, quoted and joined."""
    at, count = 0, len(stamps_ms)
    while at < count:
        hour, offset_ms = divmod(stamps_ms[at], HOUR_MS)
        tails = _tails(offset_ms, step_ms)[: count - at]
        prefix = b'"' + _hour(hour)
        yield prefix + (b'",' + prefix).join(tails) + b'"'
        at += len(tails)


@lru_cache(maxsize=16)
def _tails(offset_ms: int, step_ms: int) -> tuple[bytes, ...]:
    """`MM:SS.mmmZ` of every stamp from an offset to the end of its hour."""
    return tuple(map(_tail, range(offset_ms, HOUR_MS, step_ms)))


def _single(stamp_ms: int) -> bytes:
    hour, offset_ms = divmod(stamp_ms, HOUR_MS)
    return b'"%b%b"' % (_hour(hour), _tail(offset_ms))


def _tail(offset_ms: int) -> bytes:
    return b"%02d:%02d.%03dZ" % (offset_ms // 60_000, offset_ms // 1000 % 60, offset_ms % 1000)


@lru_cache(maxsize=4096)
def _hour(hour: int) -> bytes:
    """`YYYY-MM-DDTHH:` of an hour since 1970."""
    return strftime("%Y-%m-%dT%H:", gmtime(hour * 3600)).encode("ascii")
