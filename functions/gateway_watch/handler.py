"""Tell who watches of machines that fall silent, and count the gateways that should report and do not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cnc.cloud.bus.fan_out import FanOutInvoker
from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import FanOut, Process, Shop, Telemetry, load
from cnc.cloud.store.ledger import GatewayHealthStore
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.watchers import WatcherStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.domain.base.clock import utc_now
from cnc.services.gateway_watch import silent_gateways
from cnc.services.silence import SilenceWatch

#: Reports come every five minutes; the alarm that stands on the count looks at as long a period.
COUNTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings, FanOut):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("gateway_watch")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
shop = ShopStore(clients, table=settings.shop_table)
healths = GatewayHealthStore(clients.tenant("dynamodb"), table=settings.telemetry_table)
stores = read_stores(clients, settings)
watchers = WatcherStore(clients.tenant("dynamodb"), table=settings.shop_table)
# Watchers were asked for once per tenant, and are not for each machine.
fan_out = FanOutInvoker(lambda: clients.own("lambda"), function=settings.function_fan_out, watched=lambda: True)
silence = SilenceWatch()
counted_at: list[datetime] = []


@observer.observed
def lambda_handler(_event: Any, _context: Any) -> dict[str, int]:
    now = utc_now()
    counting = not counted_at or now - counted_at[-1] >= COUNTED_EVERY
    told = found = 0
    for entry in directory.tenants():
        with acting_for(entry.tenant):
            told += silence.look(entry.tenant, stores=stores, watchers=watchers, telling=fan_out, now=now)
            silent = silent_gateways(shop.gateways(), healths=healths, now=now) if counting else []
        if silent:
            observer.log.warning("gateways silent", extra={"of_tenant": entry.tenant, "gateways": silent})
        found += len(silent)
    if counting:
        counted_at[:] = [now]
    counts = {"SilentGateways": found, "MachinesTold": told}
    observer.count(counts)
    return counts
