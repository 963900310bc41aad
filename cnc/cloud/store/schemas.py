"""Lists of signals by the hash that chunks carry: `T#<tenant>#H` / `H#<hash hex>`. Never changed once stored."""

from typing import Any

from cnc.cloud.dynamo import get
from cnc.cloud.tenancy import current
from cnc.domain.telemetry.schema import Schema


class SchemaStore:
    """Keeps what it has seen for the life of the process, by tenant: an entry never changes."""

    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table
        self._seen: set[tuple[str, bytes]] = set()
        self._parsed: dict[tuple[str, bytes], Schema] = {}

    def known(self, schema_hash: bytes) -> bool:
        """Whether chunks of this schema can be decoded."""
        mark = (current().tenant, schema_hash)
        if mark not in self._seen and self._read(schema_hash) is not None:
            self._seen.add(mark)
        return mark in self._seen

    def add(self, schema_hash: bytes, canonical: bytes) -> None:
        self._client.put_item(
            TableName=self._table,
            Item={
                "p": {"S": current().partition("H")},
                "s": {"S": f"H#{schema_hash.hex()}"},
                "b": {"B": canonical},
                "v": {"N": "1"},
            },
        )
        self._seen.add((current().tenant, schema_hash))

    def get(self, schema_hash: bytes) -> Schema | None:
        """The schema, or None as long as no gateway has sent it."""
        mark = (current().tenant, schema_hash)
        if mark not in self._parsed:
            canonical = self._read(schema_hash)
            if canonical is None:
                return None
            self._parsed[mark] = Schema.parse(canonical)
        return self._parsed[mark]

    def _read(self, schema_hash: bytes) -> bytes | None:
        item = get(
            self._client,
            table=self._table,
            partition=current().partition("H"),
            sort=f"H#{schema_hash.hex()}",
            consistent=True,
        )
        return bytes(item["b"]["B"]) if item else None
