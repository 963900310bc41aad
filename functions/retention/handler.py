"""Begin erasures that are due and exports that stopped; once a day remove what is kept no longer, and report."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.bus.work import WorkInvoker
from cnc.cloud.erasure_orders import ErasureOrders
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Bucket, Process, Shop, Telemetry, TenantErasure, TenantExport, load
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.store.every_object import EveryObject
from cnc.cloud.store.everything import EveryRow
from cnc.cloud.store.privacy_rows import ExportStore, PrivacyRows
from cnc.cloud.tenancy import Clients, Directory, TenantRows, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.privacy.erasure import due
from cnc.services.privacy.person_erasure import waiting_people
from cnc.services.privacy.retention import RetentionStores, daily, waiting_exports


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Bucket, DirectorySettings, TenantExport, TenantErasure):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("retention")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
dynamodb = clients.tenant("dynamodb")
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
orders = ErasureOrders(TenantRows(clients.own("dynamodb"), settings.directory_table))
exporting = WorkInvoker(lambda: clients.own("lambda"), function=settings.function_tenant_export)
erasing = WorkInvoker(lambda: clients.own("lambda"), function=settings.function_tenant_erasure)
documents = PrivacyRows(dynamodb, settings.shop_table)
stores = RetentionStores(
    rows=EveryRow(dynamodb, {"shop": settings.shop_table, "telemetry": settings.telemetry_table}),
    objects=EveryObject(lambda: clients.tenant("s3"), settings.bucket),
    exports=ExportStore(documents),
    documents=documents,
)


@observer.observed
def lambda_handler(_event: Any, _context: Any) -> dict[str, int]:
    now = utc_now()
    counts = dict.fromkeys(("ErasuresBegun", "ExportsResumed", "RetentionRemoved", "RetentionLate"), 0)
    for erasure in orders.all():
        if due(erasure, now=now):
            erasing.begin(tenant=erasure.tenant)
            counts["ErasuresBegun"] += 1
    for entry in directory.tenants():
        with acting_for(entry.tenant):
            for export in waiting_exports(stores.exports, now=now):
                exporting.begin(tenant=entry.tenant, export=export.id)
                counts["ExportsResumed"] += 1
            for person in waiting_people(documents, now=now):
                erasing.begin(tenant=entry.tenant, person=person)
                counts["ErasuresBegun"] += 1
            report = daily(stores, now=now)
            if report is not None:
                counts["RetentionRemoved"] += sum(report.removed.values())
                counts["RetentionLate"] += sum(report.late.values())
    observer.count(counts)
    return counts
