"""The two previews: events within a second, and all signals each second while someone watches. Never receipted."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cnc.domain.telemetry.events import MAX_EVENTS, Event, pack_events
from cnc.domain.telemetry.live import LiveFrame, pack_live
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.link import Link, LinkError
from greengrass_components.edge_kit.pace import Pace, wall_ms
from greengrass_components.relay.reader import Reader

log = logging.getLogger(__name__)

#: Events that are older when they are read go with their minute only.
NEWS_MS: Final = 60_000
LEASE_MS: Final = 60_000
EVENTS_PER_MESSAGE: Final = 200


@dataclass(slots=True)
class Previews:
    """`latest` holds the newest event per source and subject, sent anew after every connect: tiles stay true."""

    bootstrap: Bootstrap
    link: Link
    pace: Pace
    reader: Reader
    latest: dict[tuple[str, str], Event] = field(default_factory=dict)
    _news: list[Event] = field(default_factory=list)
    _leases: dict[str, int] = field(default_factory=dict)
    _shown: dict[str, tuple[str, int]] = field(default_factory=dict)

    def event(self, event: Event) -> None:
        """Take an event from the journal."""
        subject = event.type
        if event.type == "alarm":
            subject = json.dumps(["alarm", event.data.get("number"), event.data.get("type"), event.data.get("axis")])
            if not event.data.get("active"):
                self.latest.pop((event.source, subject), None)
        if event.type != "alarm" or event.data.get("active"):
            self.latest[event.source, subject] = event
        if event.at_ms > self.pace.now_ms() - NEWS_MS:
            self._news.append(event)

    def refresh(self) -> None:
        """After a connect: say again how everything stands."""
        self._news = [*self.latest.values(), *(e for e in self._news if e not in self.latest.values())][-MAX_EVENTS:]

    def lease(self, message: Mapping[str, Any]) -> None:
        """Take a `live` command: the live lane for its sources, for at most a minute."""
        until, sources, now = message.get("until_ms"), message.get("sources"), wall_ms()
        if not isinstance(until, int) or not isinstance(sources, list):
            log.error("cmd: live without sources or until_ms")
            return
        for source in sources:
            if isinstance(source, str):
                self._leases[source] = min(until, now + LEASE_MS)

    async def step(self) -> None:
        """Once a second."""
        news, self._news = self._news, []
        if not self.link.connected:
            return
        try:
            for start in range(0, len(news), EVENTS_PER_MESSAGE):
                batch = news[start : start + EVENTS_PER_MESSAGE]
                payload = pack_events(batch, sent_ms=self.pace.now_ms())
                await self.link.publish(self.bootstrap.up("telemetry_events"), payload)
            frames = self._frames()
            if frames:
                payload = pack_live(frames, sent_ms=self.pace.now_ms())
                await self.link.publish(self.bootstrap.up("telemetry_live"), payload)
        except LinkError as error:
            log.warning("preview: %s", error)

    def _frames(self) -> list[LiveFrame]:
        now = wall_ms()
        self._leases = {source: until for source, until in self._leases.items() if until > now}
        frames = []
        for source in self._leases:
            newest = self.reader.newest(source)
            if newest is None:
                continue
            of, seq, at_ms, values, quality = newest
            if self._shown.get(source) == (of.boot, seq):
                continue
            self._shown[source] = (of.boot, seq)
            signals = of.schema.signals
            shown = {signal.key: signal.value(value) for signal, value in zip(signals, values, strict=True)}
            frames.append(LiveFrame(source, of.boot, seq, at_ms, shown, quality))
        return frames
