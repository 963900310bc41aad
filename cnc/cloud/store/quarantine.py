"""What could not be used: the original bytes once in S3, and a row per reason in the telemetry table.

Row: `T#<tenant>#Q` / `<received ms, 13 digits>#<id>`: `r` reason, `g` thing, `k` S3 key, `z` size, `y` JSON of the
rows it held as far as it told them, `m` machine if known.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cnc.cloud.dynamo import Item, put_all, query
from cnc.cloud.tenancy import current
from cnc.domain.base.clock import from_ms
from cnc.domain.telemetry.ranges import Range
from cnc.services.ingest.ports import Refusal

KEPT = timedelta(days=90)
#: No reason is longer, whatever a message made the error say.
REASON_CHARACTERS = 300


class QuarantineStore:
    def __init__(self, *, dynamodb: Any, table: str, s3: Callable[[], Any], bucket: str) -> None:
        """`s3` makes the client when the first message is refused: most processes never need one."""
        self._dynamodb = dynamodb
        self._table = table
        self._s3 = s3
        self._bucket = bucket

    def keep(self, payload: bytes, *, thing: str, refusals: Sequence[Refusal], received_ms: int) -> None:
        """Bytes first, rows after: a row always has its bytes. The same message again is the same object and rows."""
        digest = sha256(payload).hexdigest()[:32]
        at = from_ms(received_ms)
        name = current().object_key("quarantine", at=at, name=digest)
        self._s3().put_object(
            Bucket=self._bucket,
            Key=name,
            Body=payload,
            ContentType="application/octet-stream",
            Metadata={"thing": thing},
        )
        shared = {
            "p": {"S": current().partition("Q")},
            "g": {"S": thing},
            "k": {"S": name},
            "z": {"N": str(len(payload))},
            "v": {"N": "1"},
            "x": {"N": str(int((at + KEPT).timestamp()))},
        }
        rows = [
            shared | _row(refusal, sort=f"{received_ms:013d}#{digest}.{number:03d}")
            for number, refusal in enumerate(refusals)
        ]
        put_all(self._dynamodb, table=self._table, items=rows)

    def ranges(self, *, source: str, boot: str, received_from_ms: int) -> list[Range]:
        """Rows of this boot that refused messages claimed to hold."""
        found = []
        for item in self._since(received_from_ms, consistent=True):
            rows = json.loads(item["y"]["S"]) if "y" in item else {}
            if rows.get("source") == source and rows.get("boot") == boot:
                found.append((rows["first"], rows["last"]))
        return found

    def count_by_machine(self, *, received_from_ms: int) -> dict[str, int]:
        """Refusals per machine, as far as the machine was known."""
        counts: dict[str, int] = {}
        for item in self._since(received_from_ms, consistent=False):
            machine = item.get("m", {}).get("S", "")
            if machine:
                counts[machine] = counts.get(machine, 0) + 1
        return counts

    def count_by_gateway(self, *, received_from_ms: int) -> dict[str, int]:
        """Refused messages per gateway; one message may have several reasons."""
        rows = self._since(received_from_ms, consistent=False)
        messages = {(item["g"]["S"], item["s"]["S"].rpartition(".")[0]) for item in rows}
        return Counter(thing for thing, _ in messages)

    def _since(self, received_from_ms: int, *, consistent: bool) -> Any:
        return query(
            self._dynamodb,
            table=self._table,
            partition=current().partition("Q"),
            first=f"{received_from_ms:013d}",
            last="~",
            consistent=consistent,
        )


def _row(refusal: Refusal, *, sort: str) -> Item:
    row: Item = {"s": {"S": sort}, "r": {"S": refusal.reason[:REASON_CHARACTERS]}}
    if refusal.rows is not None:
        rows = refusal.rows
        known = {"source": rows.source, "boot": rows.boot, "first": rows.first, "last": rows.last}
        row["y"] = {"S": json.dumps(known, separators=(",", ":"), sort_keys=True)}
        if rows.machine:
            row["m"] = {"S": rows.machine}
    return row
