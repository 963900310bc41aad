"""Screens that ask to be let in, tokens of those that were, and counters: directory rows that end by themselves.

`B#<sha256 of code>`: `screen device address` (S), `asked_ms` (N), `approved` (N), `x`.
`K#<sha256 of token>`: as an API key, with `session` and the TTL `x`.
`C#<name>#<number of the window>`: `n` (N), `x`.
"""

from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import condition_failed
from cnc.domain.base.clock import to_ms
from cnc.services.pairing import Pairing
from cnc.services.sessions import Visit


class PairingTable:
    """Over one own-role DynamoDB client."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def ask(self, code_hash: str, pairing: Pairing, /, *, now: datetime, ends_at: datetime) -> bool:
        values = {
            ":screen": {"S": pairing.screen},
            ":device": {"S": pairing.visit.device},
            ":address": {"S": pairing.visit.address},
            ":asked": {"N": str(pairing.asked_ms)},
            ":x": _epoch(ends_at),
            ":now": _epoch(now),
            ":v": {"N": "1"},
        }
        update = "SET screen = :screen, device = :device, address = :address, asked_ms = :asked, x = :x, v = :v"
        return self._update(
            f"B#{code_hash}", f"{update} REMOVE approved", values, condition="attribute_not_exists(p) OR x <= :now"
        )

    def shown(self, code_hash: str, /, *, now: datetime) -> Pairing | None:
        key = {"p": {"S": f"B#{code_hash}"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None or int(item["x"]["N"]) <= int(now.timestamp()):
            return None
        visit = Visit(item["device"]["S"], item["address"]["S"])
        return Pairing(item["screen"]["S"], visit, int(item["asked_ms"]["N"]), approved="approved" in item)

    def approve(self, code_hash: str, /, *, now: datetime) -> bool:
        condition = "attribute_exists(p) AND x > :now AND attribute_not_exists(approved)"
        values = {":at": {"N": str(to_ms(now))}, ":now": _epoch(now)}
        return self._update(f"B#{code_hash}", "SET approved = :at", values, condition=condition)

    def add_token(self, token_hash: str, /, *, tenant: str, screen: str, session: str, ends_at: datetime) -> None:
        item = {
            "p": {"S": f"K#{token_hash}"},
            "tenant": {"S": tenant},
            "key": {"S": screen},
            "session": {"S": session},
            "ends_at_ms": {"S": str(to_ms(ends_at))},
            "x": _epoch(ends_at),
            "v": {"N": "1"},
        }
        self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(p)")

    def count(self, name: str, /, *, now: datetime, window: timedelta) -> int:
        """One more; how many there are in the window of this length that `now` lies in."""
        length_s = int(window.total_seconds())
        number = int(now.timestamp()) // length_s
        answer = self._client.update_item(
            TableName=self._table,
            Key={"p": {"S": f"C#{name}#{number}"}},
            UpdateExpression="ADD n :one SET x = :x, v = :v",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                ":x": {"N": str((number + 1) * length_s)},
                ":v": {"N": "1"},
            },
            ReturnValues="ALL_NEW",
        )
        return int(answer["Attributes"]["n"]["N"])

    def _update(self, key: str, update: str, values: dict[str, Any], *, condition: str) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"p": {"S": key}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True


def _epoch(at: datetime) -> dict[str, str]:
    return {"N": str(int(at.timestamp()))}
