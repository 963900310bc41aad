"""Alarms of the tenant's machines: `T#<tenant>#A` / `<machine>#<alarm>`; `o` is `<boot>#<seq>` of the last event."""

import json
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import Item, condition_failed, get, key, query
from cnc.cloud.tenancy import current
from cnc.domain.base.clock import from_ms
from cnc.services.audit import Effect
from cnc.services.ingest.alarms import Alarm, AlarmMoved

KEPT = timedelta(days=400)


class AlarmStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, machine: str, alarm: str, *, consistent: bool) -> Alarm | None:
        item = get(
            self._client,
            table=self._table,
            partition=current().partition("A"),
            sort=f"{machine}#{alarm}",
            consistent=consistent,
        )
        return _alarm(item) if item else None

    def replace(self, alarm: Alarm, *, seen: Alarm | None) -> bool:
        try:
            self._client.put_item(**self._put(alarm, seen))
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True

    def replacing(self, alarm: Alarm, *, seen: Alarm | None) -> Effect:
        return Effect({"Put": self._put(alarm, seen)}, lambda: AlarmMoved(f"alarm {alarm.id} of {alarm.machine}"))

    def _put(self, alarm: Alarm, seen: Alarm | None) -> dict[str, Any]:
        put = {"TableName": self._table, "Item": _item(alarm), "ConditionExpression": "attribute_not_exists(p)"}
        if seen is not None:
            put["ConditionExpression"] = "o = :seen"
            put["ExpressionAttributeValues"] = {":seen": {"S": _order(seen)}}
        return put

    def of(self, machine: str | None) -> list[Alarm]:
        """All alarms that are kept, of one machine or of all."""
        first, last = ("m_", "m_~") if machine is None else (f"{machine}#", f"{machine}#~")
        partition = current().partition("A")
        return [
            _alarm(item) for item in query(self._client, table=self._table, partition=partition, first=first, last=last)
        ]


def _order(alarm: Alarm) -> str:
    return f"{alarm.boot}#{alarm.seq:019d}"


def _item(alarm: Alarm) -> Item:
    last_ms = alarm.cleared_ms or alarm.raised_ms
    body = {
        "source": alarm.source,
        "number": alarm.number,
        "type": alarm.type,
        "text": alarm.text,
        "axis": alarm.axis,
        "active": alarm.active,
        "raised_ms": alarm.raised_ms,
        "cleared_ms": alarm.cleared_ms,
    }
    return {
        **key(current().partition("A"), f"{alarm.machine}#{alarm.id}"),
        "b": {"S": json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)},
        "o": {"S": _order(alarm)},
        "v": {"N": "1"},
        "x": {"N": str(int((from_ms(last_ms) + KEPT).timestamp()))},
    }


def _alarm(item: Item) -> Alarm:
    machine, _, alarm = item["s"]["S"].partition("#")
    boot, _, seq = item["o"]["S"].partition("#")
    return Alarm(id=alarm, machine=machine, boot=boot, seq=int(seq), **json.loads(item["b"]["S"]))
