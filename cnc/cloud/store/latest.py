"""Where the newest rows of a gateway's sources are: `T#<tenant>#G#<gateway>` / `L`.

One attribute per source (its id) with a small JSON list, `o`, the `sent_ms` of the message they came with,
and `r`, when that was received.
Pointers instead of values: written once per message for all machines of a gateway, 3 write units for 20 of them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import Item, condition_failed, get_all, key
from cnc.cloud.tenancy import current
from cnc.services.ingest.ports import Newest, Pointers

#: An update expression takes 300 operators.
_SOURCES_PER_UPDATE = 100
#: Messages overtake each other by less than this.
_OVERTAKING_MS = 600_000
_KEPT_GATEWAYS = 10_000


class LatestStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table
        self._put: dict[tuple[str, str], Pointers] = {}

    def whole(self, pointers: Pointers) -> list[Item]:
        """The item that replaces all pointers of a gateway, or none when this process put newer ones.

        Unconditional, so that it may travel with the chunks: a message overtaken on its way through another process
        shows rows of a minute ago until the next one comes.
        """
        context = current()
        held = self._put.get((context.tenant, pointers.thing))
        overtaking = held is not None and pointers.received_ms - held.received_ms <= _OVERTAKING_MS
        if held is not None and overtaking and pointers.sent_ms < held.sent_ms:
            return []
        if len(self._put) >= _KEPT_GATEWAYS:
            self._put.clear()
        self._put[context.tenant, pointers.thing] = pointers
        item: Item = {
            **key(context.partition("G", pointers.thing), "L"),
            "o": {"N": str(pointers.sent_ms)},
            "r": {"N": str(pointers.received_ms)},
            "v": {"N": "1"},
        }
        item |= {source: {"S": _packed(newest)} for source, newest in pointers.newest.items()}
        return [item]

    def advance(self, pointers: Pointers) -> None:
        """Set the pointers of some sources, unless a message sent later has set some within the last minutes."""
        sources = list(pointers.newest.items())
        for start in range(0, len(sources), _SOURCES_PER_UPDATE):
            update = self._update(pointers, dict(sources[start : start + _SOURCES_PER_UPDATE]))
            try:
                self._client.update_item(**update)
            except ClientError as error:
                if not condition_failed(error):
                    raise

    def _update(self, pointers: Pointers, newest: Mapping[str, Newest]) -> dict[str, Any]:
        values = {f":{number}": {"S": _packed(pointer)} for number, pointer in enumerate(newest.values())}
        values |= {
            ":o": {"N": str(pointers.sent_ms)},
            ":r": {"N": str(pointers.received_ms)},
            ":before": {"N": str(pointers.received_ms - _OVERTAKING_MS)},
            ":v": {"N": "1"},
        }
        sets = ",".join(f"#{number}=:{number}" for number in range(len(newest)))
        return {
            "TableName": self._table,
            "Key": key(current().partition("G", pointers.thing), "L"),
            "UpdateExpression": f"SET {sets},o=:o,r=:r,v=:v",
            "ConditionExpression": "attribute_not_exists(o) OR o<=:o OR r<:before",
            "ExpressionAttributeNames": {f"#{number}": source for number, source in enumerate(newest)},
            "ExpressionAttributeValues": values,
        }

    def of(self, things: Sequence[str]) -> dict[str, Newest]:
        """Pointer per source of these gateways."""
        keys = [(current().partition("G", thing), "L") for thing in things]
        items = get_all(self._client, table=self._table, keys=keys)
        return {name: unpacked(value["S"]) for item in items for name, value in item.items() if name.startswith("d_")}


def _packed(newest: Newest) -> str:
    row = (newest.machine, newest.boot, newest.first, newest.rows, newest.t0_ms, newest.end_ms, newest.schema)
    return json.dumps(row, separators=(",", ":"))


def unpacked(text: str) -> Newest:
    """The pointer in one attribute."""
    return Newest(*json.loads(text))
