"""Live leases over the IoT data plane, whose client is made when the first one is asked for.

Most requests only read; a client of one more service costs a tenth of a cold start.
"""

from datetime import datetime

from cnc.cloud.iot import GatewayChannel
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.tenancy import Clients
from cnc.services.caller import Caller
from cnc.services.watch import Watch


class LiveLeases:
    """The `Watches` port of GraphQL, for the tenant acted for."""

    def __init__(self, clients: Clients, *, shop: ShopStore, endpoint: str) -> None:
        self._clients = clients
        self._shop = shop
        self._endpoint = endpoint

    def watch(self, machine: str, *, caller: Caller, now: datetime) -> datetime:
        """When the lease ends. Raises CncError `auth.forbidden`, `machine.not_found`, `gateway.not_found`."""
        channel = GatewayChannel(self._clients.tenant("iot-data", endpoint_url=self._endpoint))
        return Watch(machines=self._shop, commands=channel, sites=self._shop).watch(machine, caller=caller, now=now)
