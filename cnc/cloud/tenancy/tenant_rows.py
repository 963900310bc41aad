"""Rows of one tenant, or of one person in it, in the directory: for export and erasure alone.

Found by looking through the whole table, which has no index on purpose: nothing that answers a request may list what
belongs to a tenant here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cnc.domain.base.clock import to_ms
from cnc.services.privacy.ports import DirectoryRow

_TENANT: Final = re.compile(r"t_[0-9a-z]{16}")
_SESSION: Final = re.compile(r"[0-9a-f]{64}")
#: A token that was given out lives at most so long.
TOKENS: Final = timedelta(hours=25)
#: Letters of rows that are a person's and not a tenant's: what concerns one tenant is one attribute of them.
_OF_PEOPLE: Final = ("U#", "Y#")


@dataclass(frozen=True, slots=True)
class TenantRows:
    """Over one own-role DynamoDB client that may scan the directory."""

    client: Any
    table: str

    def of_tenant(self, tenant: str) -> Iterator[DirectoryRow]:
        """Every row that belongs to the tenant; of people's rows what concerns it."""
        call: dict[str, Any] = {
            "TableName": self.table,
            "FilterExpression": "#o = :t OR attribute_exists(#t)",
            "ExpressionAttributeNames": {"#o": "tenant", "#t": _checked(tenant)},
            "ExpressionAttributeValues": {":t": {"S": tenant}},
            "ConsistentRead": True,
        }
        while True:
            page = self.client.scan(**call)
            yield from (_row(item, tenant) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            call["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def of_person(self, *, tenant: str, issuer: str, subject: str) -> list[DirectoryRow]:
        """The membership in this tenant, and the sign-ins to it."""
        person = f"{issuer}#{subject}"
        found = [row for key in (f"U#{person}", f"Y#{person}") if (row := self._get(key)) is not None]
        sessions = [name for row in found for name in row if _SESSION.fullmatch(name)]
        found += [row for name in sessions if (row := self._get(f"S#{name}")) is not None]
        own = [row for row in found if not row["p"]["S"].startswith("S#") or row.get("tenant", {}).get("S") == tenant]
        return [_row(row, tenant) for row in own]

    def forget(self, key: str, *, tenant: str) -> bool:
        """Remove a row, or of a person's row what concerns this tenant. Whether nothing of it is left."""
        held = self._get(key) if key.startswith(_OF_PEOPLE) else None
        if held is not None and not _alone(held, tenant):
            self._leave(key, tenant, held)
            return False
        self.client.delete_item(TableName=self.table, Key={"p": {"S": key}})
        return True

    def alone(self, key: str, *, tenant: str) -> bool:
        """Whether a person's row concerns no other tenant."""
        held = self._get(key)
        return held is None or _alone(held, tenant)

    def _leave(self, key: str, tenant: str, held: Mapping[str, Any]) -> None:
        removed = ["#t"]
        names = {"#t": tenant}
        if held.get("tenant", {}).get("S") == tenant:  # a row of the earlier form says it in three attributes
            names |= {"#o": "tenant", "#u": "user", "#r": "roles"}
            removed += ["#o", "#u", "#r"]
        self.client.update_item(
            TableName=self.table,
            Key={"p": {"S": key}},
            UpdateExpression=f"REMOVE {', '.join(removed)}",
            ExpressionAttributeNames=names,
        )

    def end_sign_ins(self, key: str, *, now: datetime) -> None:
        """Put in the place of a person's list of sign-ins that none before now counts, for as long as tokens live.

        Without it a token that is still valid would begin a session anew, of somebody who is erased.
        """
        item = {"p": {"S": key}, "v": {"N": "1"}, "not_before_ms": {"N": str(to_ms(now))}}
        self.client.put_item(TableName=self.table, Item=item | {"x": {"N": str(int((now + TOKENS).timestamp()))}})

    def put(self, key: str, *, tenant: str, facts: Mapping[str, str]) -> None:
        """Write a row of the tenant's own state, such as its tombstone."""
        item = {name: {"S": text} for name, text in facts.items()}
        item |= {"p": {"S": key}, "tenant": {"S": tenant}, "v": {"N": "1"}}
        self.client.put_item(TableName=self.table, Item=item)

    def facts(self, key: str) -> Mapping[str, str] | None:
        held = self._get(key)
        return None if held is None else {name: value["S"] for name, value in held.items() if "S" in value}

    def keyed(self, letter: str) -> Iterator[DirectoryRow]:
        """All rows of one letter, of every tenant."""
        call: dict[str, Any] = {
            "TableName": self.table,
            "FilterExpression": "begins_with(p, :l)",
            "ExpressionAttributeValues": {":l": {"S": f"{letter}#"}},
        }
        while True:
            page = self.client.scan(**call)
            yield from (_row(item, item.get("tenant", {}).get("S", "")) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            call["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _get(self, key: str) -> Mapping[str, Any] | None:
        answer = self.client.get_item(TableName=self.table, Key={"p": {"S": key}}, ConsistentRead=True)
        found: Mapping[str, Any] | None = answer.get("Item")
        return found


def _alone(held: Mapping[str, Any], tenant: str) -> bool:
    others = any(_TENANT.fullmatch(name) and name != tenant for name in held)
    return not others and held.get("tenant", {}).get("S", tenant) == tenant


def _row(item: Mapping[str, Any], tenant: str) -> DirectoryRow:
    """Texts, numbers and sets as texts; memberships in other tenants are not this tenant's to see."""
    facts = {
        name: _text(value)
        for name, value in item.items()
        if name != "p" and (not _TENANT.fullmatch(name) or name == tenant)
    }
    return DirectoryRow(item["p"]["S"], facts)


def _text(value: Mapping[str, Any]) -> str:
    kind, held = next(iter(value.items()))
    return str(held) if kind in ("S", "N") else json.dumps(sorted(held) if kind in ("SS", "NS") else str(held))


def _checked(tenant: str) -> str:
    if not _TENANT.fullmatch(tenant):
        raise ValueError(f"saw {tenant!r}, expected a tenant id")
    return tenant
