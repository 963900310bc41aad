"""When a control last answered, and whether what is known of its machine still holds.

Rows come once a minute whether the control answers or not: an unread tick is a row of nulls. So rows alone do not say
that a machine was seen. A source whose state event says UNAVAILABLE answered last when that event was made; a source
without states (a meter) answered when the newest rows hold anything at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cnc.domain.base.mtconnect import Availability, Execution, is_online
from cnc.domain.telemetry.facts import UNAVAILABLE
from cnc.services.ingest.ports import Newest
from cnc.services.machine_preview import Document, Preview, empty, preview
from cnc.services.read.ports import GatewayView, ReadStores
from cnc.services.shop import Machine
from cnc.services.stored import decoded

#: Rows arrive once a minute, at a second of the gateway's own choosing: three such periods are silence.
CLOUD_PERIOD_MS = 60_000
#: The event of a silent control is made at this tick without an answer.
SILENT_TICKS = 3
USUAL_TICK_MS = 1_000
NOTHING = GatewayView({}, {})


class Presence(NamedTuple):
    """The machine as its events tell; `online` says whether that still holds."""

    seen: Preview
    last_seen_ms: int | None
    online: bool

    @property
    def tile(self) -> str:
        return self.seen.tile(online=self.online)

    @property
    def execution(self) -> str:
        """What a silent gateway said last is no longer known to hold."""
        return self.seen.execution if self.online else Execution.UNAVAILABLE

    @property
    def since_ms(self) -> int | None:
        """Since when the tile shows this; of a silent gateway: since it was heard last."""
        told = self.online or (not self.seen.available and self.seen.state_since_ms is not None)
        return self.seen.state_since_ms if told else self.last_seen_ms


def presences(
    machines: Sequence[Machine],
    *,
    views: Mapping[str, GatewayView],
    stores: ReadStores,
    now_ms: int,
) -> dict[str, Presence]:
    """By machine. Rows are opened only of sources without states, where theirs would be the newest sign of life."""
    found: dict[str, Presence] = {}
    unsure: dict[str, Newest] = {}
    for machine in machines:
        view = views.get(machine.gateway, NOTHING)
        document = view.documents.get(machine.id, empty())
        last_ms, rest = _told(document, newest_of(machine, view))
        found[machine.id] = _presence(preview(document), last_ms, now_ms)
        unsure |= {source: at for source, at in rest.items() if at.end_ms > (last_ms or 0) + CLOUD_PERIOD_MS}
    owners = {source: machine.id for machine in machines for source in machine.sources}
    for source, at_ms in (_answered(unsure, stores) if unsure else {}).items():
        held = found[owners[source]]
        found[owners[source]] = _presence(held.seen, max(at_ms, held.last_seen_ms or 0), now_ms)
    return found


def newest_of(machine: Machine, view: GatewayView) -> dict[str, Newest]:
    """Where the newest rows of each of its sources are."""
    return {source: at for source, at in view.newest.items() if source in machine.sources}


def _told(document: Document, newest: Mapping[str, Newest]) -> tuple[int | None, dict[str, Newest]]:
    """When a source last answered as far as events tell, and the newest rows of the sources that have no states."""
    times, rest = [], {}
    for source in {*document["sources"], *newest}:
        kinds: Mapping[str, list[Any]] = document["sources"].get(source, {})
        event_ms = max((entry[2] for entry in kinds.values()), default=None)
        state = kinds.get("state")
        if state is not None and state[4].get("availability") == Availability.UNAVAILABLE:
            times.append(state[2] - SILENT_TICKS * _tick_ms(newest.get(source)))
            continue
        if event_ms is not None:
            times.append(event_ms)
        if state is not None and source in newest:
            times.append(newest[source].end_ms)
        elif source in newest:
            rest[source] = newest[source]
    return max(times, default=None), rest


def _answered(newest: Mapping[str, Newest], stores: ReadStores) -> dict[str, int]:
    """When the last row was made that holds anything, of the sources whose newest chunk has one."""
    chunks = stores.chunks.newest(newest)
    times = {}
    for source, rows in decoded(chunks.values(), schemas=stores.schemas).by_source.items():
        for chunk in rows:
            read = [row for row, quality in enumerate(chunk.quality) if quality != UNAVAILABLE]
            if read:
                times[source] = chunk.t0_ms + (read[-1] + 1) * chunk.period_ms
    return times


def _presence(seen: Preview, last_ms: int | None, now_ms: int) -> Presence:
    online = last_ms is not None and is_online(last_seen_ms=last_ms, now_ms=now_ms, period_ms=CLOUD_PERIOD_MS)
    return Presence(seen, last_ms, online)


def _tick_ms(newest: Newest | None) -> int:
    return (newest.end_ms - newest.t0_ms) // newest.rows if newest else USUAL_TICK_MS
