"""What a DynamoDB call asks for: actions, table and index ARNs, leading keys.

A transaction is judged item by item under the action of each item; a batch under its own action with the keys of all.
On an index the leading key is the index's partition key.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.cloud import Cloud
from local_cloud.door.calls import Call
from local_cloud.door.policy import Ask

_TRANSACTED = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_EQUALS = re.compile(r"([#\w.\-]+)\s*=\s*(:[\w.\-]+)")
LEADING = "dynamodb:leadingkeys"


class Tables:
    """Partition key names of the tables and indexes of the template."""

    def __init__(self, cloud: Cloud) -> None:
        self._prefix = f"arn:{cloud.partition}:dynamodb:{cloud.region}:{cloud.account}:table/"
        self._keys: dict[tuple[str, str], str] = {}
        for table in (*cloud.of("AWS::DynamoDB::GlobalTable"), *cloud.of("AWS::DynamoDB::Table")):
            self._keys[table.physical_id, ""] = _hash(table.properties["KeySchema"])
            for index in table.properties.get("GlobalSecondaryIndexes", []):
                self._keys[table.physical_id, index["IndexName"]] = _hash(index["KeySchema"])

    def arn(self, table: str, index: str = "") -> str:
        name = table.rpartition("table/")[2] if table.startswith("arn:") else table
        return self._prefix + name + (f"/index/{index}" if index else "")

    def key(self, table: str, index: str = "") -> str | None:
        name = table.rpartition("table/")[2] if table.startswith("arn:") else table
        return self._keys.get((name, index))

    def asks(self, call: Call) -> list[Ask]:
        """Every ask of the call; a body without a table asks for `*`, which only the cloud's own keys may."""
        body, operation = call.json, call.operation
        match operation:
            case "TransactWriteItems":
                return [self._item(_TRANSACTED.get(kind, kind), one, call) for kind, one in _transacted(body)]
            case "TransactGetItems":
                return [self._item("GetItem", one, call) for _, one in _transacted(body)]
            case "BatchWriteItem" | "BatchGetItem":
                return self._batch(operation, body, call)
            case _ if "TableName" in body:
                return [self._item(operation, body, call)]
            case _:
                return [Ask(f"dynamodb:{operation}", "*", call.context)]

    def _item(self, operation: str, body: Mapping[str, Any], call: Call) -> Ask:
        table, index = body.get("TableName", ""), body.get("IndexName", "")
        key = self.key(table, index)
        leading = list(_leading(body, key)) if key else []
        return self._ask(operation, self.arn(table, index), leading, call)

    def _batch(self, operation: str, body: Mapping[str, Any], call: Call) -> list[Ask]:
        asks = []
        for table, wanted in body.get("RequestItems", {}).items():
            key = self.key(table) or ""
            if operation == "BatchGetItem":
                rows = wanted.get("Keys", [])
            else:
                rows = [row.get("Item") or row.get("Key") or {} for one in wanted for row in one.values()]
            leading = [_text(row[key]) for row in rows if key in row]
            asks.append(self._ask(operation, self.arn(table), leading if len(leading) == len(rows) else [], call))
        return asks

    def _ask(self, operation: str, arn: str, leading: list[str], call: Call) -> Ask:
        context = call.context | ({LEADING: leading} if leading else {})
        return Ask(f"dynamodb:{operation}", arn, context)


def _hash(schema: list[dict[str, str]]) -> str:
    return next(one["AttributeName"] for one in schema if one["KeyType"] == "HASH")


def _transacted(body: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in body.get("TransactItems", []):
        yield from item.items()


def _leading(body: Mapping[str, Any], key: str) -> Iterator[str]:
    for row in (body.get("Item"), body.get("Key")):
        if row and key in row:
            yield _text(row[key])
    names, values = body.get("ExpressionAttributeNames", {}), body.get("ExpressionAttributeValues", {})
    for name, value in _EQUALS.findall(body.get("KeyConditionExpression", "")):
        if names.get(name, name) == key and value in values:
            yield _text(values[value])
    condition = body.get("KeyConditions", {}).get(key)
    if condition and condition.get("ComparisonOperator") == "EQ":
        yield _text(condition["AttributeValueList"][0])


def _text(value: Mapping[str, str]) -> str:
    return str(next(iter(value.values())))
