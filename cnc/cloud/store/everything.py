"""Every row and object of the tenant acted for, whatever kind it is: for export and erasure alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnc.cloud.dynamo import Item, delete_all, get, query
from cnc.cloud.store.sealed import opened
from cnc.cloud.tenancy import current
from cnc.domain.privacy.retention import Place
from cnc.services.privacy.ports import Row

#: Beyond every sort key that is written.
_LAST = "\U0010ffff"
_FIRST = " "
#: Deleted in one go, between two looks at the clock.
DELETE_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class EveryRow:
    """Rows by place; `tables` are the physical names by noun."""

    client: Any
    tables: dict[str, str]

    def rows(self, place: Place, owner: str = "", *, after: str = "") -> Iterator[Row]:
        """In the order of their sort keys, those after `after`; strongly consistent."""
        parts = (place.noun, owner) if owner else (place.noun,)
        first = place.prefix or _FIRST
        found = query(
            self.client,
            table=self.tables[place.table],
            partition=current().partition(*parts),
            first=max(first, f"{after}\x00") if after else first,
            last=f"{place.prefix}{_LAST}",
            consistent=True,
        )
        return (_row(item) for item in found)

    def count(self, place: Place, owner: str = "") -> int:
        return sum(1 for _ in self.rows(place, owner))

    def remove(self, place: Place, owner: str = "") -> int:
        """Delete up to `DELETE_AT_ONCE` rows; how many. 0: there are none left."""
        parts = (place.noun, owner) if owner else (place.noun,)
        partition = current().partition(*parts)
        items = query(
            self.client,
            table=self.tables[place.table],
            partition=partition,
            first=place.prefix or _FIRST,
            last=f"{place.prefix}{_LAST}",
            consistent=True,
            attributes="s",
            page_items=DELETE_AT_ONCE,
        )
        found = [(partition, next_item["s"]["S"]) for next_item, _ in zip(items, range(DELETE_AT_ONCE), strict=False)]
        delete_all(self.client, table=self.tables[place.table], keys=found)
        return len(found)

    def replace(self, place: Place, sort: str, changed: dict[str, str]) -> None:
        """Set text attributes of one row that is there."""
        names = {f"#{number}": name for number, name in enumerate(changed)}
        values = {f":{number}": {"S": text} for number, text in enumerate(changed.values())}
        self.client.update_item(
            TableName=self.tables[place.table],
            Key={"p": {"S": current().partition(place.noun)}, "s": {"S": sort}},
            UpdateExpression="SET " + ", ".join(f"#{number} = :{number}" for number in range(len(changed))),
            ConditionExpression="attribute_exists(p)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )

    def drop(self, place: Place, sorts: Sequence[str]) -> None:
        partition = current().partition(place.noun)
        delete_all(self.client, table=self.tables[place.table], keys=[(partition, sort) for sort in sorts])

    def has(self, place: Place, sort: str) -> bool:
        partition = current().partition(place.noun)
        return get(self.client, table=self.tables[place.table], partition=partition, sort=sort) is not None


def _row(item: Item) -> Row:
    """Attribute values as Python's, numbers as int where they are whole, what was sealed for a person opened."""
    sort = item["s"]["S"]
    values = {name: _value(value) for name, value in item.items() if name not in ("p", "s")}
    return Row(sort, {name: opened(sort, held) if isinstance(held, str) else held for name, held in values.items()})


def _value(value: dict[str, Any]) -> Any:
    kind, held = next(iter(value.items()))
    if kind == "N":
        return float(held) if "." in held or "e" in held.lower() else int(held)
    if kind == "M":
        return {name: _value(one) for name, one in held.items()}
    if kind == "L":
        return [_value(one) for one in held]
    return sorted(held) if kind in ("SS", "NS") else None if kind == "NULL" else held
