"""Deliver one event of a machine to every subscriber of its tenant."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from cnc_graphql.context import Context
from cnc_graphql.fan_out import FanOut
from cnc_graphql.no_watching import NoWatching

from cnc.cloud.observability import Observer
from cnc.cloud.settings import Directory as DirectorySettings
from cnc.cloud.settings import Process, Shop, Telemetry, WebSocket, load
from cnc.cloud.store.reads import read_stores
from cnc.cloud.store.subscriptions import SubscriptionStore
from cnc.cloud.tenancy import Clients, Directory, acting_for
from cnc.cloud.websocket import ConnectionPost
from cnc.domain.base.clock import utc_now
from cnc.services.caller import Caller
from cnc.services.read.reads import ShopReads
from cnc.services.standing import Standing
from cnc.services.subscriptions import Sockets


@dataclass(frozen=True, kw_only=True)
class Settings(Process, Telemetry, Shop, DirectorySettings, WebSocket):
    """What this function reads from its environment."""


settings = load(Settings)
observer = Observer("fan_out")
clients = Clients(region=settings.aws_region, tenant_role_arn=settings.tenant_role_arn)
stores = read_stores(clients, settings)
directory = Directory(clients.own("dynamodb"), table=settings.directory_table)
standing = Standing(directory)
sockets = Sockets(
    connections=directory,
    registrations=SubscriptionStore(clients, table=settings.shop_table),
)
post = ConnectionPost(clients.own("apigatewaymanagementapi", endpoint_url=settings.websocket_url))


@observer.observed
def lambda_handler(event: Any, _context_of_lambda: Any) -> dict[str, int]:
    def context_of(caller: Caller) -> Context:
        return Context(
            caller=caller,
            now=utc_now(),
            ports=ShopReads(stores, caller=caller),
            watches=NoWatching(),
            monotonic_s=monotonic,
            event=event,
        )

    now = utc_now()
    fan_out = FanOut(
        sockets=sockets,
        post=post,
        context_of=context_of,
        holds=lambda caller: standing.holds(caller, now=now),
    )
    with acting_for(event["tenant"]):
        delivered = fan_out.deliver(now=now)
    counts = {"Runs": delivered.runs, "Messages": delivered.messages, "Gone": delivered.gone}
    observer.count(counts)
    return counts
