"""Rows of what was used, of the tenant acted for: `T#<tenant>#NU` / `<day>#<subject>#<process>`.

`c` calls, `o` points, `z` bytes, `r` refused, `n` number of the put, `x` TTL (400 days), `v`. And `last#<key>`: `u` ms.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cnc.cloud.dynamo import Item, condition_failed, key, query
from cnc.cloud.tenancy import Clients, current
from cnc.services.rates import Away
from cnc.services.usage import Totals, UsageRow

KEPT = timedelta(days=400)
_LAST = "last#"


class UsageStore:
    """`UsageRows` over the shop table."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        self._clients = clients
        self._table = table

    def put(self, row: UsageRow, /, *, process: str, number: int) -> None:
        ends = datetime(row.day.year, row.day.month, row.day.day, tzinfo=UTC) + KEPT
        item: dict[str, Any] = {
            "p": {"S": current().partition("NU")},
            "s": {"S": f"{row.day.isoformat()}#{row.subject}#{process}"},
            "x": {"N": str(int(ends.timestamp()))},
            "v": {"N": "1"},
            "n": {"N": str(number)},
        }
        item |= {name: {"N": str(total)} for name, total in zip("cozr", row.totals, strict=True)}
        try:
            self._clients.hurried().put_item(
                TableName=self._table,
                Item=item,
                # A put that was given up may arrive after the next one.
                ConditionExpression="attribute_not_exists(n) OR n < :n",
                ExpressionAttributeValues={":n": {"N": str(number)}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise Away(str(error)) from error
        except BotoCoreError as error:
            raise Away(str(error)) from error

    def seen(self, subject: str, at_ms: int, /) -> None:
        try:
            self._clients.hurried().update_item(
                TableName=self._table,
                Key=key(current().partition("NU"), f"{_LAST}{subject}"),
                UpdateExpression="SET #u = :at, #v = :v",
                ConditionExpression="attribute_not_exists(#u) OR #u < :at",
                ExpressionAttributeNames={"#u": "u", "#v": "v"},
                ExpressionAttributeValues={":at": {"N": str(at_ms)}, ":v": {"N": "1"}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise Away(str(error)) from error
        except BotoCoreError as error:
            raise Away(str(error)) from error

    def last_seen(self) -> Mapping[str, int]:
        found = self._rows(_LAST, f"{_LAST}~")
        return {item["s"]["S"].removeprefix(_LAST): int(item["u"]["N"]) for item in found}

    def between(self, first: date, last: date, /) -> Iterator[UsageRow]:
        for item in self._rows(first.isoformat(), f"{last.isoformat()}$"):  # after every "#"
            day, subject, _ = item["s"]["S"].split("#")
            totals = Totals(*(int(item[name]["N"]) for name in "cozr"))
            yield UsageRow(date.fromisoformat(day), subject, totals)

    def _rows(self, first: str, last: str) -> Iterator[Item]:
        client, partition = self._clients.tenant("dynamodb"), current().partition("NU")
        return query(client, table=self._table, partition=partition, first=first, last=last)
