"""Which sources a gateway speaks for, read from its configuration document and kept for a minute.

The ordinary look may be a moment old and costs half; a fresh look is read strongly consistent.
"""

import json
from collections.abc import Callable
from time import monotonic
from typing import Any

from cnc.cloud.dynamo import get
from cnc.cloud.tenancy import current
from cnc.services.ingest.ports import Assignment

KEPT_S = 60.0
#: Also a fresh look is not taken more often than this, whatever a gateway sends.
FRESH_AFTER_S = 1.0
KEPT_GATEWAYS = 10_000


class AssignmentStore:
    """Reads `T#<tenant>#G` / `<gateway>` of the shop table; kept by (tenant, thing), unknown gateways too."""

    def __init__(self, client: Any, *, table: str, monotonic_s: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._table = table
        self._monotonic_s = monotonic_s
        self._kept: dict[tuple[str, str], tuple[float, bool, Assignment | None]] = {}

    def of(self, thing: str, *, fresh: bool = False) -> Assignment | None:
        mark = (current().tenant, thing)
        now_s = self._monotonic_s()
        kept = self._kept.get(mark)
        if kept is not None and (kept[1] or not fresh) and now_s - kept[0] < (FRESH_AFTER_S if fresh else KEPT_S):
            return kept[2]
        found = self._read(thing, consistent=fresh)
        if len(self._kept) >= KEPT_GATEWAYS:
            self._kept.clear()
        self._kept[mark] = (now_s, fresh, found)
        return found

    def _read(self, thing: str, *, consistent: bool) -> Assignment | None:
        partition = current().partition("G")
        item = get(self._client, table=self._table, partition=partition, sort=thing, consistent=consistent)
        if item is None:
            return None
        document = json.loads(item["document"]["S"])
        machines = {source["id"]: source["machine"] for source in document["sources"]}
        return Assignment(site=document["site"], machines=machines)
