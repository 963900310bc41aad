"""Versions of programs and snapshots of controls, of the tenant acted for."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256

from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.effects import putting
from cnc.cloud.store.program_rows import SnapshotRow, VersionRow
from cnc.cloud.store.shop_rows import bind
from cnc.cloud.tenancy import Clients, current
from cnc.domain.programs.snapshot import Item, Snapshot
from cnc.services.audit import Effect
from cnc.services.programs.ports import ProgramVersion


class VersionStore:
    """`T#<tenant>#P`: `V#<p_…>`, and `<machine>#<16 hex of the name's SHA-256>#<taken ms>#<p_…>`."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def add(self, version: ProgramVersion, /) -> None:
        for row in _version_rows(version):
            row.save()

    def adding(self, version: ProgramVersion, /) -> list[Effect]:
        return [putting(row) for row in _version_rows(version)]

    def get(self, version: str, /) -> ProgramVersion | None:
        try:
            return _version(VersionRow.get(_versions(), f"V#{version}", consistent_read=True))
        except DoesNotExist:
            return None

    def of_machine(self, machine: str, /) -> list[ProgramVersion]:
        found = VersionRow.query(_versions(), VersionRow.s.startswith(f"{machine}#"), consistent_read=True)
        return sorted(map(_version, found), key=lambda version: (version.name, version.taken_ms))

    def newest(self, machine: str, name: str, *, origins: Sequence[str]) -> ProgramVersion | None:
        prefix = VersionRow.s.startswith(f"{_program(machine, name)}#")
        found = VersionRow.query(_versions(), prefix, consistent_read=True, scan_index_forward=False)
        return next((version for version in map(_version, found) if version.origin in origins), None)


class SnapshotStore:
    """`T#<tenant>#B`: `<machine>#<taken ms, 13 digits>`."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def add(self, snapshot: Snapshot, /) -> None:
        items = json.dumps([asdict(item) for item in snapshot.items], separators=(",", ":"), sort_keys=True)
        SnapshotRow(
            current().partition("B"),
            f"{snapshot.machine}#{snapshot.taken_ms:013d}",
            source=snapshot.source,
            serial=snapshot.serial,
            items=zlib.compress(items.encode()),
        ).save()

    def newest(self, machine: str, /, *, most: int) -> list[Snapshot]:
        found = SnapshotRow.query(
            current().partition("B"),
            SnapshotRow.s.startswith(f"{machine}#"),
            consistent_read=True,
            scan_index_forward=False,
            limit=most,
        )
        return [_snapshot(row) for row in found]


def _versions() -> str:
    return current().partition("P")


def _program(machine: str, name: str) -> str:
    """Names of programs may hold anything, so the key holds their digest."""
    return f"{machine}#{sha256(name.encode()).hexdigest()[:16]}"


def _version_rows(version: ProgramVersion) -> list[VersionRow]:
    listed = f"{_program(version.machine, version.name)}#{version.taken_ms:013d}#{version.id}"
    return [
        VersionRow(
            _versions(),
            sort,
            version=version.id,
            machine=version.machine,
            name=version.name,
            sha256=version.sha256,
            size=version.size,
            taken_ms=version.taken_ms,
            origin=version.origin,
            author=version.author or None,
            comment=version.comment or None,
        )
        for sort in (f"V#{version.id}", listed)
    ]


def _version(row: VersionRow) -> ProgramVersion:
    return ProgramVersion(
        id=row.version,
        machine=row.machine,
        name=row.name,
        sha256=row.sha256,
        size=int(row.size),
        taken_ms=int(row.taken_ms),
        origin=row.origin,
        author=row.author or "",
        comment=row.comment or "",
    )


def _snapshot(row: SnapshotRow) -> Snapshot:
    machine, _, taken = row.s.partition("#")
    items = tuple(Item(**item) for item in json.loads(zlib.decompress(row.items)))
    return Snapshot(machine, row.source, row.serial, int(taken), items)
