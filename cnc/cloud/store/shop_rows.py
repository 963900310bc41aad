"""Rows of the shop table as PynamoDB models, whose one connection signs for the tenant acted for.

PynamoDB keeps a connection per model class for good; here that connection has the tenant's credentials resolved at
signing time, so that two tenants of one process cannot share a session.
"""

from typing import Any, ClassVar

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection.base import Connection, MetaTable
from pynamodb.connection.table import TableConnection
from pynamodb.models import Model

from cnc.cloud.tenancy import Clients


class TenantConnection(Connection):
    """A PynamoDB connection over the client that signs for tenants: the one that all stores of the process share."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(region=clients.region)
        self._clients = clients

    @property
    def client(self) -> Any:
        return self._clients.tenant("dynamodb")


class ShopRow(Model):
    """What all rows have: the keys, and the version of their shape."""

    class Meta:
        table_name = ""
        region = ""

    _bound: ClassVar[tuple[TenantConnection, str] | None] = None
    _tenant_table: ClassVar[TableConnection | None] = None

    p = UnicodeAttribute(hash_key=True)
    s = UnicodeAttribute(range_key=True)
    v = NumberAttribute(default=1)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if ShopRow._bound is None:
            raise RuntimeError("shop rows are not bound to a table: call bind() first")
        connection, table = ShopRow._bound
        held: TableConnection | None = cls.__dict__.get("_tenant_table")
        if held is None or held.connection is not connection or held.table_name != table:
            held = TableConnection(table, region=connection.region)
            held.connection = connection
            cls._tenant_table = held
        return held


def bind(clients: Clients, *, table: str) -> None:
    """Use this table, and these clients' tenant sessions, for all rows of this process from now on."""
    connection = TenantConnection(clients)
    keys = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
    kinds = [{"AttributeName": name, "AttributeType": "S"} for name in ("p", "s")]
    connection.add_meta_table(MetaTable({"TableName": table, "KeySchema": keys, "AttributeDefinitions": kinds}))
    ShopRow._bound = (connection, table)


class TenantRow(ShopRow):
    """`people_v` counts changes of memberships."""

    name = UnicodeAttribute()
    created_ms = NumberAttribute()
    people_v = NumberAttribute(null=True)


class SiteRow(ShopRow):
    name = UnicodeAttribute()
    time_zone = UnicodeAttribute()


class MachineRow(ShopRow):
    """`sources` are ids joined by commas."""

    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    cell = UnicodeAttribute()
    site = UnicodeAttribute()
    simulated = BooleanAttribute()
    part_target = NumberAttribute(null=True)
    gateway = UnicodeAttribute(null=True)
    sources = UnicodeAttribute(null=True)


class GatewayRow(ShopRow):
    """Ingest reads `document` without PynamoDB."""

    name = UnicodeAttribute()
    site = UnicodeAttribute()
    version = NumberAttribute()
    document = UnicodeAttribute()
    certificate = UnicodeAttribute(null=True)


class UserRow(ShopRow):
    issuer = UnicodeAttribute()
    subject = UnicodeAttribute()
    email = UnicodeAttribute()
    name = UnicodeAttribute()
    roles = UnicodeAttribute()
    grants = UnicodeAttribute(null=True)
    ends_ms = NumberAttribute(null=True)
    left_ms = NumberAttribute(null=True)


class InvitationRow(ShopRow):
    """`x` ends the row, and the address in it, a day after the invitation itself."""

    email = UnicodeAttribute()
    grants = UnicodeAttribute()
    token_hash = UnicodeAttribute()
    invited_by = UnicodeAttribute()
    created_ms = NumberAttribute()
    ends_ms = NumberAttribute()
    access_ends_ms = NumberAttribute(null=True)
    state = UnicodeAttribute()
    accepted_by = UnicodeAttribute(null=True)
    x = NumberAttribute()


class ApiKeyRow(ShopRow):
    name = UnicodeAttribute()
    key_hash = UnicodeAttribute()
    scopes = UnicodeAttribute()
    roles = UnicodeAttribute()
    created_ms = NumberAttribute()
    ends_ms = NumberAttribute(null=True)
    prefix = UnicodeAttribute(null=True)
    sites = UnicodeAttribute(null=True)
    created_by = UnicodeAttribute(null=True)
    revoked_ms = NumberAttribute(null=True)


class SubscriptionRow(ShopRow):
    """One running operation of one WebSocket connection; `x` ends it with its connection at the latest."""

    document = UnicodeAttribute()
    variables = UnicodeAttribute()
    caller = UnicodeAttribute()
    operation_name = UnicodeAttribute(null=True)
    x = NumberAttribute()
