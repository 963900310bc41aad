"""Privacy of the tenant acted for: `T#<tenant>#PV`: settings, exports, shares, reports; `T#<tenant>#PC`: consents.

| sort | attributes |
|---|---|
| `setting#<name>` | `b` JSON |
| `export#<x_…>` | `b` JSON of the order, `x` |
| `share#<k_…>` | `b` JSON: machine, recipient, from when |
| `erasure#<u_…>` | `b` JSON of the order and its report |
| `report#<day>` | `b` JSON of what the retention job did |
| consents: `<u_…>#<kind>#<ms, 13 digits>` | `b` JSON |
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnc.cloud.dynamo import Item, get, key, query
from cnc.cloud.tenancy import current
from cnc.domain.privacy.consent import Consent
from cnc.services.audit import Effect
from cnc.services.privacy.exports import Export

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class PrivacyRows:
    """JSON documents by name, over one DynamoDB client that signs for tenants."""

    client: Any
    table: str
    noun: str = "PV"

    def read(self, sort: str) -> dict[str, Any] | None:
        item = get(self.client, table=self.table, partition=self._partition(), sort=sort, consistent=True)
        return json.loads(item["b"]["S"]) if item else None

    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None:
        self.client.put_item(TableName=self.table, Item=self._item(sort, body, expires_s))

    def remove(self, sort: str) -> None:
        self.client.delete_item(TableName=self.table, Key=key(self._partition(), sort))

    def below(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Sort key without the prefix, and document, by sort key."""
        items = query(
            self.client,
            table=self.table,
            partition=self._partition(),
            first=prefix,
            last=f"{prefix}{_LAST}",
            consistent=True,
        )
        return ((item["s"]["S"].removeprefix(prefix), json.loads(item["b"]["S"])) for item in items)

    def _partition(self) -> str:
        return current().partition(self.noun)

    def _item(self, sort: str, body: Any, expires_s: int) -> Item:
        text = json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        item: Item = {**key(self._partition(), sort), "b": {"S": text}, "v": {"N": "1"}}
        return item | ({"x": {"N": str(expires_s)}} if expires_s else {})


@dataclass(frozen=True, slots=True)
class PendingRows(PrivacyRows):
    """The same, whose changes are effects of one action: nothing is written before that is noted."""

    effects: list[Effect] = field(default_factory=list)

    def write(self, sort: str, body: Any, *, expires_s: int = 0) -> None:
        self.effects.append(_effect("Put", {"TableName": self.table, "Item": self._item(sort, body, expires_s)}))

    def remove(self, sort: str) -> None:
        self.effects.append(_effect("Delete", {"TableName": self.table, "Key": key(self._partition(), sort)}))


def _effect(kind: str, write: dict[str, Any]) -> Effect:
    return Effect({kind: write}, lambda: RuntimeError("the table refused a write without a condition"))


@dataclass(frozen=True, slots=True)
class ExportStore:
    """Orders; they go a while after their archive."""

    rows: PrivacyRows

    def get(self, export: str, /) -> Export | None:
        body = self.rows.read(f"export#{export}")
        return Export.of_text(json.dumps(body)) if body else None

    def put(self, export: Export, /) -> None:
        expires_s = export.ends_ms // 1000 + 30 * 86_400
        self.rows.write(f"export#{export.id}", json.loads(export.text()), expires_s=expires_s)

    def all(self) -> list[Export]:
        found = [Export.of_text(json.dumps(body)) for _, body in self.rows.below("export#")]
        return sorted(found, key=lambda export: export.asked_ms)


@dataclass(frozen=True, slots=True)
class ConsentStore:
    """Given and withdrawn, never overwritten."""

    rows: PrivacyRows

    def add(self, consent: Consent, /) -> None:
        self.rows.write(f"{consent.user}#{consent.kind}#{consent.at_ms:013d}", consent.row())

    def of(self, user: str, /) -> list[Consent]:
        """By kind, oldest first."""
        return [Consent.of_row(user, body) for _, body in self.rows.below(f"{user}#")]
