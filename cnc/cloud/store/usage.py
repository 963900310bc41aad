"""Rows of what was used, of the tenant acted for: `T#<tenant>#NU` / `<day>#<subject>#<process>`.

`c` calls, `o` points, `z` bytes, `r` refused, `n` number of the put, `x` TTL (400 days), `v`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cnc.cloud.dynamo import condition_failed, query
from cnc.cloud.store.rates import hurried
from cnc.cloud.tenancy import Clients, current
from cnc.services.rates import Away
from cnc.services.usage import Totals, UsageRow

KEPT = timedelta(days=400)


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
            hurried(self._clients).put_item(
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

    def between(self, first: date, last: date, /) -> Iterator[UsageRow]:
        found = query(
            self._clients.tenant("dynamodb"),
            table=self._table,
            partition=current().partition("NU"),
            first=first.isoformat(),
            last=f"{last.isoformat()}$",  # after every "#"
        )
        for item in found:
            day, subject, _ = item["s"]["S"].split("#")
            totals = Totals(*(int(item[name]["N"]) for name in "cozr"))
            yield UsageRow(date.fromisoformat(day), subject, totals)
