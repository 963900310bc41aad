"""What a source produced: `T#<tenant>#M#<machine>` / `P#<source>#<boot>`; and the newest health of a gateway.

`h` produced, `m` produced_at_ms, `f` first_at_ms, `g` gaps and `u` unobserved as JSON, `o` version.
Gateway: `T#<tenant>#G#<gateway>` / `H`: `b` JSON, `o` sent_ms, `m` machine by source when it has no pointers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cnc.cloud.dynamo import Item, condition_failed, get, key, query
from cnc.cloud.store.previews import put_if_seen
from cnc.cloud.tenancy import current
from cnc.domain.telemetry.health import (
    HealthMessage,
    SourceHealth,
    gaps_from,
    gaps_to,
    unobserved_from,
    unobserved_to,
)
from cnc.services.ingest.health import HeldLedger


class LedgerStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, machine: str, *, source: str, boot: str, consistent: bool) -> HeldLedger | None:
        partition, sort = current().partition("M", machine), f"P#{source}#{boot}"
        item = get(self._client, table=self._table, partition=partition, sort=sort, consistent=consistent)
        return HeldLedger(_entry(item), int(item["o"]["N"])) if item else None

    def write(self, machine: str, entry: SourceHealth, *, seen_version: int) -> bool:
        item: Item = {
            **key(current().partition("M", machine), f"P#{entry.source}#{entry.boot}"),
            "h": {"N": str(entry.produced)},
            "m": {"N": str(entry.produced_at_ms)},
            "f": {"N": str(entry.first_at_ms)},
            "g": {"S": json.dumps(gaps_to(entry.gaps), separators=(",", ":"))},
            "u": {"S": json.dumps(unobserved_to(entry.unobserved), separators=(",", ":"))},
            "o": {"N": str(seen_version + 1)},
            "v": {"N": "1"},
        }
        return put_if_seen(self._client, table=self._table, item=item, seen_version=seen_version)

    def of(self, machine: str) -> list[SourceHealth]:
        """Every boot of every source of the machine."""
        partition = current().partition("M", machine)
        items = query(self._client, table=self._table, partition=partition, first="P#", last="P#~", consistent=True)
        return [_entry(item) for item in items]


@dataclass(frozen=True, slots=True)
class LastHealth:
    """Newest health message of a gateway."""

    sent_ms: int
    config_version: int
    components: dict[str, str]


class GatewayHealthStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def set(self, thing: str, health: HealthMessage, *, machines: Mapping[str, str]) -> None:
        """Keep it, unless one sent later is kept already."""
        body = {
            "config_version": health.config_version,
            "components": dict(health.components),
            "versions": dict(health.versions),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item={
                    **key(current().partition("G", thing), "H"),
                    "b": {"S": json.dumps(body, separators=(",", ":"), sort_keys=True)},
                    "o": {"N": str(health.sent_ms)},
                    "m": {"S": json.dumps(dict(machines), separators=(",", ":"), sort_keys=True)},
                    "v": {"N": "1"},
                },
                ConditionExpression="attribute_not_exists(p) OR o <= :o",
                ExpressionAttributeValues={":o": {"N": str(health.sent_ms)}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise

    def get(self, thing: str) -> LastHealth | None:
        item = get(self._client, table=self._table, partition=current().partition("G", thing), sort="H")
        if item is None:
            return None
        body = json.loads(item["b"]["S"])
        return LastHealth(int(item["o"]["N"]), body["config_version"], body["components"])


def _entry(item: Item) -> SourceHealth:
    _, source, boot = item["s"]["S"].split("#")
    return SourceHealth(
        source=source,
        boot=boot,
        produced=int(item["h"]["N"]),
        produced_at_ms=int(item["m"]["N"]),
        first_at_ms=int(item["f"]["N"]),
        gaps=gaps_from(json.loads(item["g"]["S"])),
        unobserved=unobserved_from(json.loads(item["u"]["S"])),
    )
