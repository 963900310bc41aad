"""The stores of the read side, over one client that signs for the tenant acted for."""

from typing import Protocol

from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.dirty import DirtyHourStore
from cnc.cloud.store.intervals import IntervalStore
from cnc.cloud.store.ledger import LedgerStore
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.store.rollups import RollupStore
from cnc.cloud.store.schemas import SchemaStore
from cnc.cloud.store.shop import ShopStore
from cnc.cloud.store.views import GatewayViewStore
from cnc.cloud.tenancy import Clients
from cnc.services.read.ports import ReadStores


class Tables(Protocol):
    """Any settings with these two."""

    @property
    def telemetry_table(self) -> str: ...
    @property
    def shop_table(self) -> str: ...


def read_stores(clients: Clients, settings: Tables) -> ReadStores:
    """One set per process; a read never needs the bucket."""
    dynamodb, table = clients.tenant("dynamodb"), settings.telemetry_table
    return ReadStores(
        shop=ShopStore(clients, table=settings.shop_table),
        views=GatewayViewStore(dynamodb, table=table),
        chunks=MinuteStore(dynamodb, table=table),
        schemas=SchemaStore(dynamodb, table=table),
        rollups=RollupStore(dynamodb, table=table),
        intervals=IntervalStore(dynamodb, table=table),
        ledgers=LedgerStore(dynamodb, table=table),
        marks=DirtyHourStore(dynamodb, table=table),
        alarms=AlarmStore(dynamodb, table=table),
        quarantined=QuarantineStore(dynamodb=dynamodb, table=table, s3=lambda: clients.tenant("s3"), bucket=""),
    )
