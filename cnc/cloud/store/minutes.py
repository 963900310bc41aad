"""Chunks of a minute: `T#<tenant>#M#<machine>` / `C#<t0 s>#<source>#<boot>#<first seq>#<rows>`.

The number of rows is part of the key, so that a minute that was cut differently the second time stands beside the
first one and can never replace it by less. What its header says is not said again beside the chunk.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from cnc.cloud.dynamo import Item, get_all, put_all, query
from cnc.cloud.store.latest import LatestStore
from cnc.cloud.tenancy import current
from cnc.domain.telemetry.chunk import HEADER
from cnc.domain.telemetry.extent import Extent
from cnc.services.ingest.ports import NewChunk, Newest, Pointers
from cnc.services.stored import StoredChunk

#: Chunks of a source that are looked at for its newest rows, and how many at most while another one is missing.
_LOOK = 4
_LOOK_BACK = 32


class MinuteStore:
    """Chunks of the tenant acted for, over one DynamoDB client that signs for tenants."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table
        self._latest = LatestStore(client, table=table)

    def put(self, chunks: Sequence[NewChunk], *, expires_at: datetime, pointers: Pointers | None = None) -> None:
        """Put chunks, each under the key of its rows; again is the same. Raises StoreThrottled.

        Pointers to all sources of a gateway travel in the same call; a pointer to a chunk that is not there yet
        is read as nothing.
        """
        expires = {"N": str(int(expires_at.timestamp()))}
        context = current()
        items = [_item(context.partition("M", chunk.machine), chunk, expires) for chunk in chunks]
        if pointers is not None and pointers.whole:
            items += self._latest.whole(pointers)
        put_all(self._client, table=self._table, items=items)
        if pointers is not None and not pointers.whole:
            self._latest.advance(pointers)

    def extents(
        self, machine: str, *, from_ms: int, to_ms: int, source: str = "", boot: str = "", consistent: bool = True
    ) -> list[tuple[Extent, bytes]]:
        """Extent and schema hash of the chunks that start within the span, as stored in this moment."""
        return [
            (stored.extent, stored.schema_hash)
            for stored in self.between(machine, from_ms=from_ms, to_ms=to_ms, consistent=consistent)
            if source in ("", stored.extent.source) and boot in ("", stored.extent.boot)
        ]

    def between(
        self, machine: str, *, from_ms: int, to_ms: int, consistent: bool = False, newest_first: bool = False
    ) -> Iterator[StoredChunk]:
        """Chunks whose minute starts within the span, by time."""
        items = query(
            self._client,
            table=self._table,
            partition=current().partition("M", machine),
            first=_minute(from_ms),
            last=f"{_minute(to_ms)}~",
            consistent=consistent,
            newest_first=newest_first,
        )
        return map(_stored, items)

    def newest_of(self, machine: str, *, sources: Sequence[str], to_ms: int) -> dict[str, Newest]:
        """Newest rows by source, of those stamped before `to_ms`.

        Looks at the last chunks of the machine, at least a few of each source, so that a clock that was set back
        hides nothing, and at most `_LOOK_BACK` of each: a source silent for longer than the others is not found.
        """
        page = _LOOK * len(sources)
        items = query(
            self._client,
            table=self._table,
            partition=current().partition("M", machine),
            first="C#",
            last=f"{_minute(to_ms)}~",
            newest_first=True,
            page_items=page,
        )
        found: dict[str, Newest] = {}
        for number, item in enumerate(islice(items, _LOOK_BACK * len(sources)), 1):
            stored = _stored(item)
            source, at = stored.extent.source, _newest(machine, stored)
            if source in sources and (source not in found or found[source].order < at.order):
                found[source] = at
            if number >= page and len(found) == len(sources):
                break
        return found

    def newest(self, pointers: Mapping[str, Newest]) -> dict[str, StoredChunk]:
        """The chunk each source's pointer names, as far as it is still there."""
        keys = {
            (current().partition("M", at.machine), _sort(at.t0_ms, source, at.boot, at.first, at.rows)): source
            for source, at in pointers.items()
        }
        items = get_all(self._client, table=self._table, keys=list(keys))
        return {stored.extent.source: stored for stored in map(_stored, items)}


def _item(partition: str, new: NewChunk, expires: dict[str, str]) -> Item:
    head = new.header
    item: Item = {
        "p": {"S": partition},
        "s": {"S": _sort(head.t0_ms, new.source, head.boot.hex(), head.first_seq, head.rows)},
        "b": {"B": new.chunk},
        "v": {"N": "1"},
        "x": expires,
    }
    if new.events:
        item["e"] = {"B": new.events}
    if new.skew_ms:
        item["w"] = {"N": str(new.skew_ms)}
    return item


def _stored(item: Item) -> StoredChunk:
    _, _, source, boot, _, _ = item["s"]["S"].split("#")
    chunk = bytes(item["b"]["B"])
    if len(chunk) < HEADER.size:
        raise ValueError(f"chunk {item['s']['S']} has {len(chunk)} bytes, expected {HEADER.size} or more")
    _, _, _, _, first, t0_ms, period_ms, rows, _, _ = HEADER.unpack_from(chunk)
    extent = Extent(source=source, boot=boot, first=first, rows=rows, t0_ms=t0_ms, period_ms=period_ms)
    return StoredChunk(extent, chunk, bytes(item["e"]["B"]) if "e" in item else b"")


def _newest(machine: str, stored: StoredChunk) -> Newest:
    at = stored.extent
    end_ms = at.t0_ms + at.rows * at.period_ms
    return Newest(machine, at.boot, at.first, at.rows, at.t0_ms, end_ms, stored.schema_hash.hex())


def _sort(t0_ms: int, source: str, boot: str, first: int, rows: int) -> str:
    return f"{_minute(t0_ms)}#{source}#{boot}#{first:012d}#{rows:04d}"


def _minute(ms: int) -> str:
    return f"C#{ms // 60_000 * 60:010d}"
