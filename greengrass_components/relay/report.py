"""Health messages: states of the components, the applied configuration, and the ledgers.

A message is sent alone, or rides with the question for receipts: both are due every five minutes.
"""

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cnc.domain.telemetry.health import HealthMessage, pack_health
from greengrass_components.edge_kit.config import Bootstrap, stored_config
from greengrass_components.edge_kit.link import Link, LinkError
from greengrass_components.edge_kit.pace import Pace, wall_ms
from greengrass_components.edge_kit.status import STALE_MS, read_status
from greengrass_components.edge_kit.version import VERSION
from greengrass_components.relay.ledger import Ledger
from greengrass_components.relay.marks import Marks

log = logging.getLogger(__name__)

MESSAGE_BYTES: Final = 100_000
#: Beside a question of up to 200 asks of some 130 bytes.
RIDER_BYTES: Final = 60_000
#: Rough size of a ledger without gaps, and of a gap or span.
LEDGER_BYTES: Final = 220
DECLARED_BYTES: Final = 80


@dataclass(frozen=True, slots=True)
class Report:
    """A message, and whose ledgers are in it."""

    message: HealthMessage
    ledgers: list[Ledger]


@dataclass(slots=True)
class Reporter:
    """Sends health; several messages where one would be too large."""

    bootstrap: Bootstrap
    link: Link
    pace: Pace
    marks: Marks
    _told_s: float = -math.inf

    def age_s(self) -> float:
        """How long ago a whole report was taken by the broker."""
        return time.monotonic() - self._told_s

    async def send(self) -> None:
        for report in self._reports(MESSAGE_BYTES):
            try:
                await self.link.publish(self.bootstrap.up("edge_health"), pack_health(report.message))
            except LinkError as error:
                log.warning("edge_health: %s", error)
                return
            self.taken(report)

    def rider(self) -> Report | None:
        """A report small enough to ride with another message."""
        reports = self._reports(RIDER_BYTES)
        return reports[0] if len(reports) == 1 else None

    def taken(self, report: Report) -> None:
        """The broker took it."""
        self.marks.ledgers.reported(report.ledgers)
        self.marks.dirty = True
        self._told_s = time.monotonic()

    def _reports(self, limit: int) -> list[Report]:
        components, applied = self._components()
        return [
            Report(
                HealthMessage(
                    sent_ms=self.pace.now_ms(),
                    config_version=applied,
                    components=components,
                    sources=tuple(ledger.health() for ledger in ledgers),
                    versions={"relay": VERSION},
                ),
                ledgers,
            )
            for ledgers in _groups(self.marks.ledgers.reportable(), limit)
        ]

    def _components(self) -> tuple[dict[str, str], int]:
        """States, and the oldest version any running component still works by."""
        config = stored_config(self.bootstrap.config_path)
        versions = [config.version] if config else [0]
        states = {"relay": "running"}
        data = self.bootstrap.data
        for folder in sorted([*(data / "journal").glob("*/"), *(data / "output").glob("*/")]):
            status = read_status(folder)
            if status is None:
                continue
            fresh = wall_ms() - status.at_ms <= STALE_MS
            failing = any(status.sources.values())
            states[folder.name] = ("failing" if failing else status.state) if fresh else "stopped"
            if fresh and status.state == "running":
                versions.append(status.config_version)
        return states, min(versions)


def _groups(ledgers: list[Ledger], limit: int) -> Iterator[list[Ledger]]:
    """At least one group, each of about `limit` bytes at most."""
    group: list[Ledger] = []
    size = 0
    for ledger in ledgers:
        more = LEDGER_BYTES + DECLARED_BYTES * (len(ledger.gaps) + len(ledger.unobserved))
        if group and size + more > limit:
            yield group
            group, size = [], 0
        group.append(ledger)
        size += more
    yield group
