"""The audit chain: `T#<tenant>#L` / `<seq, 12 digits>`: `b` canonical JSON, `q` previous hash, `h` hash, `v` 2.

The next place of the chain belongs to whoever puts its entry first. Who comes second is told in the same answer which
entry took the place, and tries the one after it at once, without reading. Whoever comes second again stands in a crowd:
it waits by chance, longer each time, and looks where the end of the chain is by then.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from secrets import randbelow
from typing import Any, Final

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import Item, get, key, query
from cnc.cloud.tenancy import current
from cnc.domain.audit.entry import VERSION, Entry, following
from cnc.domain.audit.first_version import body_of_first_version
from cnc.services.audit import Action, AuditBusy, Effect, circumstanced, tell_noted

#: DynamoDB's limit of one transaction, less the entry.
MOST_EFFECTS: Final = 99
#: How long to go on when others take one place after another; below the timeout of every function.
PATIENCE_S: Final = 5.0
_JITTER_MS: Final = 10
_MOST_JITTER_MS: Final = 160
_FAILED: Final = "ConditionalCheckFailed"
#: Reasons of a cancelled transaction that hold for this moment only.
_PASSING: Final = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class AuditStore:
    def __init__(
        self,
        client: Any,
        *,
        table: str,
        clock_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._clock_s = clock_s
        self._sleep = sleep

    def commit(self, action: Action, effects: Sequence[Effect] = (), /) -> Entry:
        """As `AuditLog.commit`."""
        if len(effects) > MOST_EFFECTS:
            raise ValueError(f"saw {len(effects)} effects of one action, expected at most {MOST_EFFECTS}")
        action = circumstanced(action)
        ends_s = self._clock_s() + PATIENCE_S
        last = self.newest()
        attempts = 0
        while True:
            attempts += 1
            entry = following(last, action, tenant=current().tenant)
            taken = self._written(entry, effects)
            if taken is None:
                tell_noted(action)
                return entry
            if self._clock_s() >= ends_s:
                raise AuditBusy(f"no free place after {attempts} attempts in {PATIENCE_S} s")
            last = _entry(taken) if attempts == 1 and "h" in taken else self._later(attempts)

    def newest(self) -> Entry | None:
        """Strongly consistent."""
        return next(self._entries("0", "~", newest_first=True), None)

    def at(self, seq: int, /) -> Entry | None:
        item = get(self._client, table=self._table, partition=_partition(), sort=_sort(seq), consistent=True)
        return _entry(item) if item else None

    def all(self, *, first: int = 1) -> Iterator[Entry]:
        """From this place on."""
        return self._entries(_sort(first), "~", newest_first=False)

    def page(self, *, before: int, most: int) -> list[Entry]:
        """At most so many entries with a smaller seq, newest first."""
        return list(islice(self._entries("0", _sort(before - 1), newest_first=True, page_items=most), most))

    def _written(self, entry: Entry, effects: Sequence[Effect]) -> Item | None:
        """None when all is stored; else the item that has the place, empty when it is not known."""
        put = {
            "TableName": self._table,
            "Item": _item(entry),
            "ConditionExpression": "attribute_not_exists(p)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put}, *(effect.write for effect in effects)])
        except ClientError as error:
            if error.response["Error"]["Code"] == "TransactionInProgressException":
                return {}
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            return _taken(error, effects)
        return None

    def _later(self, attempts: int) -> Entry | None:
        self._sleep(randbelow(min(_JITTER_MS << min(attempts, 8), _MOST_JITTER_MS)) / 1000)
        return self.newest()

    def _entries(self, first: str, last: str, *, newest_first: bool, page_items: int = 1) -> Iterator[Entry]:
        items = query(
            self._client,
            table=self._table,
            partition=_partition(),
            first=first,
            last=last,
            consistent=True,
            newest_first=newest_first,
            page_items=page_items if newest_first else 0,
        )
        return map(_entry, items)


def _taken(error: ClientError, effects: Sequence[Effect]) -> Item:
    """What has the place of a cancelled transaction; raises when it was not for the place that it was cancelled."""
    reasons = error.response.get("CancellationReasons", [])
    for effect, reason in zip(effects, reasons[1:], strict=False):
        if reason.get("Code") == _FAILED:
            raise effect.refused() from error
    if reasons and reasons[0].get("Code") == _FAILED:
        item: Item = reasons[0].get("Item", {})
        return item
    if any(reason.get("Code") in _PASSING for reason in reasons):
        return {}
    raise error


def _partition() -> str:
    return current().partition("L")


def _sort(seq: int) -> str:
    return f"{seq:012d}"


def _item(entry: Entry) -> Item:
    return {
        **key(_partition(), _sort(entry.seq)),
        "b": {"S": entry.body},
        "q": {"S": entry.previous},
        "h": {"S": entry.hash},
        "v": {"N": str(VERSION)},
    }


def _entry(item: Item) -> Entry:
    """As it is stored: whether it holds is for `cnc.domain.audit.chain` to say."""
    seq, body = int(item["s"]["S"]), item["b"]["S"]
    if item.get("v", {}).get("N") == "1":
        body = body_of_first_version(seq, body)
    return Entry(seq, body, item["q"]["S"], item["h"]["S"])
