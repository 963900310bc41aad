"""What the table holds: every chunk of every tenant, read with the operator's credentials past the product's API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnc.domain.telemetry.chunk import decode
from tests.kills.rows import Boot, Lives, Row

TABLE = "cnc-local-telemetry"


@dataclass
class Stored:
    """`overlaps` counts copies of a row beyond the first; `conflicts` are copies that differ."""

    lives: Lives = field(default_factory=dict)
    chunks: int = 0
    overlaps: int = 0
    conflicts: list[tuple[Boot, int]] = field(default_factory=list)

    def add(self, source: str, chunk: bytes) -> None:
        rows = decode(chunk)
        boot = Boot(source, rows.boot.hex())
        life = self.lives.setdefault(boot, {})
        self.chunks += 1
        for number, values in enumerate(zip(*rows.columns, strict=True)):
            seq = rows.first_seq + number
            row = Row(rows.t0_ms + number * rows.period_ms, int(rows.quality[number]), values)
            if seq in life:
                self.overlaps += 1
                if life[seq] != row:
                    self.conflicts.append((boot, seq))
            life[seq] = row


def read_store(dynamodb: Any, *, table: str = TABLE) -> Stored:
    found = Stored()
    for item in _items(dynamodb, table):
        if item["s"]["S"].startswith("C#"):
            found.add(item["s"]["S"].split("#")[2], bytes(item["b"]["B"]))
    return found


def _items(dynamodb: Any, table: str) -> Iterator[dict[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]
