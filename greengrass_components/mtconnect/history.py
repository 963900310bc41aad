"""What an agent still holds of the time we were not listening: replayed into the ticks that were missed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from greengrass_components.edge_kit.driver import Reading, Unseen
from greengrass_components.mtconnect.protocol import Seen, Streams
from greengrass_components.mtconnect.state import DeviceState

OVERRUN: Final = "agent_buffer_overrun"
RESTARTED: Final = "agent_restarted"


@dataclass(slots=True)
class History:
    """Observations that wait for their ticks, and spans that are lost. All times by the agent's clock."""

    waiting: list[Seen] = field(default_factory=list)
    lost: list[Unseen] = field(default_factory=list)
    newest_ms: int | None = None

    def add(self, found: Iterable[Seen]) -> None:
        self.waiting.extend(found)

    def note(self, found: Streams) -> None:
        """How far the agent's time is known: to the document, when it held everything there was."""
        header = found.header
        times = [seen.at_ms for seen in found.observations if seen.at_ms is not None]
        if header.created_ms is not None and header.next_sequence > header.last_sequence:
            times.append(header.created_ms)
        if times:
            self.newest_ms = max(times)

    def lose(self, until: Sequence[Seen], why: str) -> None:
        """What lies between the time that is known and the first of `until` is lost."""
        first = next((seen.at_ms for seen in until if seen.at_ms is not None), None)
        if self.newest_ms is not None and first is not None:
            self.lost.append(Unseen(self.newest_ms, max(first, self.newest_ms + 1), why))

    def replay(self, state: DeviceState, ticks: Sequence[int], *, behind_ms: int) -> list[Reading | None]:
        """A reading for each missed tick, None where nothing is known of it; `behind_ms` = our time - the agent's."""
        found: list[Reading | None] = []
        at = 0
        for tick in ticks:
            agent_ms = tick - behind_ms
            while at < len(self.waiting) and (self.waiting[at].at_ms or 0) <= agent_ms:
                state.take(self.waiting[at])
                at += 1
            unknown = any(span.from_ms < agent_ms < span.to_ms for span in self.lost)
            found.append(None if unknown else state.reading())
        del self.waiting[:at]
        return found

    def settle(self, state: DeviceState) -> None:
        """Take what no tick was missed for."""
        for seen in self.waiting:
            state.take(seen)
        self.waiting.clear()

    def take_lost(self, *, behind_ms: int) -> tuple[Unseen, ...]:
        """Lost spans in our time, once."""
        lost, self.lost = self.lost, []
        return tuple(Unseen(span.from_ms + behind_ms, span.to_ms + behind_ms, span.why) for span in lost)
