"""Where no mutation can run, nobody can renew a lease."""

from datetime import datetime

from cnc.domain.base.errors import CncError


class NoWatching:
    """The `Watches` port of runs that only deliver events."""

    def watch(self, machine: str, *, now: datetime) -> datetime:
        """Raises CncError(auth.forbidden)."""
        raise CncError("auth.forbidden", seen=f"watching {machine} at {now}", expected="a mutation over HTTP")
