"""Everything previewed of a gateway in one query: pointers to newest rows, documents of machines, last health."""

import json
from typing import Any

from cnc.cloud.dynamo import query
from cnc.cloud.store.latest import unpacked
from cnc.cloud.tenancy import current
from cnc.services.read.ports import GatewayView


class GatewayViewStore:
    """Partition `T#<tenant>#G#<gateway>`: `L`, `H` and `E#<machine>`."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def of(self, thing: str) -> GatewayView:
        items = {
            item["s"]["S"]: item
            for item in query(
                self._client,
                table=self._table,
                partition=current().partition("G", thing),
                first="E#",
                last="L",
                consistent=True,
            )
        }
        newest = {name: unpacked(value["S"]) for name, value in items.get("L", {}).items() if name.startswith("d_")}
        documents = {sort[2:]: json.loads(item["b"]["S"]) for sort, item in items.items() if sort.startswith("E#")}
        health = items.get("H")
        return GatewayView(
            newest=newest,
            documents=documents,
            health_sent_ms=int(health["o"]["N"]) if health else None,
            applied_version=json.loads(health["b"]["S"])["config_version"] if health else None,
        )
