"""The wall behind the one public host: only what its front sends on is let in.

The front (CloudFront) adds a header with a secret to everything that it sends to an origin, over whatever a client
sent under that name. Who calls an API by its own address does not know the secret.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest

from cnc.domain.base.errors import CncError

HEADER = "x-cnc-origin"
#: A value that was withdrawn is refused after this time at the latest.
KEPT = timedelta(minutes=5)
#: So often an unknown value makes us look for a new one: a rotation is followed at once, a guesser costs nothing.
LOOK_AGAIN = timedelta(seconds=5)


class OriginWall:
    """One per process. `read` answers the values that hold now, two during a rotation; it raises CncError."""

    def __init__(self, read: Callable[[], tuple[str, ...]]) -> None:
        self._read = read
        self._values: tuple[bytes, ...] = ()
        self._read_at: datetime | None = None

    def passes(self, headers: Mapping[str, str], *, now: datetime) -> bool:
        """Whether the request came through the front; `headers` have lower-case names.

        Raises CncError(store.throttled) while no value was ever read.
        """
        shown = headers.get(HEADER, "").encode("utf-8", "replace")
        if not shown:
            return False
        if self._read_at is None or now - self._read_at >= (KEPT if self._fits(shown) else LOOK_AGAIN):
            self._look(now)
        return self._fits(shown)

    def _fits(self, shown: bytes) -> bool:
        return sum(compare_digest(shown, value) for value in self._values) > 0  # every value is compared

    def _look(self, now: datetime) -> None:
        self._read_at = now
        try:
            self._values = tuple(value.encode() for value in self._read() if value)
        except CncError:
            if not self._values:
                self._read_at = None
                raise
