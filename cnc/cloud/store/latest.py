"""Where the newest rows of a gateway's sources are: `T#<tenant>#G#<gateway>` / `L`.

One attribute per source (its id) with a small JSON list, `o`, the `sent_ms` of the message they came with,
and `r`, when that was received.
Pointers instead of values: written once per message for all machines of a gateway, 3 write units for 20 of them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed, get_all, key
from cnc.cloud.tenancy import current
from cnc.services.ingest.ports import Newest

#: An update expression takes 300 operators.
_SOURCES_PER_UPDATE = 100
#: Messages overtake each other by less than this.
_OVERTAKING_MS = 600_000


class LatestStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def advance(self, thing: str, newest: Mapping[str, Newest], *, sent_ms: int, received_ms: int) -> None:
        """Set the pointers of these sources, unless a message sent later has set some within the last minutes.

        `sent_ms` orders messages that overtake each other; it is the gateway's clock, so when that was set back,
        the clock of the cloud lets messages through again.
        """
        sources = list(newest.items())
        for start in range(0, len(sources), _SOURCES_PER_UPDATE):
            part = dict(sources[start : start + _SOURCES_PER_UPDATE])
            try:
                self._client.update_item(**self._update(thing, part, sent_ms=sent_ms, received_ms=received_ms))
            except ClientError as error:
                if not condition_failed(error):
                    raise

    def _update(self, thing: str, newest: Mapping[str, Newest], *, sent_ms: int, received_ms: int) -> dict[str, Any]:
        values = {f":{number}": {"S": _packed(pointer)} for number, pointer in enumerate(newest.values())}
        values |= {
            ":o": {"N": str(sent_ms)},
            ":r": {"N": str(received_ms)},
            ":before": {"N": str(received_ms - _OVERTAKING_MS)},
            ":v": {"N": "1"},
        }
        sets = ",".join(f"#{number}=:{number}" for number in range(len(newest)))
        return {
            "TableName": self._table,
            "Key": key(current().partition("G", thing), "L"),
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
