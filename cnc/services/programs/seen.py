"""The vault as one caller sees it: programs, changes and snapshots of machines at the sites where they have a role."""

from collections.abc import Sequence
from dataclasses import replace

from cnc.domain.programs.change import Change
from cnc.domain.programs.snapshot import Snapshot
from cnc.services.audit import Effect
from cnc.services.caller import Caller
from cnc.services.programs.ports import Changes, GateStores, HeldChange, ProgramVersion, Shop, Snapshots, Versions
from cnc.services.seen import Places, SeenPlaces


def seen_stores(stores: GateStores, places: Places, *, caller: Caller) -> GateStores:
    """The stores themselves for who sees every site. `places` are those of `stores.shop`."""
    if caller.everywhere:
        return stores
    shop = SeenPlaces(places, caller=caller)
    return replace(
        stores,
        shop=shop,
        versions=_SeenVersions(stores.versions, shop),
        changes=_SeenChanges(stores.changes, shop),
        snapshots=_SeenSnapshots(stores.snapshots, shop),
    )


class _SeenVersions:
    def __init__(self, versions: Versions, shop: Shop) -> None:
        self._versions = versions
        self._shop = shop

    def add(self, version: ProgramVersion, /) -> None:
        self._versions.add(version)

    def adding(self, version: ProgramVersion, /) -> Sequence[Effect]:
        return self._versions.adding(version)

    def get(self, version: str, /) -> ProgramVersion | None:
        found = self._versions.get(version)
        return found if found is not None and self._shop.machine(found.machine) is not None else None

    def of_machine(self, machine: str, /) -> list[ProgramVersion]:
        return self._versions.of_machine(machine) if self._shop.machine(machine) is not None else []

    def newest(self, machine: str, name: str, *, origins: Sequence[str]) -> ProgramVersion | None:
        return self._versions.newest(machine, name, origins=origins) if self._shop.machine(machine) else None


class _SeenChanges:
    def __init__(self, changes: Changes, shop: Shop) -> None:
        self._changes = changes
        self._shop = shop

    def get(self, change: str, /) -> HeldChange | None:
        found = self._changes.get(change)
        return found if found is not None and self._shop.machine(found.change.machine) is not None else None

    def putting(self, change: Change, /, *, seen_version: int) -> Effect:
        return self._changes.putting(change, seen_version=seen_version)

    def all(self) -> list[Change]:
        known: dict[str, bool] = {}
        found = self._changes.all()
        for machine in {change.machine for change in found}:
            known[machine] = self._shop.machine(machine) is not None
        return [change for change in found if known[change.machine]]


class _SeenSnapshots:
    def __init__(self, snapshots: Snapshots, shop: Shop) -> None:
        self._snapshots = snapshots
        self._shop = shop

    def add(self, snapshot: Snapshot, /) -> None:
        self._snapshots.add(snapshot)

    def newest(self, machine: str, /, *, most: int) -> list[Snapshot]:
        return self._snapshots.newest(machine, most=most) if self._shop.machine(machine) is not None else []
