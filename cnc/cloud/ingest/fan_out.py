"""The way to those who watch, for functions that bring news of machines."""

from typing import Protocol

from cnc.cloud.bus.fan_out import FanOutInvoker
from cnc.cloud.store.watchers import WatcherStore
from cnc.cloud.tenancy import Clients


class Watched(Protocol):
    """Any settings with these two."""

    @property
    def shop_table(self) -> str: ...
    @property
    def function_fan_out(self) -> str: ...


def fan_out(clients: Clients, settings: Watched) -> FanOutInvoker:
    return FanOutInvoker(
        lambda: clients.own("lambda"),
        function=settings.function_fan_out,
        watched=WatcherStore(clients.tenant("dynamodb"), table=settings.shop_table).any,
    )
