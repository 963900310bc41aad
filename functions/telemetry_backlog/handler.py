"""Store minutes that gateways held back during an outage; apart, so that they never delay live data."""

from typing import Any

from cnc.cloud.ingest.minutes import MinuteSettings, minute_stores, take_minute
from cnc.cloud.observability import Observer
from cnc.cloud.settings import load
from cnc.cloud.tenancy import Clients

settings = load(MinuteSettings)
observer = Observer("telemetry_backlog")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = minute_stores(clients, settings)


@observer.observed
def lambda_handler(event: Any, _context: Any) -> dict[str, int]:
    return take_minute(event, stores=stores, observer=observer, held_back=True)
