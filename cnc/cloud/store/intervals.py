"""State intervals, cut at full hours: `T#<tenant>#M#<machine>` / `S#<start ms>#<source>#<boot>#<seq>`.

`k` execution, `to` end ms, `c` version of the code that made it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cnc.cloud.dynamo import Item, delete_all, put_all, query
from cnc.cloud.tenancy import current
from cnc.services.hours.derive import DERIVED_BY
from cnc.services.stored import SourceInterval

KEPT = timedelta(days=400)
HOUR_MS = 3_600_000


class IntervalStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def replace_hour(self, machine: str, *, hour_ms: int, intervals: Sequence[SourceInterval], now: datetime) -> None:
        """Put the hour's intervals and remove those of it that are not made any more."""
        partition = current().partition("M", machine)
        expires = {"N": str(int((now + KEPT).timestamp()))}
        items = [_item(partition, interval, expires) for interval in intervals]
        put_all(self._client, table=self._table, items=items)
        kept = {item["s"]["S"] for item in items}
        stale = [
            (partition, item["s"]["S"])
            for item in self._items(machine, hour_ms, hour_ms + HOUR_MS - 1, consistent=True)
            if item["s"]["S"] not in kept
        ]
        delete_all(self._client, table=self._table, keys=stale)

    def between(self, machine: str, *, from_ms: int, to_ms: int) -> list[SourceInterval]:
        """Intervals that touch the span, by start: they are cut at hours, so they start within its first hour."""
        found = map(_interval, self._items(machine, from_ms // HOUR_MS * HOUR_MS, to_ms - 1))
        return [interval for interval in found if interval.to_ms > from_ms]

    def _items(self, machine: str, first_ms: int, last_ms: int, *, consistent: bool = False) -> Any:
        return query(
            self._client,
            table=self._table,
            partition=current().partition("M", machine),
            first=f"S#{first_ms:013d}",
            last=f"S#{last_ms:013d}~",
            consistent=consistent,
        )


def _item(partition: str, made: SourceInterval, expires: dict[str, str]) -> Item:
    return {
        "p": {"S": partition},
        "s": {"S": f"S#{made.from_ms:013d}#{made.source}#{made.boot}#{made.seq:012d}"},
        "k": {"S": made.execution},
        "to": {"N": str(made.to_ms)},
        "c": {"N": str(DERIVED_BY)},
        "v": {"N": "1"},
        "x": expires,
    }


def _interval(item: Item) -> SourceInterval:
    _, start, source, boot, seq = item["s"]["S"].split("#")
    return SourceInterval(source, boot, int(seq), item["k"]["S"], int(start), int(item["to"]["N"]))
