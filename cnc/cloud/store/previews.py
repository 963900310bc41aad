"""What events say about a machine now: `T#<tenant>#G#<gateway>` / `E#<machine>`; `o` is the version of `b`.

In the partition of the gateway, so that one query shows a whole cell.
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed, get, key, query
from cnc.cloud.tenancy import current
from cnc.services.ingest.previews import Versioned
from cnc.services.machine_preview import Document


class PreviewStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, thing: str, machine: str, *, consistent: bool) -> Versioned | None:
        partition = current().partition("G", thing)
        item = get(self._client, table=self._table, partition=partition, sort=f"E#{machine}", consistent=consistent)
        return Versioned(json.loads(item["b"]["S"]), int(item["o"]["N"])) if item else None

    def write(self, thing: str, machine: str, document: Document, *, seen_version: int) -> bool:
        """Whether nobody wrote since `seen_version`."""
        text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        item = {
            **key(current().partition("G", thing), f"E#{machine}"),
            "b": {"S": text},
            "o": {"N": str(seen_version + 1)},
            "v": {"N": "1"},
        }
        return put_if_seen(self._client, table=self._table, item=item, seen_version=seen_version)

    def of_gateway(self, thing: str) -> dict[str, Document]:
        """Document per machine."""
        items = query(
            self._client, table=self._table, partition=current().partition("G", thing), first="E#", last="E#~"
        )
        return {item["s"]["S"][2:]: json.loads(item["b"]["S"]) for item in items}


def put_if_seen(client: Any, *, table: str, item: dict[str, Any], seen_version: int) -> bool:
    """Put an item whose version attribute is `o`, unless another version than the one seen is stored."""
    condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(p)"}
    if seen_version:
        condition = {
            "ConditionExpression": "o = :seen",
            "ExpressionAttributeValues": {":seen": {"N": str(seen_version)}},
        }
    try:
        client.put_item(TableName=table, Item=item, **condition)
    except ClientError as error:
        if condition_failed(error):
            return False
        raise
    return True
