"""Gateways that told that they hold nothing of the tenant any more: `T#<tenant>#PV` / `wiped#<thing>`."""

import json
from typing import Any

from cnc.cloud.dynamo import key, query
from cnc.cloud.tenancy import current


class WipeStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def told(self, thing: str, request: str, /, *, files: int, size: int) -> None:
        body = json.dumps({"request": request, "files": files, "size": size}, separators=(",", ":"), sort_keys=True)
        item = {**key(current().partition("PV"), f"wiped#{thing}"), "b": {"S": body}, "v": {"N": "1"}}
        self._client.put_item(TableName=self._table, Item=item)

    def all(self) -> dict[str, dict[str, Any]]:
        """What was told, by thing."""
        items = query(
            self._client,
            table=self._table,
            partition=current().partition("PV"),
            first="wiped#",
            last="wiped#~",
            consistent=True,
        )
        return {item["s"]["S"].removeprefix("wiped#"): json.loads(item["b"]["S"]) for item in items}
