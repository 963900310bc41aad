"""Everything previewed of a gateway in one query: pointers to newest rows, documents of machines, last health.

A gateway with few sources has no pointers (`FEW_SOURCES`): its newest rows are looked for.
"""

import json
from collections.abc import Mapping
from typing import Any

from cnc.cloud.dynamo import query
from cnc.cloud.store.latest import unpacked
from cnc.cloud.store.minutes import MinuteStore
from cnc.cloud.tenancy import current
from cnc.domain.base.clock import Clock, to_ms, utc_now
from cnc.services.ingest.ports import Newest
from cnc.services.read.ports import GatewayView

#: Rows stamped further ahead of now are not the newest: their gateway's clock was wrong, and may have been set since.
AHEAD_MS = 120_000


class GatewayViewStore:
    """Partition `T#<tenant>#G#<gateway>`: `L`, `H` and `E#<machine>`."""

    def __init__(self, client: Any, *, table: str, clock: Clock = utc_now) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._chunks = MinuteStore(client, table=table)

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
        documents = {sort[2:]: json.loads(item["b"]["S"]) for sort, item in items.items() if sort.startswith("E#")}
        health = items.get("H")
        few = json.loads(health["m"]["S"]) if health and "m" in health else {}
        pointers = {name: unpacked(value["S"]) for name, value in items.get("L", {}).items() if name.startswith("d_")}
        return GatewayView(
            newest=self._newest(few) if few else pointers,
            documents=documents,
            health_sent_ms=int(health["o"]["N"]) if health else None,
            applied_version=json.loads(health["b"]["S"])["config_version"] if health else None,
        )

    def _newest(self, machines: Mapping[str, str]) -> dict[str, Newest]:
        until_ms = to_ms(self._clock()) + AHEAD_MS
        found: dict[str, Newest] = {}
        for machine in dict.fromkeys(machines.values()):
            sources = [source for source, of in machines.items() if of == machine]
            found |= self._chunks.newest_of(machine, sources=sources, to_ms=until_ms)
        return found
