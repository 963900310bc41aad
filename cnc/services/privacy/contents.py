"""What is in the archive of a tenant and of a machine, section after section."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from cnc.domain.base.clock import rfc3339, to_ms
from cnc.domain.privacy.retention import KEPT, OBJECTS, PLACES, Kept, Place
from cnc.domain.telemetry.rollup import HOUR_MS
from cnc.services.privacy import telemetry
from cnc.services.privacy.exports import Export, Member, Section
from cnc.services.privacy.ports import Objects, Row, Rows, TenantDirectory
from cnc.services.privacy.readable import batches, is_secret, line, text_of
from cnc.services.privacy.readme import readme
from cnc.services.privacy.telemetry import TelemetryFiles

#: In the archive as Parquet and events, or of no meaning outside of the product.
_NOT_AS_ROWS: Final = frozenset({"chunks", "tickets", "connections", "answers", "person_keys"})
#: Kinds of row that a machine is named in, beside those below its own key.
_OF_MACHINE: Final = frozenset({"A", "C", "P", "B", "Y", "Q", "L"})


class Shop(Protocol):
    """Ids of the tenant acted for."""

    def machines(self) -> Sequence[str]: ...
    def gateways(self) -> Sequence[str]: ...


@dataclass(frozen=True, kw_only=True)
class ExportStores:
    """`created_ms` is when the tenant began; `open_hours` lists hours of the tenant whose objects lack rows."""

    tenant: str
    rows: Rows
    objects: Objects
    directory: TenantDirectory
    shop: Shop
    telemetry: TelemetryFiles
    created_ms: int
    open_hours: Callable[[datetime], Sequence[int]]


def tenant_sections(export: Export, stores: ExportStores, *, now: Callable[[], datetime]) -> list[Section]:
    """All of a tenant: rows of every kind, objects of every kind, hours that have no object yet, events."""
    places = [place for place in PLACES if place.keeps not in _NOT_AS_ROWS]
    span = telemetry.since_chunks(export.at), to_ms(export.at)
    return [
        _about(export),
        *(_rows(place, stores) for place in places),
        Section("credentials", lambda after: _directory(stores) if not after else iter(())),
        *(_objects(kind, stores.objects) for kind in OBJECTS if kind != "export"),
        telemetry.open_hours(stores.open_hours(export.at), files=stores.telemetry, now=now),
        telemetry.machine_events(stores.shop.machines(), files=stores.telemetry, from_ms=span[0], to_ms=span[1]),
    ]


def machine_sections(export: Export, stores: ExportStores, *, now: Callable[[], datetime]) -> list[Section]:
    """All of one machine within a span: rows that name it, programs, telemetry by hour, events."""
    machine, end = export.subject, export.to_ms or to_ms(export.at)
    start = export.from_ms or stores.created_ms
    own = [place for place in PLACES if place.per == "machine" and place.keeps != "chunks"]
    named = [place for place in PLACES if place.noun in _OF_MACHINE and not place.per]
    mentions = Mentions(machine)
    return [
        _about(export),
        *(_rows(place, stores, owners=[machine]) for place in own),
        *(_rows(place, stores, wanted=mentions) for place in named),
        _rows(_place("shop", "M"), stores, wanted=lambda row: row.sort == machine),
        Section("sources", lambda after: _sources(machine, stores) if not after else iter(())),
        _rows(_place("telemetry", "H"), stores),
        _programs(machine, stores),
        telemetry.machine_events(
            [machine], files=stores.telemetry, from_ms=max(start, telemetry.since_chunks(export.at)), to_ms=end
        ),
        telemetry.machine_hours(machine, files=stores.telemetry, from_ms=start, to_ms=end, now=now),
    ]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Whether a row names something by its id."""

    id: str

    def __call__(self, row: Row) -> bool:
        return self.id in text_of(row)


def _about(export: Export) -> Section:
    about = {
        "v": 1,
        "export": export.id,
        "of": export.kind.value,
        "id": export.subject,
        "asked_at": rfc3339(export.asked_ms),
        "from": rfc3339(export.from_ms) if export.from_ms else None,
        "to": rfc3339(export.to_ms or export.asked_ms),
        "kept": {name: _kept(kept) for name, kept in KEPT.items()},
    }

    def members(after: str) -> Iterator[Member]:
        if not after:
            yield Member("README.md", readme(export).encode(), "")
            yield Member("export.json", json.dumps(about, indent=1, sort_keys=True).encode(), "about")

    return Section("about", members)


def _kept(kept: Kept) -> dict[str, Any]:
    days = None if kept.kept is None else round(kept.kept.total_seconds() / 86_400, 3)
    return {"what": kept.data, "until": kept.ends.value, "days": days}


def _rows(
    place: Place,
    stores: ExportStores,
    *,
    owners: Sequence[str] | None = None,
    wanted: Callable[[Row], bool] = lambda _: True,
) -> Section:
    """Rows of one kind as JSON Lines; a place is `<number>|<owner>|<sort key>`."""

    def members(after: str) -> Iterator[Member]:
        count, owner_after, sort_after = _place_of(after)
        for owner in owners if owners is not None else _owners(place, stores.shop):
            if owner < owner_after:
                continue
            found = stores.rows.rows(place, owner, after=sort_after if owner == owner_after else "")
            for last, body in batches(row for row in found if wanted(row)):
                count += 1
                folder = "/".join(filter(None, ("rows", place.table, f"{place.keeps}_{place.noun}", owner)))
                yield Member(f"{folder}/{place.prefix.rstrip('#')}{count:05d}.jsonl", body, f"{count}|{owner}|{last}")

    return Section(KEPT[place.keeps].data, members)


def _place_of(after: str) -> tuple[int, str, str]:
    if not after:
        return 0, "", ""
    count, owner, sort = after.split("|", 2)
    return int(count), owner, sort


def _owners(place: Place, shop: Shop) -> list[str]:
    match place.per:
        case "machine":
            return sorted(shop.machines())
        case "gateway":
            return sorted(shop.gateways())
    return [""]


def _directory(stores: ExportStores) -> Iterator[Member]:
    """What opens the shop: digests and secrets left out."""
    rows = [
        line({"kind": row.key[:1], **{name: text for name, text in row.facts.items() if not is_secret(name)}})
        for row in stores.directory.of_tenant(stores.tenant)
    ]
    yield Member("rows/directory.jsonl", b"".join(rows), "1")


def _objects(kind: str, objects: Objects) -> Section:
    """Objects as they are, below the names they have in the store."""

    def members(after: str) -> Iterator[Member]:
        for key, _size in objects.keys(kind, after=after):
            yield Member(f"objects/{key.partition('/')[2]}", objects.read(key), key)

    return Section(f"objects: {kind}", members, weight=5)


def _sources(machine: str, stores: ExportStores) -> Iterator[Member]:
    """How the machine is read: its sources out of the configuration of its gateway."""
    found: list[Mapping[str, Any]] = []
    for row in stores.rows.rows(_place("shop", "G")):
        document = json.loads(row.values["document"])
        found += [source | {"gateway": row.sort} for source in document["sources"] if source["machine"] == machine]
    yield Member("sources.json", json.dumps(found, indent=1, sort_keys=True).encode(), "1")


def _programs(machine: str, stores: ExportStores) -> Section:
    """Contents of the versions of its programs, each once, below their SHA-256."""

    def digests() -> list[str]:
        versions = stores.rows.rows(_place("shop", "P"))
        return sorted({row.values["sha256"] for row in versions if row.values.get("machine") == machine})

    def members(after: str) -> Iterator[Member]:
        wanted = digests()
        for number, digest in enumerate(wanted):
            key = f"tenant={stores.tenant}/kind=program/sha256={digest}"
            if digest > after:
                body = stores.objects.find(key)
                if body is not None:
                    yield Member(f"programs/{digest}.nc", body, digest, 100 * number // len(wanted))

    return Section("programs", members)


def _place(table: str, noun: str) -> Place:
    return next(place for place in PLACES if (place.table, place.noun) == (table, noun))


def hours_behind(*, closed_until_s: int | None, dirty_s: Sequence[int], now: datetime) -> list[int]:
    """Hours whose objects lack rows: all since the first that was never closed, and those marked; ms, by time."""
    end = to_ms(now)
    first = end - 35 * 24 * HOUR_MS if closed_until_s is None else closed_until_s * 1000
    open_since = range(max(0, first) // HOUR_MS * HOUR_MS, end, HOUR_MS)
    return sorted({*open_since, *(hour * 1000 for hour in dirty_s)})
