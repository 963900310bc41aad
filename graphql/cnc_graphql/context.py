"""What a resolver sees of the request: who asks, when, and the ports of that tenant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from strawberry.types import Info

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc_graphql.limits import WALL_S
from cnc_graphql.ports import LatestFacts, Reads, Watches


@dataclass(slots=True)
class Context:
    """One request. `monotonic_s` starts the wall limit; `event` is what a fan-out run delivers."""

    caller: Caller
    now: datetime
    ports: Reads
    watches: Watches
    monotonic_s: Callable[[], float]
    request_id: str = ""
    event: Mapping[str, Any] | None = None
    _deadline_s: float = field(init=False)
    _listed: dict[str, None] = field(default_factory=dict, init=False)
    _latest: dict[str, Sequence[LatestFacts]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._deadline_s = self.monotonic_s() + WALL_S

    @property
    def reads(self) -> Reads:
        """The reading port, while there is time left. Raises CncError(limit.cost)."""
        if self.monotonic_s() > self._deadline_s:
            raise CncError(
                "limit.cost", seen=f"more than {WALL_S} s", expected=f"at most {WALL_S} s", todo="Ask for less at once."
            )
        return self.ports

    def listed(self, machine: str) -> None:
        """Note a machine of this answer, so that nested fields read all of them at once."""
        self._listed[machine] = None

    def latest(self, machine: str) -> Sequence[LatestFacts]:
        """Newest values of one machine; the first call reads every machine of this answer."""
        if machine not in self._latest:
            wanted = [id_ for id_ in (*self._listed, machine) if id_ not in self._latest]
            self._latest.update(dict.fromkeys(wanted, ()))
            self._latest.update(self.reads.latest(list(dict.fromkeys(wanted)), now=self.now))
        return self._latest[machine]


Asked: TypeAlias = Info[Context, None]
