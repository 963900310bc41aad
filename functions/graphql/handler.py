"""Answer GraphQL queries and mutations over HTTP."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from cnc_graphql.context import Context
from cnc_graphql.documents import load as load_documents
from cnc_graphql.http import respond

from cnc.cloud.leases import LiveLeases
from cnc.cloud.observability import Observer
from cnc.cloud.rates import Rates
from cnc.cloud.settings import IotData, Keys, Process, Shop, Telemetry, load
from cnc.cloud.store.lazily_sealed import seal_lazily
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients, acting_for
from cnc.domain.base.clock import utc_now
from cnc.domain.rates.costs import Cost
from cnc.services.caller import Caller
from cnc.services.read.reads import ShopReads


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, Keys, IotData):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("graphql")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
seal_lazily(clients, table=settings.keys_table, key_id=settings.person_key)
stores = read_stores(clients, settings)
leases = LiveLeases(clients, shop=ShopStore(clients, table=settings.shop_table), endpoint=settings.iot_data_endpoint)
documents = load_documents()
rates = Rates(clients, table=settings.shop_table, observer=observer)
ASKING = Cost(1)  # the document itself is charged once its cost is known


def _context(caller: Caller, request_id: str) -> Context:
    return Context(
        caller=caller,
        now=utc_now(),
        ports=ShopReads(stores, caller=caller),
        watches=leases,
        monotonic_s=monotonic,
        request_id=request_id,
    )


@observer.observed
def lambda_handler(event: Any, _context_of_lambda: Any) -> dict[str, Any]:
    return respond(event, acting_for=acting_for, context_of=_context, documents=documents, gauge=rates.gauge(ASKING))
