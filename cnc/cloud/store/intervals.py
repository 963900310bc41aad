"""State intervals of an hour: `T#<tenant>#M#<machine>` / `S#<hour ms>`, all sources of the machine in one item.

`b`: deflated JSON `[[source, boot, seq, execution, from, to], …]`, times in ms from the hour's start; `c` version of
the code that made it. Hours closed by earlier versions have an item per interval, `S#<start ms>#<source>#<boot>#<seq>`
with `k` execution and `to` end ms, until they are made again.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
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
        items = [_item(partition, hour_ms, intervals, expires)] if intervals else []
        put_all(self._client, table=self._table, items=items)
        kept = {item["s"]["S"] for item in items}
        stale = [
            (partition, item["s"]["S"])
            for item in self._items(machine, hour_ms, hour_ms + HOUR_MS - 1, attributes="s", consistent=True)
            if item["s"]["S"] not in kept
        ]
        delete_all(self._client, table=self._table, keys=stale)

    def between(self, machine: str, *, from_ms: int, to_ms: int) -> list[SourceInterval]:
        """Intervals that touch the span, by start: they are cut at hours, so they start within its first hour."""
        items = self._items(machine, from_ms // HOUR_MS * HOUR_MS, to_ms - 1)
        found = [made for item in items for made in _intervals(item) if made.to_ms > from_ms and made.from_ms < to_ms]
        return sorted(found, key=lambda made: made.from_ms)

    def _items(self, machine: str, first_ms: int, last_ms: int, **more: Any) -> Iterator[Item]:
        return query(
            self._client,
            table=self._table,
            partition=current().partition("M", machine),
            first=f"S#{first_ms:013d}",
            last=f"S#{last_ms:013d}~",
            **more,
        )


def _item(partition: str, hour_ms: int, intervals: Sequence[SourceInterval], expires: dict[str, str]) -> Item:
    rows = [
        (made.source, made.boot, made.seq, made.execution, made.from_ms - hour_ms, made.to_ms - hour_ms)
        for made in intervals
    ]
    return {
        "p": {"S": partition},
        "s": {"S": f"S#{hour_ms:013d}"},
        "b": {"B": zlib.compress(json.dumps(rows, separators=(",", ":")).encode())},
        "c": {"N": str(DERIVED_BY)},
        "v": {"N": "1"},
        "x": expires,
    }


def _intervals(item: Item) -> Iterator[SourceInterval]:
    _, start, *name = item["s"]["S"].split("#")
    start_ms = int(start)
    if name:
        source, boot, seq = name
        yield SourceInterval(source, boot, int(seq), item["k"]["S"], start_ms, int(item["to"]["N"]))
        return
    for source, boot, seq, execution, from_ms, to_ms in json.loads(zlib.decompress(bytes(item["b"]["B"]))):
        yield SourceInterval(source, boot, seq, execution, start_ms + from_ms, start_ms + to_ms)
