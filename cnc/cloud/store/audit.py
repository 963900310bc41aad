"""The audit chain: `T#<tenant>#L` / `<seq, 12 digits>`: `b` JSON of the action, `q` previous hash, `h` hash."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import Item, condition_failed, key, query
from cnc.cloud.tenancy import current
from cnc.services.audit import Action, Entry


class AuditStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def newest(self) -> Entry | None:
        return next(self._entries(newest_first=True), None)

    def all(self) -> Iterator[Entry]:
        """From the first on."""
        return self._entries(newest_first=False)

    def add(self, entry: Entry, /) -> bool:
        """Entries are never overwritten: whether the place was free."""
        item: Item = {
            **key(current().partition("L"), f"{entry.seq:012d}"),
            "b": {"S": json.dumps(asdict(entry.action), separators=(",", ":"), sort_keys=True, ensure_ascii=False)},
            "q": {"S": entry.previous},
            "h": {"S": entry.hash},
            "v": {"N": "1"},
        }
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(p)")
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def _entries(self, *, newest_first: bool) -> Iterator[Entry]:
        items = query(
            self._client,
            table=self._table,
            partition=current().partition("L"),
            first="0",
            last="~",
            consistent=True,
            newest_first=newest_first,
            page_items=1 if newest_first else 0,
        )
        return map(_entry, items)


def _entry(item: Item) -> Entry:
    action = Action(**json.loads(item["b"]["S"]))
    return Entry(int(item["s"]["S"]), action, item["q"]["S"], item["h"]["S"])
