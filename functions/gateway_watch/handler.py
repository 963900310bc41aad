"""Count the gateways that should report and do not; an alarm stands on the count."""

from dataclasses import dataclass
from typing import Any

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Process, Shop, Telemetry, load
from cnc.cloud.store.ledger import GatewayHealthStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.gateway_watch import silent_gateways


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("gateway_watch")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
shop = ShopStore(clients, table=settings.shop_table)
healths = GatewayHealthStore(clients.tenant("dynamodb"), table=settings.telemetry_table)


@observer.observed
def lambda_handler(_event: Any, _context: Any) -> dict[str, int]:
    found = 0
    for entry in directory.tenants():
        with acting_for(entry.tenant):
            silent = silent_gateways(shop.gateways(), healths=healths, now=utc_now())
        if silent:
            observer.log.warning("gateways silent", extra={"of_tenant": entry.tenant, "gateways": silent})
        found += len(silent)
    counts = {"SilentGateways": found}
    observer.count(counts)
    return counts
