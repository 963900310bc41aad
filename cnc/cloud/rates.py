"""Wires the limits of a function: counts and usage in the shop table, failures in its metrics."""

from collections.abc import Callable
from secrets import token_hex

from cnc.cloud.observability import Observer
from cnc.cloud.store.rates import RateCounters
from cnc.cloud.store.usage import UsageStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.domain.rates.costs import Cost
from cnc.services.rates import Gauge, Limiter
from cnc.services.usage import UsageMeter


class Rates:
    """One per process."""

    def __init__(self, clients: Clients, *, table: str, observer: Observer) -> None:
        away = _away(observer)
        self.limiter = Limiter(RateCounters(clients, table=table), acting_for=acting_for, now=utc_now, away=away)
        self.usage = UsageMeter(
            UsageStore(clients, table=table), acting_for=acting_for, now=utc_now, away=away, process=token_hex(6)
        )

    def gauge(self, cost: Cost) -> Gauge:
        """The meter of one request."""
        return Gauge(self.limiter, self.usage, cost)


def _away(observer: Observer) -> Callable[[Exception], None]:
    def away(error: Exception) -> None:
        # No silent opening: each time is counted, and an alarm looks at the metric.
        observer.count({"RateCountsAway": 1})
        observer.log.warning("counts away", extra={"why": str(error)[:200]})

    return away
