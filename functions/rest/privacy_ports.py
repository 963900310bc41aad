"""The ports of the routes of privacy, over the clients of this process."""

from collections.abc import Callable
from secrets import token_bytes
from typing import Protocol

from cnc.cloud.bus.work import WorkInvoker
from cnc.cloud.erasure_orders import ErasureOrders
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.every_object import ArchiveStore
from cnc.cloud.store.lazily_sealed import seal_lazily
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.privacy_rows import ConsentStore, ExportStore, PendingRows, PrivacyRows
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, TenantRows, current
from cnc.domain.base.clock import utc_now
from cnc.services.caller import Caller
from cnc.services.keys import KeyDesk
from cnc.services.privacy.exports import Export
from functions.rest.account import AccountPorts
from functions.rest.administration import AdministrationPorts
from functions.rest.privacy import Pending, PrivacyPorts


class Places(Protocol):
    """Any settings with these."""

    @property
    def telemetry_table(self) -> str: ...
    @property
    def shop_table(self) -> str: ...
    @property
    def audit_table(self) -> str: ...
    @property
    def directory_table(self) -> str: ...
    @property
    def keys_table(self) -> str: ...
    @property
    def person_key(self) -> str: ...
    @property
    def bucket(self) -> str: ...
    @property
    def function_tenant_export(self) -> str: ...
    @property
    def function_tenant_erasure(self) -> str: ...


def privacy_ports(
    clients: Clients,
    places: Places,
    *,
    caller: Callable[[], Caller],
    account: AccountPorts,
    administration: AdministrationPorts,
    keys: Callable[[], KeyDesk],
) -> PrivacyPorts:
    """`caller` is of the request at hand. From here on this process seals what it stores of people."""
    seal_lazily(clients, table=places.keys_table, key_id=places.person_key)
    dynamodb = clients.tenant("dynamodb")
    exporting = WorkInvoker(lambda: clients.own("lambda"), function=places.function_tenant_export)
    erasing = WorkInvoker(lambda: clients.own("lambda"), function=places.function_tenant_erasure)
    documents = PrivacyRows(dynamodb, places.shop_table)

    def begin_export(export: Export) -> None:
        exporting.begin_if_possible(tenant=current().tenant, export=export.id)

    def begin_erasure(person: str) -> None:
        erasing.begin_if_possible(tenant=current().tenant, person=person)

    def pending() -> Pending:
        rows, consents = (PendingRows(dynamodb, places.shop_table, noun) for noun in ("PV", "PC"))
        effects = lambda: [*rows.effects, *consents.effects]  # noqa: E731 - what was collected by then
        return Pending(rows, ExportStore(rows), ConsentStore(consents), effects)

    return PrivacyPorts(
        caller=caller,
        pending=pending,
        shop=ShopStore(clients, table=places.shop_table),
        documents=documents,
        exports=ExportStore(documents),
        archives=ArchiveStore(lambda: clients.tenant("s3"), places.bucket),
        consents=ConsentStore(PrivacyRows(dynamodb, places.shop_table, "PC")),
        orders=ErasureOrders(TenantRows(clients.own("dynamodb"), places.directory_table)),
        desk=administration.tenants.desk,
        keys=keys,
        audit=AuditStore(dynamodb, table=places.audit_table),
        chunks=MinuteStore(dynamodb, table=places.telemetry_table),
        schemas=SchemaStore(dynamodb, table=places.telemetry_table),
        export=begin_export,
        erase=begin_erasure,
        step_up=account.step_up,
        close_all=administration.tenants.close_all,
        close_person=administration.people.close_sockets,
        random=token_bytes,
        now=utc_now,
    )
