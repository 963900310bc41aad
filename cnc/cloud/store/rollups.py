"""Hours in minutes: `T#<tenant>#M#<machine>` / `R#<hour s>#<source>#<schema>`; `c` version of the code that made it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cnc.cloud.dynamo import Item, delete_all, put_all, query
from cnc.cloud.tenancy import current
from cnc.domain.telemetry.rollup import decode_rollup, encode_rollup
from cnc.services.hours.derive import DERIVED_BY
from cnc.services.stored import SourceRollup

KEPT = timedelta(days=400)


class RollupStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def replace_hour(self, machine: str, *, hour_s: int, rollups: Sequence[SourceRollup], now: datetime) -> None:
        """Put the hour's rollups and remove those of it that are not made any more."""
        partition = current().partition("M", machine)
        expires = {"N": str(int((now + KEPT).timestamp()))}
        items = [_item(partition, hour_s, rollup, expires) for rollup in rollups]
        put_all(self._client, table=self._table, items=items)
        kept = {item["s"]["S"] for item in items}
        stale = [
            (partition, item["s"]["S"])
            for item in self._items(machine, hour_s, hour_s, attributes="s", consistent=True)
            if item["s"]["S"] not in kept
        ]
        delete_all(self._client, table=self._table, keys=stale)

    def between(self, machine: str, *, from_ms: int, to_ms: int) -> list[SourceRollup]:
        """Hours that touch the span."""
        first_s, last_s = from_ms // 3_600_000 * 3600, max(from_ms, to_ms - 1) // 3_600_000 * 3600
        return [
            SourceRollup(item["s"]["S"].split("#")[2], decode_rollup(bytes(item["b"]["B"])))
            for item in self._items(machine, first_s, last_s)
        ]

    def _items(self, machine: str, first_s: int, last_s: int, **more: Any) -> Any:
        return query(
            self._client,
            table=self._table,
            partition=current().partition("M", machine),
            first=f"R#{first_s:010d}",
            last=f"R#{last_s:010d}~",
            **more,
        )


def _item(partition: str, hour_s: int, made: SourceRollup, expires: dict[str, str]) -> Item:
    return {
        "p": {"S": partition},
        "s": {"S": f"R#{hour_s:010d}#{made.source}#{made.rollup.schema_hash.hex()}"},
        "b": {"B": encode_rollup(made.rollup)},
        "c": {"N": str(DERIVED_BY)},
        "v": {"N": "1"},
        "x": expires,
    }
