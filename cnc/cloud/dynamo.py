"""What every table access shares: whole batches, whole queries, and the two kinds of item values."""

import json
import time
from binascii import b2a_base64
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from secrets import randbelow
from typing import Any
from weakref import WeakKeyDictionary

from botocore.exceptions import ClientError

Item = dict[str, dict[str, Any]]

#: DynamoDB's limit of one BatchWriteItem.
BATCH_ITEMS = 25
#: … and of one BatchGetItem.
BATCH_GET_ITEMS = 100
BATCH_ATTEMPTS = 8
FIRST_WAIT_S = 0.05


#: Client -> how it names tables.
_plain: WeakKeyDictionary[Any, Callable[[str], str]] = WeakKeyDictionary()
_body: ContextVar[bytes | None] = ContextVar("body", default=None)


class StoreThrottled(RuntimeError):
    """The table kept refusing items of a batch; the sender still holds the rows and sends them again."""

    def __init__(self, left: int, attempts: int) -> None:
        super().__init__(f"{left} items unprocessed after {attempts} attempts")


def put_all(client: Any, *, table: str, items: Sequence[Item], sleep: Callable[[float], None] = time.sleep) -> None:
    """Put items under their own keys, each once; one call up to 25, unprocessed ones again with backoff.

    Raises StoreThrottled. A repetition of items already put changes nothing.
    """
    if len(items) == 1:
        client.put_item(TableName=table, Item=items[0])
        return
    by_key = {(item["p"]["S"], item["s"]["S"]): item for item in items}
    requests = [{"PutRequest": {"Item": item}} for item in by_key.values()]
    for start in range(0, len(requests), BATCH_ITEMS):
        write_batch(client, table=table, requests=requests[start : start + BATCH_ITEMS], sleep=sleep)


def write_batch(
    client: Any, *, table: str, requests: list[dict[str, Any]], sleep: Callable[[float], None] = time.sleep
) -> None:
    """One BatchWriteItem of at most 25 requests until nothing is left. Raises StoreThrottled."""
    left = {table: requests}
    for attempt in range(BATCH_ATTEMPTS):
        left = _batch_write(client, left).get("UnprocessedItems") or {}
        if not left:
            return
        _back_off(attempt, sleep)
    raise StoreThrottled(sum(map(len, left.values())), BATCH_ATTEMPTS)


def write_plainly(client: Any, *, named: Callable[[str], str] = str) -> None:
    """Let this client send the items of a batch as they are; `named` gives the table that one by this name stands for.

    They have the form of the wire already, so the SDK's walk through every value of 20 machines' chunks is saved:
    a tenth of the CPU of a whole minute message. Unlike the SDK it checks nothing; the table does.
    """
    client.meta.events.register("before-call.dynamodb.BatchWriteItem", _use_body)
    _plain[client] = named


def _batch_write(client: Any, items: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any]
    if client not in _plain:
        answer = client.batch_write_item(RequestItems=items)
        return answer
    named = {_plain[client](table): requests for table, requests in items.items()}
    body = json.dumps({"RequestItems": named}, separators=(",", ":"), default=_base64).encode()
    token = _body.set(body)
    try:
        answer = client.batch_write_item(RequestItems={})
    finally:
        _body.reset(token)
    return answer


def _use_body(params: dict[str, Any], **_: Any) -> None:
    body = _body.get()
    if body is not None:
        params["body"] = body


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def delete_all(client: Any, *, table: str, keys: Sequence[tuple[str, str]]) -> None:
    """Delete by (p, s)."""
    requests = [{"DeleteRequest": {"Key": key(*pair)}} for pair in dict.fromkeys(keys)]
    for start in range(0, len(requests), BATCH_ITEMS):
        write_batch(client, table=table, requests=requests[start : start + BATCH_ITEMS])


def query(
    client: Any,
    *,
    table: str,
    partition: str,
    first: str,
    last: str,
    consistent: bool = False,
    newest_first: bool = False,
    attributes: str = "",
    page_items: int = 0,
) -> Iterator[Item]:
    """Items of one partition with `first` <= s <= `last`, page after page; `page_items` 0: as many as fit."""
    call: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "p = :p AND s BETWEEN :a AND :b",
        "ExpressionAttributeValues": {":p": {"S": partition}, ":a": {"S": first}, ":b": {"S": last}},
        "ConsistentRead": consistent,
        "ScanIndexForward": not newest_first,
    }
    if page_items:
        call["Limit"] = page_items
    if attributes:
        names = attributes.split(",")
        call["ProjectionExpression"] = ",".join(f"#{name}" for name in names)
        call["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    while True:
        page = client.query(**call)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        call["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def get(client: Any, *, table: str, partition: str, sort: str, consistent: bool = False) -> Item | None:
    """One item or None."""
    found: Item | None = client.get_item(TableName=table, Key=key(partition, sort), ConsistentRead=consistent).get(
        "Item"
    )
    return found


def get_all(client: Any, *, table: str, keys: Sequence[tuple[str, str]]) -> list[Item]:
    """Items of these (p, s) that are there, in any order. Raises StoreThrottled."""
    found: list[Item] = []
    wanted = [key(*pair) for pair in dict.fromkeys(keys)]
    for start in range(0, len(wanted), BATCH_GET_ITEMS):
        left: dict[str, Any] = {table: {"Keys": wanted[start : start + BATCH_GET_ITEMS]}}
        for attempt in range(BATCH_ATTEMPTS):
            answer = client.batch_get_item(RequestItems=left)
            found += answer["Responses"].get(table, [])
            left = answer.get("UnprocessedKeys") or {}
            if not left:
                break
            _back_off(attempt, time.sleep)
        else:
            raise StoreThrottled(len(left[table]["Keys"]), BATCH_ATTEMPTS)
    return found


def _back_off(attempt: int, sleep: Callable[[float], None]) -> None:
    """Full jitter, so that throttled callers do not meet again."""
    limit_ms = int(FIRST_WAIT_S * 1000) << attempt
    sleep(randbelow(limit_ms) / 1000)


def key(partition: str, sort: str) -> Item:
    return {"p": {"S": partition}, "s": {"S": sort}}


def condition_failed(error: ClientError) -> bool:
    """Whether this is a condition that did not hold, and no failure."""
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")
