"""Make an archive, or go on with it: `{"v": 1, "tenant", "export"}`."""

from dataclasses import dataclass, replace
from typing import Any

from cnc.cloud.bus.work import WorkInvoker
from cnc.cloud.observability import Observer
from cnc.cloud.privacy import PrivacyParts
from cnc.cloud.settings import Accounts, Audit, Bucket, Keys, Process, Shop, Telemetry, TenantExport, load
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.store.every_object import ArchiveStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import to_ms, utc_now
from cnc.domain.base.errors import CncError
from cnc.services.privacy.contents import machine_sections, tenant_sections
from cnc.services.privacy.exports import Export, ExportKind, ExportState, Section, run
from cnc.services.privacy.person import person_sections


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Audit, Keys, Bucket, DirectorySettings, Accounts, TenantExport):
    """What this function reads from its environment."""


#: A run stops this long before its time is up and begins the next one.
SPARE_MS = 30_000

settings = load(Settings)
observer = Observer("tenant_export")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
parts = PrivacyParts(clients, settings)
archives = ArchiveStore(lambda: clients.tenant("s3"), settings.bucket)
again = WorkInvoker(lambda: clients.own("lambda"), function=settings.function_tenant_export)


def _sections(export: Export, tenant: str) -> list[Section]:
    match export.kind:
        case ExportKind.PERSON:
            return person_sections(export, parts.person_stores(tenant))
        case ExportKind.MACHINE:
            return machine_sections(export, parts.export_stores(tenant), now=utc_now)
        case ExportKind.TENANT:
            return tenant_sections(export, parts.export_stores(tenant), now=utc_now)


@observer.observed
def lambda_handler(event: Any, context: Any) -> dict[str, str]:
    with acting_for(event["tenant"]):
        export = parts.exports.get(event["export"])
        if export is None:
            return {"state": "unknown"}
        try:
            done = run(
                export,
                sections=_sections(export, event["tenant"]),
                exports=parts.exports,
                archives=archives,
                time_left=lambda: context.get_remaining_time_in_millis() > SPARE_MS,
                now=utc_now,
            )
        except CncError as error:
            failed = replace(export, state=ExportState.FAILED, why=error.code, told_ms=to_ms(utc_now()))
            parts.exports.put(failed)
            return {"state": failed.state.value}
        if done.state is ExportState.RUNNING:
            again.begin(tenant=event["tenant"], export=export.id)
    observer.count({"ExportsDone": int(done.state is ExportState.DONE)})
    return {"state": done.state.value}
