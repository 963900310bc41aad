"""Callers that were verified a moment ago, so that the ten requests of one page ask the directory once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cnc.services.caller import Caller
from cnc.services.sessions import UNKNOWN, Visit

#: A credential that was withdrawn is refused after this time at the latest.
KEPT = timedelta(seconds=5)
MOST = 1000


class Recent:
    """One per process. Only verified callers are kept; a credential that was refused is looked at each time.

    So is one whose second factor is due: what it may do changes the moment that was shown.
    """

    def __init__(self, verify: Callable[[str | None, datetime, Visit], Caller]) -> None:
        self._verify = verify
        self._kept: dict[str, tuple[datetime, Caller]] = {}

    def caller(self, header: str | None, *, now: datetime, visit: Visit = UNKNOWN) -> Caller:
        """The caller behind an `Authorization` header. Raises what `verify` raises."""
        found = self._kept.get(header or "")
        if found is not None and timedelta() <= now - found[0] < KEPT and not found[1].ended(now):
            return found[1]
        caller = self._verify(header, now, visit)
        if caller.factor_due:
            return caller
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[header or ""] = (now, caller)
        return caller
