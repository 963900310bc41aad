"""Where the newest rows of a gateway's sources are: `T#<tenant>#G#<gateway>` / `L`.

One attribute per source (its id) with a small JSON list, and `o`, the `sent_ms` of the message they came with.
Pointers instead of values: written once per message for all machines of a gateway, 3 write units for 20 of them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed, key
from cnc.cloud.tenancy import current
from cnc.services.ingest.ports import Newest

_BATCH_GET = 100


class LatestStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def advance(self, thing: str, newest: Mapping[str, Newest], *, sent_ms: int) -> None:
        """Set the pointers of these sources, unless a message sent later has set some already."""
        names = {f"#{number}": source for number, source in enumerate(newest)}
        values = {f":{number}": {"S": _packed(pointer)} for number, pointer in enumerate(newest.values())}
        sets = ",".join(f"#{number}=:{number}" for number in range(len(newest)))
        try:
            self._client.update_item(
                TableName=self._table,
                Key=key(current().partition("G", thing), "L"),
                UpdateExpression=f"SET {sets},o=:o,v=:v",
                ConditionExpression="attribute_not_exists(o) OR o<=:o",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={**values, ":o": {"N": str(sent_ms)}, ":v": {"N": "1"}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def of(self, things: Sequence[str]) -> dict[str, Newest]:
        """Pointer per source of these gateways."""
        keys = [key(current().partition("G", thing), "L") for thing in dict.fromkeys(things)]
        found: dict[str, Newest] = {}
        for start in range(0, len(keys), _BATCH_GET):
            request = {self._table: {"Keys": keys[start : start + _BATCH_GET]}}
            while request:
                answer = self._client.batch_get_item(RequestItems=request)
                for item in answer["Responses"].get(self._table, []):
                    found |= {name: _unpacked(value["S"]) for name, value in item.items() if name.startswith("d_")}
                request = answer.get("UnprocessedKeys") or {}
        return found


def _packed(newest: Newest) -> str:
    row = (newest.machine, newest.boot, newest.first, newest.rows, newest.t0_ms, newest.end_ms)
    return json.dumps(row, separators=(",", ":"))


def _unpacked(text: str) -> Newest:
    return Newest(*json.loads(text))
