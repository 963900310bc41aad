"""The retention job: what is kept no longer goes, and a report says what went, what is held, and what should be gone.

Most classes end by themselves (TTL, lifecycle rules); the job removes objects whose time no rule of the bucket can say,
since the tenant stands first in their keys, and looks whether what ends by itself really did.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from cnc.domain.base.clock import from_ms, rfc3339, to_ms
from cnc.domain.privacy.retention import KEPT, OBJECTS, PLACES, Ends, Place
from cnc.services.privacy.exports import Export, Exports, ExportState, stalled
from cnc.services.privacy.ports import Objects, Rows

_DATED: Final = re.compile(r"/date=(\d{4}-\d{2}-\d{2})/hour=(\d{2})/")
#: DynamoDB removes what its TTL says within days; later than this it is a finding.
LATE: Final = timedelta(days=3)
#: Kinds with a row per minute and machine are not walked through.
_NOT_COUNTED: Final = frozenset({"chunks", "hours", "ledgers", "previews", "person_keys", "audit"})


class Documents(Protocol):
    def read(self, sort: str) -> dict[str, Any] | None: ...
    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None: ...
    def below(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]: ...


@dataclass(frozen=True, kw_only=True)
class RetentionStores:
    """Of the tenant acted for."""

    rows: Rows
    objects: Objects
    exports: Exports
    documents: Documents


@dataclass(slots=True)
class Report:
    """`removed` and `held` by class; `late` are rows that should be gone."""

    at_ms: int
    removed: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        classes = [
            {
                "class": name,
                "what": kept.data,
                "ends": kept.ends.value,
                "days": None if kept.kept is None else round(kept.kept.total_seconds() / 86_400, 3),
                "removed": self.removed.get(name, 0),
                "held": self.held.get(name),
                "late": self.late.get(name, 0),
            }
            for name, kept in KEPT.items()
        ]
        return {"v": 1, "at": rfc3339(self.at_ms), "classes": classes}


def daily(stores: RetentionStores, *, now: datetime) -> Report | None:
    """Today's pass, once: removes, counts, stores the report. None when there is one of today already."""
    day = f"report#{now:%Y-%m-%d}"
    if stores.documents.read(day) is not None:
        return None
    report = Report(to_ms(now))
    for kind, name in OBJECTS.items():
        _objects(kind, name, stores=stores, report=report, now=now)
    for place in PLACES:
        if place.keeps not in _NOT_COUNTED and not place.per:
            _rows(place, stores=stores, report=report, now=now)
    _expire(stores.exports, now=now)
    kept = timedelta(days=400)
    stores.documents.write(day, report.body(), expires_s=int((now + kept).timestamp()))
    return report


def waiting_exports(exports: Exports, *, now: datetime) -> list[Export]:
    """Orders whose run ended without a word: they are begun again, where they stopped."""
    return [export for export in exports.all() if stalled(export, now=now)]


def _objects(kind: str, name: str, *, stores: RetentionStores, report: Report, now: datetime) -> None:
    kept = KEPT[name]
    if kept.ends is not Ends.JOB or kept.kept is None:
        return
    for key, _ in list(stores.objects.keys(kind)):
        at = _stamped(key)
        if at is not None and now - at > kept.kept + timedelta(hours=1):
            stores.objects.remove(key)
            report.removed[name] = report.removed.get(name, 0) + 1
        else:
            report.held[name] = report.held.get(name, 0) + 1


def _stamped(key: str) -> datetime | None:
    """The hour that a key names."""
    found = _DATED.search(key)
    return datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H").replace(tzinfo=UTC) if found else None


def _rows(place: Place, *, stores: RetentionStores, report: Report, now: datetime) -> None:
    for row in stores.rows.rows(place):
        report.held[place.keeps] = report.held.get(place.keeps, 0) + 1
        ends_s = row.values.get("x")
        if isinstance(ends_s, int) and now - from_ms(ends_s * 1000) > LATE:
            report.late[place.keeps] = report.late.get(place.keeps, 0) + 1


def _expire(exports: Exports, *, now: datetime) -> None:
    """Orders whose archive is gone say so."""
    for export in exports.all():
        if export.state is ExportState.DONE and export.ends_ms <= to_ms(now):
            exports.put(replace(export, state=ExportState.EXPIRED))
