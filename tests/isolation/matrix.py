"""The rows of the matrix by operation: what is asked, and every way that is tried on it."""

import random
from collections.abc import Callable, Iterator

from tests.isolation import rows_edge, rows_graphql, rows_rest, rows_store
from tests.isolation.desks import Answer, Desk
from tests.isolation.shops import Shop
from tests.isolation.ways import Attempt

Attempts = Callable[[Desk, str, Shop, Shop, random.Random], Iterator[Attempt]]

CHANNELS = (
    "edge_health", "gateway_identity", "machine_report", "receipt", "telemetry_backlog", "telemetry_events",
    "telemetry_live", "telemetry_minute",
)  # fmt: skip
STORES = (
    "table audit", "table directory", "table keys", "table shop", "table telemetry",
    "object anchor", "object export", "object parquet", "object program", "object quarantine",
    "function audit_anchor", "function fan_out", "function gateway_provisioning", "function gateway_watch",
    "function hour_close", "function hour_parquet", "function retention", "function tenant_erasure",
    "function tenant_export",
)  # fmt: skip

ROWS: dict[str, Attempts] = {
    **dict.fromkeys(rows_rest.ROUTES, rows_rest.attempts),
    **dict.fromkeys(rows_graphql.FIELDS, rows_graphql.attempts),
    **dict.fromkeys([f"up {channel}" for channel in CHANNELS], rows_edge.attempts),
    **dict.fromkeys(["down cmd", "down config", "down receipt"], rows_edge.attempts),
    **dict.fromkeys(STORES, rows_store.attempts),
}


def attempts(desk: Desk, operation: str, mine: Shop, other: Shop, rng: random.Random) -> Iterator[Attempt]:
    """Every attempt of `mine` at what is `other`'s by one operation."""
    return ROWS[operation](desk, operation, mine, other, rng)


def own(desk: Desk, operation: str, shop: Shop, *, spare: Callable[[], Shop]) -> Answer | None:
    """The operation with the tenant's own ids, which must work; None where there is nothing of its own to ask for.

    What ends something is asked of a `spare` tenant.
    """
    if operation in rows_rest.ROUTES:
        if rows_rest.ROUTES[operation].spends:
            shop = spare()
        return rows_rest.request(desk, operation, shop)
    field = rows_graphql.FIELDS.get(operation)
    if field is not None:
        return rows_graphql.asked(desk, field, shop, shop.ids.get(field.kind, ""))
    if operation.startswith(("up ", "down ")):
        act = rows_edge.acts_of(operation)[0]
        mine = {"certificate": shop.ids["certificate"], "client": shop.ids["gateway"]}
        return rows_edge.may(desk, act, rows_edge.topic_of(operation, shop), **mine)
    return None
