"""Answers of the read side: frozen values, times as aware UTC datetimes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ViewerFacts:
    """Who is asking: the verified caller with the names people read."""

    tenant_id: str
    tenant_name: str
    subject: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A place with machines; `time_zone` is an IANA name."""

    id: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """A signal a machine has: key and unit of the MTConnect vocabulary, kind `number` or `text`."""

    key: str
    unit: str
    kind: str


@dataclass(frozen=True, slots=True)
class OverrideFacts:
    """Percent of the programmed value; None when the control does not tell."""

    feed: float | None = None
    rapid: float | None = None
    spindle: float | None = None


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """A machine as the shop floor sees it now; `quarantined` counts refused messages of the last 24 hours."""

    id: str
    name: str
    kind: str
    cell: str
    site: SiteFacts
    simulated: bool
    execution: str
    tile_state: str
    state_since: datetime | None
    last_seen: datetime | None
    program: str | None
    tool: int | None
    part_count: int | None
    part_target: int | None
    overrides: OverrideFacts
    signals: tuple[SignalFacts, ...]
    quarantined: int


@dataclass(frozen=True, slots=True)
class GatewayFacts:
    """A gateway with the version of its configuration: the one wanted and the one it says it runs.

    `quarantined` counts its refused messages of the last 24 hours.
    """

    id: str
    name: str
    site: SiteFacts
    last_seen: datetime | None
    config_version: int
    applied_version: int | None
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class LatestFacts:
    """Newest value of one signal; `value` is a number, a text, or None when the machine gave none."""

    signal: str
    value: float | str | None
    unit: str
    at: datetime
    quality: str


@dataclass(frozen=True, slots=True)
class AlarmFacts:
    """An alarm of a control, raised and perhaps cleared."""

    id: str
    machine_id: str
    number: str
    type: str
    text: str
    axis: str | None
    active: bool
    raised_at: datetime
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class GapFacts:
    """Rows of one source that the gateway declared lost, with the reason."""

    source: str
    first: int
    last: int
    reason: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class UnobservedFacts:
    """Time in which one source made no rows, as its gateway declared it."""

    source: str
    why: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CompletenessFacts:
    """Both ledgers of a period. Rows: produced = stored + declared_gaps + missing. Coverage: the time not observed."""

    produced: int
    stored: int
    declared_gaps: int
    missing: int
    duplicates: int
    gaps: tuple[GapFacts, ...]
    unobserved: tuple[UnobservedFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class IntervalFacts:
    """A stretch of one execution state."""

    execution: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """Columns over shared stamps (milliseconds UTC); a missing value is None."""

    stamps_ms: Sequence[int]
    columns: Mapping[str, Sequence[float | str | None]]
