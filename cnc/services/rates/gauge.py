"""The meter of one request: begun with its verified caller, read when the answer goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cnc.domain.rates.costs import Cost
from cnc.services.caller import Caller
from cnc.services.rates.limiter import Limiter
from cnc.services.rates.turn import Turn

#: What one address may ask the front for in a minute (infra_cdk, firewall); told to callers of whom nothing is known.
ADDRESS_POLICY = '"address";q=30000;w=60'


class Usage(Protocol):
    """Counts what was used, for bills to come."""

    def count(self, caller: Caller, *, points: int, sent_bytes: int, refused: bool) -> None: ...


@dataclass(slots=True)
class Gauge:
    """Per request. `cost` is what it costs before anything of it is read."""

    limiter: Limiter
    usage: Usage
    cost: Cost
    _caller: Caller | None = None
    _turn: Turn | None = None

    def begin(self, caller: Caller) -> None:
        """Spend what the request costs at least. Raises RateLimited."""
        self._caller, self._turn = caller, self.limiter.turn(caller)
        self.limiter.admit(caller, self.cost, turn=self._turn)

    def take_document(self, cost: int) -> None:
        """Spend what a GraphQL document costs beside the asking. Raises RateLimited."""
        if self._turn is not None:
            self._turn.take_document(cost)

    def end(self, response: Mapping[str, Any]) -> dict[str, str]:
        """Count the answer; answers the header fields that it carries."""
        if self._turn is None or self._caller is None:
            return {"ratelimit-policy": ADDRESS_POLICY}
        body: str = response.get("body") or ""
        self.usage.count(
            self._caller,
            points=self._turn.points,
            sent_bytes=len(body) if body.isascii() else len(body.encode("utf-8", "surrogatepass")),
            refused=self._turn.refused is not None,
        )
        return self._turn.headers()
