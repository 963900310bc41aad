"""The stores of the program vault and the write gate, over clients that sign for the tenant acted for."""

from secrets import token_bytes
from typing import Protocol

from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.changes import ChangeStore, StopStore
from cnc.cloud.store.contents import ContentStore
from cnc.cloud.store.programs import SnapshotStore, VersionStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients
from cnc.services.programs.ports import GateStores


class Places(Protocol):
    """Any settings with these three."""

    @property
    def shop_table(self) -> str: ...
    @property
    def audit_table(self) -> str: ...
    @property
    def bucket(self) -> str: ...


def gate_stores(clients: Clients, places: Places, *, tenant: str) -> GateStores:
    """One set per request, for the tenant acted for."""
    table = places.shop_table
    return GateStores(
        tenant=tenant,
        shop=ShopStore(clients, table=table),
        versions=VersionStore(clients, table=table),
        changes=ChangeStore(clients, table=table),
        snapshots=SnapshotStore(clients, table=table),
        contents=ContentStore(lambda: clients.tenant("s3"), bucket=places.bucket),
        stops=StopStore(clients, table=table),
        audit=AuditStore(clients.tenant("dynamodb"), table=places.audit_table),
        random=token_bytes,
    )
