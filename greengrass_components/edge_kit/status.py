"""`status.json` of a driver component: what the relay reports of it in health."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import dumps, fields, loads

#: A component that has not written for so long is taken as stopped.
STALE_MS: Final = 15_000


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """`sources` maps a source to "" while it is read, else to its last error. `at_ms` is wall time."""

    at_ms: int
    config_version: int
    state: str
    sources: dict[str, str] = field(default_factory=dict)


def write_status(folder: Path, status: ComponentStatus) -> None:
    """Replace the file; it need not survive a power cut. Raises OSError."""
    fresh = folder / "status.json.new"
    document = {
        "v": 1,
        "at_ms": status.at_ms,
        "config_version": status.config_version,
        "state": status.state,
        "sources": status.sources,
    }
    fresh.write_bytes(dumps(document))
    fresh.replace(folder / "status.json")


def read_status(folder: Path) -> ComponentStatus | None:
    """None while there is none that can be read."""
    try:
        row = fields(loads((folder / "status.json").read_bytes(), limit=1 << 20))
        sources = {source: str(error) for source, error in row.flat("sources", limit=10_000).items()}
        return ComponentStatus(row.ms("at_ms"), row.integer("config_version"), row.text("state", limit=40), sources)
    except (OSError, MalformedMessage):
        return None
