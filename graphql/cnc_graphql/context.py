"""What a resolver sees of the request: who asks, when, and the ports of that tenant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from strawberry.types import Info

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc_graphql.limits import ANSWERED_OBJECTS, WALL_S
from cnc_graphql.ports import AlarmFacts, LatestFacts, MachineFacts, Reads, Watches

Path: TypeAlias = Sequence[str | int]
_T = TypeVar("_T")


def _free(_cost: int) -> None:
    """What runs without a caller at the door, as an event that fans out, was paid when it was subscribed to."""


@dataclass(slots=True)
class Context:
    """One request. `monotonic_s` starts the wall limit; `event` is what a fan-out run delivers.

    `charge` takes the cost of a document from the caller's quota and raises CncError(limit.rate).
    """

    caller: Caller
    now: datetime
    ports: Reads
    watches: Watches
    monotonic_s: Callable[[], float]
    request_id: str = ""
    event: Mapping[str, Any] | None = None
    charge: Callable[[int], None] = _free
    _deadline_s: float = field(init=False)
    _listed: dict[str, None] = field(default_factory=dict, init=False)
    _latest: dict[str, Sequence[LatestFacts]] = field(default_factory=dict, init=False)
    _alarms: dict[tuple[bool | None, int], dict[str, Sequence[AlarmFacts]]] = field(default_factory=dict, init=False)
    _machines: dict[tuple[str | None, int], Sequence[MachineFacts]] = field(default_factory=dict, init=False)
    _left: int = field(default=ANSWERED_OBJECTS, init=False)
    notes: list[tuple[CncError, Path]] = field(default_factory=list, init=False)

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

    def note(self, error: CncError, *, path: Path) -> None:
        """A warning beside the data at `path`: a part of the question had no answer."""
        self.notes.append((error, path))

    def counted(self, items: Sequence[_T]) -> Sequence[_T]:
        """The items of a list of the answer, while there is room for them. Raises CncError(limit.cost)."""
        self._left -= len(items)
        if self._left < 0:
            raise CncError(
                "limit.cost",
                seen=f"more than {ANSWERED_OBJECTS} objects in the lists of one answer",
                expected=f"at most {ANSWERED_OBJECTS}",
                todo="Ask with a smaller `first`, or for fewer machines at once.",
            )
        return items

    def machines(self, *, first: int, site: str | None = None) -> Sequence[MachineFacts]:
        """Machines of the shop or of one of its sites, read once for the whole answer."""
        if (site, first) not in self._machines:
            self._machines[site, first] = self.reads.machines(first=first, site=site, now=self.now)
        found = self.counted(self._machines[site, first])
        # Nested fields read all machines of this answer at once.
        self._listed.update(dict.fromkeys(machine.id for machine in found))
        return found

    def latest(self, machine: str) -> Sequence[LatestFacts]:
        """Newest values of one machine; the first call reads every machine of this answer."""
        if machine not in self._latest:
            wanted = self._not_in(self._latest, machine)
            self._latest.update(dict.fromkeys(wanted, ()))
            self._latest.update(self.reads.latest(wanted, now=self.now))
        return self.counted(self._latest[machine])

    def alarms_of(self, machine: str, *, active: bool | None, first: int) -> Sequence[AlarmFacts]:
        """Newest alarms of one machine; the first call reads those of every machine of this answer."""
        held = self._alarms.setdefault((active, first), {})
        if machine not in held:
            held.update(self.reads.alarms_of(self._not_in(held, machine), active=active, first=first))
        return self.counted(held[machine])

    def _not_in(self, held: Mapping[str, object], machine: str) -> list[str]:
        return list(dict.fromkeys(id_ for id_ in (*self._listed, machine) if id_ not in held))


Asked: TypeAlias = Info[Context, None]
