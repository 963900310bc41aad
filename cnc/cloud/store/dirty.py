"""Hours that must be derived again, `T#<tenant>#D` / `<machine>#<hour s>`, and how far hours are closed (`closed`)."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed, get, key, put_all, query
from cnc.cloud.tenancy import current
from cnc.services.hours.facts import DirtyHour

_CLOSED = "closed"


class DirtyHourStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def mark(self, hours: Sequence[tuple[str, int]]) -> None:
        partition = {"S": current().partition("D")}
        items = [
            {"p": partition, "s": {"S": f"{machine}#{hour:010d}"}, "o": {"S": token_hex(8)}, "v": {"N": "1"}}
            for machine, hour in hours
        ]
        put_all(self._client, table=self._table, items=items)

    def read(self) -> tuple[int | None, list[DirtyHour]]:
        """How far hours are closed, and all marks, in one query; may be a moment old."""
        partition = current().partition("D")
        items = query(self._client, table=self._table, partition=partition, first=_CLOSED, last="m_~")
        found = {item["s"]["S"]: item["o"] for item in items}
        closed = found.pop(_CLOSED, None)
        marks = [DirtyHour(*_names(sort), token=token["S"]) for sort, token in found.items()]
        return int(closed["N"]) if closed else None, marks

    def dirty_of(self, machine: str) -> list[int]:
        """Hours (epoch seconds) of one machine that are marked."""
        partition = current().partition("D")
        items = query(self._client, table=self._table, partition=partition, first=f"{machine}#", last=f"{machine}#~")
        return [_names(item["s"]["S"])[1] for item in items]

    def clear(self, done: DirtyHour, /) -> None:
        """Remove the mark, unless the hour was marked again since it was read."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=key(current().partition("D"), f"{done.machine}#{done.hour_s:010d}"),
                ConditionExpression="o = :o",
                ExpressionAttributeValues={":o": {"S": done.token}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def closed_until_s(self) -> int | None:
        """Start of the first hour that was never closed, epoch seconds; may be a moment old."""
        item = get(self._client, table=self._table, partition=current().partition("D"), sort=_CLOSED)
        return int(item["o"]["N"]) if item else None

    def close_until(self, hour_s: int, /) -> None:
        self._client.put_item(
            TableName=self._table,
            Item={**key(current().partition("D"), _CLOSED), "o": {"N": str(hour_s)}, "v": {"N": "1"}},
        )


def _names(sort: str) -> tuple[str, int]:
    machine, _, hour = sort.partition("#")
    return machine, int(hour)
