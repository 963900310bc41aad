"""Where no mutation can run, nobody can renew a lease."""

from datetime import datetime

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller


class NoWatching:
    """The `Watches` port of runs that only deliver events."""

    def watch(self, machine: str, *, caller: Caller, now: datetime) -> datetime:  # noqa: ARG002 - the port's word
        """Raises CncError(auth.forbidden)."""
        raise CncError("auth.forbidden", seen=f"{caller.subject} watching {machine}", expected="a mutation over HTTP")
