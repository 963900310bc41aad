"""Tables of their own for tenants that ask for it: the same stores, over other table names.

A pooled tenant's rows lie in `cnc-<stage>-<noun>`, those of a silo in `cnc-<stage>-<noun>-<silo>`. The client that
signs for tenants names tables, so that no store knows of it: whatever is asked for is asked of the tables of whoever is
acted for. Who has a silo is configuration (infra_cdk/silos.toml), the same for every function of a stage.
"""

from collections.abc import Mapping
from typing import Any

from cnc.cloud.tenancy.context import current

#: Parts of answers that are keyed by table.
_KEYED = ("Responses", "UnprocessedKeys", "UnprocessedItems")


class Silos:
    """`names` is tenant id -> silo. One per process."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def table(self, table: str) -> str:
        """The table that holds such rows of the tenant acted for."""
        silo = self._names.get(current().tenant)
        return f"{table}-{silo}" if silo else table

    def watch(self, client: Any) -> None:
        """Name tables in every request of this client, and in its answers as the caller named them."""
        if self._names:
            client.meta.events.register("provide-client-params.dynamodb", self._asked)
            client.meta.events.register("after-call.dynamodb", self._answered)

    def _asked(self, params: dict[str, Any], **_: Any) -> dict[str, Any] | None:
        """The parameters with other table names; None leaves them as they are. The caller's own stay untouched."""
        if current().tenant not in self._names:
            return None
        named = dict(params)
        if "TableName" in named:
            named["TableName"] = self.table(named["TableName"])
        if "RequestItems" in named:
            named["RequestItems"] = {self.table(table): asked for table, asked in named["RequestItems"].items()}
        if "TransactItems" in named:
            named["TransactItems"] = [self._part(part) for part in named["TransactItems"]]
        return named

    def _part(self, part: Mapping[str, Any]) -> dict[str, Any]:
        return {kind: {**one, "TableName": self.table(one["TableName"])} for kind, one in part.items()}

    def _answered(self, parsed: dict[str, Any], **_: Any) -> None:
        silo = self._names.get(current().tenant)
        if not silo:
            return
        for part in _KEYED:
            if isinstance(parsed.get(part), dict):
                parsed[part] = {table.removesuffix(f"-{silo}"): rows for table, rows in parsed[part].items()}
