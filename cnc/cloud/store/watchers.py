"""Whether anybody's socket is open: rows `T#<tenant>#W` of the shop table, as `subscriptions` keeps them.

Apart from that store, because the functions that ask are on the hot path and import no PynamoDB.
"""

from itertools import islice
from typing import Any

from cnc.cloud.dynamo import query
from cnc.cloud.tenancy import current


class WatcherStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def any(self) -> bool:
        """May be a moment old: the row of a connection is there a round trip before its first operation."""
        rows = query(
            self._client,
            table=self._table,
            partition=current().partition("W"),
            first=" ",
            last="~",
            attributes="s",
            page_items=1,
        )
        return bool(list(islice(rows, 1)))
