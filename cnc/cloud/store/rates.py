"""Counts of what was spent, as items of the tenant acted for that end by themselves.

`T#<tenant>#N` / `<window start s, 10 digits>`: one attribute per subject (`tenant`, `k_…`, `u_…`, `c:<connection>`)
with the points of a window. `T#<tenant>#N` / `cap#<name>#<subject>#<window start s>`: `n` uses of a cap. `x` TTL.
"""

from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError

from cnc.cloud.dynamo import condition_failed, key
from cnc.cloud.tenancy import Clients, current
from cnc.services.rates import Away

KEPT_S = 3600
_OWN = {"p", "s", "v", "x"}


class RateCounters:
    """`Counters` over the shop table."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        self._clients = clients
        self._table = table

    def add(self, window: int, spent: Mapping[str, int], /) -> Mapping[str, int]:
        at = key(current().partition("N"), f"{window:010d}")
        try:
            if not spent:
                item = (
                    self._clients.hurried().get_item(TableName=self._table, Key=at, ConsistentRead=True).get("Item", {})
                )
            else:
                item = self._clients.hurried().update_item(
                    TableName=self._table,
                    Key=at,
                    UpdateExpression="SET #v = :v, #x = :x ADD " + ", ".join(f"#{n} :{n}" for n in range(len(spent))),
                    ExpressionAttributeNames={"#v": "v", "#x": "x"} | {f"#{n}": name for n, name in enumerate(spent)},
                    ExpressionAttributeValues={":v": {"N": "1"}, ":x": {"N": str(window + KEPT_S)}}
                    | {f":{n}": {"N": str(points)} for n, points in enumerate(spent.values())},
                    ReturnValues="ALL_NEW",
                )["Attributes"]
        except (BotoCoreError, ClientError) as error:
            raise Away(str(error)) from error
        return {name: int(value["N"]) for name, value in item.items() if name not in _OWN}

    def cap(self, name: str, subject: str, /, *, window: int, most: int, ends_at_s: int) -> bool:
        try:
            self._clients.hurried().update_item(
                TableName=self._table,
                Key=key(current().partition("N"), f"cap#{name}#{subject}#{window}"),
                UpdateExpression="SET #v = :v, #x = :x ADD #n :one",
                ConditionExpression="attribute_not_exists(#n) OR #n < :most",
                ExpressionAttributeNames={"#v": "v", "#x": "x", "#n": "n"},
                ExpressionAttributeValues={
                    ":v": {"N": "1"},
                    ":x": {"N": str(ends_at_s + KEPT_S)},
                    ":one": {"N": "1"},
                    ":most": {"N": str(most)},
                },
            )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise Away(str(error)) from error
        except BotoCoreError as error:
            raise Away(str(error)) from error
        return True
