"""How much a caller may ask for: the turn of one request, counted over all processes."""

from cnc.services.rates.counters import Away, Counters
from cnc.services.rates.gauge import Gauge
from cnc.services.rates.limiter import Limiter
from cnc.services.rates.turn import RateLimited, Turn

__all__ = ["Away", "Counters", "Gauge", "Limiter", "RateLimited", "Turn"]
