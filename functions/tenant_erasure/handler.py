"""Erase, or go on with it: `{"v": 1, "tenant"}` for a tenant, with `"person"` for one of its people."""

from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from cnc.cloud.bus.work import WorkInvoker
from cnc.cloud.erasure import ErasedGateways, ErasedPeople, WaitingMessages
from cnc.cloud.erasure_orders import ErasureOrders
from cnc.cloud.observability import Observer
from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.settings import (
    Accounts,
    Audit,
    Bucket,
    DeadLetters,
    IotData,
    Keys,
    Process,
    Shop,
    Telemetry,
    TenantErasure,
    load,
)
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.wipes import WipeStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import to_ms, utc_now
from cnc.services.audit import Action, note
from cnc.services.privacy.erasure import ErasureState, ErasureStores, run
from cnc.services.privacy.person_erasure import PersonErasure, erase_ordered


@dataclass(frozen=True, kw_only=True)
class Settings(
    Process, Telemetry, Shop, Audit, Keys, Bucket, DirectorySettings, Accounts, DeadLetters, IotData, TenantErasure
):
    """What this function reads from its environment."""


#: A run stops this long before its time is up and begins the next one; gateways are waited for two minutes in it.
SPARE_MS = 180_000

settings = load(Settings)
observer = Observer("tenant_erasure")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
parts = PrivacyParts(clients, settings)
orders = ErasureOrders(parts.directory)
audit = AuditStore(clients.tenant("dynamodb"), table=settings.audit_table)
again = WorkInvoker(lambda: clients.own("lambda"), function=settings.function_tenant_erasure)
stores = ErasureStores(
    orders=orders,
    rows=parts.rows,
    objects=parts.objects,
    directory=parts.directory,
    gateways=ErasedGateways(
        shop=parts.shop,
        wipes=WipeStore(clients.tenant("dynamodb"), table=settings.shop_table),
        iot=lambda: clients.own("iot"),
        shadows=lambda: clients.own("iot-data", endpoint_url=settings.iot_data_endpoint),
        iot_data=lambda: clients.tenant("iot-data", endpoint_url=settings.iot_data_endpoint),
        random=token_bytes,
    ),
    people=ErasedPeople(parts.directory, parts.accounts, parts.shop.users),
    queues=WaitingMessages(lambda: clients.own("sqs"), settings.dead_letters),
    machines=parts.machines,
    audit_end=lambda: _audit_end(),
)


def _audit_end() -> tuple[int, str]:
    newest = audit.newest()
    return (newest.seq, newest.hash) if newest else (0, "")


def _person(tenant: str, person: str) -> dict[str, Any]:
    erasure = PersonErasure(
        stores=parts.person_stores(tenant),
        keys=parts.keys,
        accounts=parts.accounts,
        forget=lambda one: parts.forget(one, tenant=tenant),
        forget_archives=parts.forget_archives,
    )
    order = erase_ordered(person, parts=erasure, documents=parts.documents, now_ms=to_ms(utc_now()))
    if order is None:
        return {"state": "unknown"}
    note(Action(order["by"], "person.erased", person, "done", to_ms(utc_now())), log=audit)
    return {"state": "done"}


@observer.observed
def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    tenant = event["tenant"]
    with acting_for(tenant):
        if "person" in event:
            return _person(tenant, event["person"])
        order = orders.get(tenant)
        if order is None:
            return {"state": "unknown"}
        done = run(
            order, stores=stores, time_left=lambda: context.get_remaining_time_in_millis() > SPARE_MS, now=utc_now
        )
        if done.state is ErasureState.RUNNING:
            again.begin(tenant=tenant)
    observer.count({"TenantsErased": int(done.state is ErasureState.DONE)})
    return {"state": done.state.value}
