"""Record what gateways report of the controls they can write to."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.envelope import opened
from cnc.cloud.ingest.doors import assignment_store, quarantine_store
from cnc.cloud.iot import GatewayChannel
from cnc.cloud.observability import Observer
from cnc.cloud.programs import gate_stores
from cnc.cloud.settings import Audit, Bucket, IotData, Process, Shop, Telemetry, load
from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.changes import SwitchStore
from cnc.cloud.store.factors import ProbeStore
from cnc.cloud.store.wipes import WipeStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.services.programs.reports import ReportPorts, record_report


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Audit, Bucket, IotData):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("machine_report")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
assignments = assignment_store(clients, settings)
quarantine = quarantine_store(clients, settings)
alarms = AlarmStore(clients.tenant("dynamodb"), table=settings.telemetry_table)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    envelope = opened(event)
    with acting_for(envelope.origin.tenant):
        ports = ReportPorts(
            stores=gate_stores(clients, settings, tenant=envelope.origin.tenant),
            assignments=assignments,
            quarantine=quarantine,
            probes=ProbeStore(clients, table=settings.shop_table),
            switches=SwitchStore(clients, table=settings.shop_table),
            alarms=alarms,
            wipes=WipeStore(clients.tenant("dynamodb"), table=settings.shop_table),
            commands=GatewayChannel(clients.tenant("iot-data", endpoint_url=settings.iot_data_endpoint)),
        )
        refusal = record_report(envelope.payload, origin=envelope.origin, received_ms=envelope.received_ms, ports=ports)
    if refusal is not None:
        observer.log.warning("quarantined", extra={"thing": envelope.origin.thing, "reason": refusal.reason})
    counts = {"Quarantined": int(refusal is not None)}
    observer.count(counts)
    return counts
