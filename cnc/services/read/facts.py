"""Answers of the read side: frozen values, times as aware UTC datetimes.

Named tuples: a frozen dataclass costs seven times as much of every cold start, and there are many here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple


class ViewerFacts(NamedTuple):
    """Who is asking: the verified caller with the names people read."""

    tenant_id: str
    tenant_name: str
    subject: str
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...] = ()


class SiteFacts(NamedTuple):
    """A place with machines; `time_zone` is an IANA name."""

    id: str
    name: str
    time_zone: str


class SignalFacts(NamedTuple):
    """A signal a machine has: key and unit of the MTConnect vocabulary, kind `number` or `text`."""

    key: str
    unit: str
    kind: str


class OverrideFacts(NamedTuple):
    """Percent of the programmed value; None when the control does not tell."""

    feed: float | None = None
    rapid: float | None = None
    spindle: float | None = None


class MachineFacts(NamedTuple):
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


class GatewayFacts(NamedTuple):
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


class LatestFacts(NamedTuple):
    """Newest value of one signal; `value` is a number, a text, or None when the machine gave none."""

    signal: str
    value: float | str | None
    unit: str
    at: datetime
    quality: str


class AlarmFacts(NamedTuple):
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


class GapFacts(NamedTuple):
    """Rows of one source that the gateway declared lost, with the reason."""

    source: str
    first: int
    last: int
    reason: str
    start: datetime
    end: datetime


class UnobservedFacts(NamedTuple):
    """Time in which one source made no rows, as its gateway declared it."""

    source: str
    why: str
    start: datetime
    end: datetime


class CompletenessFacts(NamedTuple):
    """Both ledgers of a period. Rows: produced = stored + declared_gaps + missing. Coverage: the time not observed."""

    produced: int
    stored: int
    declared_gaps: int
    missing: int
    duplicates: int
    gaps: tuple[GapFacts, ...]
    unobserved: tuple[UnobservedFacts, ...] = ()


class IntervalFacts(NamedTuple):
    """A stretch of one execution state."""

    execution: str
    start: datetime
    end: datetime


class SeriesFacts(NamedTuple):
    """Columns over shared stamps (milliseconds UTC); a missing value is None.

    `unknown` maps each name that is no signal of the machine to the known ones near it.
    """

    stamps_ms: Sequence[int]
    columns: Mapping[str, Sequence[float | str | None]]
    unknown: Mapping[str, tuple[str, ...]] = MappingProxyType({})
