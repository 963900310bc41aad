"""The turn of one request: what it may spend, and what its answer says about that.

Header fields RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers-10.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from cnc.domain.base.errors import CncError
from cnc.domain.rates.costs import points_of_document
from cnc.domain.rates.plans import WINDOW_S


class RateLimited(CncError):
    """Too much was asked for; `policy` says of which limit, `retry_after_s` when to come back."""

    def __init__(self, policy: str, *, seen: str, expected: str, retry_after_s: int) -> None:
        super().__init__("limit.rate", seen=seen, expected=expected, todo=f"Ask again in {retry_after_s} s.")
        self.policy, self.retry_after_s = policy, retry_after_s


class Standing(NamedTuple):
    """One limit as it stands: `left` points may be spent until the quota is whole again in `whole_in_s`."""

    policy: str
    quota: int
    left: int
    whole_in_s: int


@dataclass(slots=True)
class Turn:
    """`spend` raises RateLimited. `points` are what the request has cost so far."""

    spend: Callable[[int], None]
    standings: Callable[[], tuple[Standing, ...]]
    points: int = 0
    refused: RateLimited | None = field(default=None)

    def take(self, points: int) -> None:
        """Spend points of the caller's quotas. Raises RateLimited, and then nothing was spent."""
        try:
            self.spend(points)
        except RateLimited as error:
            self.refused = error
            raise
        self.points += points

    def take_document(self, cost: int) -> None:
        """Spend what a GraphQL document costs beside the asking. Raises RateLimited."""
        points = points_of_document(cost)
        if points:
            self.take(points)

    def headers(self) -> dict[str, str]:
        """RateLimit-Policy, RateLimit, and Retry-After where the turn was refused."""
        standing = self.standings()
        fields: dict[str, str] = {}
        if standing:
            fields["ratelimit-policy"] = ", ".join(
                f'"{one.policy}";q={one.quota};qu="points";w={WINDOW_S}' for one in standing
            )
            fields["ratelimit"] = ", ".join(f'"{one.policy}";r={one.left};t={one.whole_in_s}' for one in standing)
        if self.refused is not None:
            fields["retry-after"] = str(self.refused.retry_after_s)
        return fields
