"""Stores of one tenant as plain objects, for use cases without any engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.completeness import Extent
from cnc.domain.telemetry.ranges import Range
from cnc.services.ingest.alarms import Alarm
from cnc.services.ingest.minutes import MinuteStores
from cnc.services.ingest.ports import Assignment, NewChunk, Pointers, Refusal
from cnc.services.ingest.previews import PreviewStores, Versioned
from cnc.services.ingest.receipts import ReceiptStores
from cnc.services.machine_preview import Document, empty


class Assignments(dict[str, Assignment]):
    """Gateways by thing; `looked` counts fresh looks."""

    looked = 0

    def of(self, thing: str, *, fresh: bool = False) -> Assignment | None:
        self.looked += fresh
        return self.get(thing)


class Chunks:
    def __init__(self) -> None:
        self.stored: list[NewChunk] = []
        self.pointers: list[Pointers] = []
        self.failure: Exception | None = None

    def put(self, chunks: Sequence[NewChunk], *, expires_at: datetime, pointers: Pointers | None = None) -> None:
        if self.failure:
            raise self.failure
        self.stored += chunks
        self.pointers += [pointers] if pointers else []

    def extents(self, machine: str, *, from_ms: int, to_ms: int, source: str, boot: str) -> list[tuple[Extent, bytes]]:
        found = []
        for chunk in self.stored:
            head = chunk.header
            extent = Extent(chunk.source, head.boot.hex(), head.first_seq, head.rows, head.t0_ms, head.period_ms)
            starts = from_ms // 60_000 * 60_000 <= head.t0_ms <= to_ms
            if (chunk.machine, extent.source, extent.boot) == (machine, source, boot) and starts:
                found.append((extent, head.schema_hash))
        return found


class Schemas(dict[bytes, bytes]):
    def known(self, schema_hash: bytes) -> bool:
        return schema_hash in self

    def add(self, schema_hash: bytes, canonical: bytes) -> None:
        self[schema_hash] = canonical


class Quarantine:
    def __init__(self) -> None:
        self.kept: list[tuple[bytes, Refusal]] = []

    def keep(self, payload: bytes, *, thing: str, refusals: Sequence[Refusal], received_ms: int) -> None:
        self.kept += [(payload, refusal) for refusal in refusals]

    def ranges(self, *, source: str, boot: str, received_from_ms: int) -> list[Range]:
        rows = [refusal.rows for _, refusal in self.kept if refusal.rows]
        return [(row.first, row.last) for row in rows if (row.source, row.boot) == (source, boot)]


class Dirty(list[tuple[str, int]]):
    def mark(self, hours: Sequence[tuple[str, int]]) -> None:
        self.extend(hours)


class Previews:
    """`others` writes this often between a read and its write."""

    def __init__(self, *, others: int = 0) -> None:
        self.documents: dict[str, Versioned] = {}
        self.others = others

    def read(self, thing: str, machine: str, *, consistent: bool) -> Versioned | None:
        return self.documents.get(machine)

    def of_gateway(self, thing: str) -> Mapping[str, Document]:
        return {machine: held.document for machine, held in self.documents.items()}

    def write(self, thing: str, machine: str, document: Document, *, seen_version: int) -> bool:
        held = self.documents.get(machine)
        if self.others:
            self.others -= 1
            self.documents[machine] = Versioned(held.document if held else empty(), (held.version if held else 0) + 1)
            return False
        if (held.version if held else 0) != seen_version:
            return False
        self.documents[machine] = Versioned(document, seen_version + 1)
        return True


class Alarms(dict[tuple[str, str], Alarm]):
    def replace(self, alarm: Alarm, *, seen: Alarm | None) -> bool:
        if dict.get(self, (alarm.machine, alarm.id)) != seen:
            return False
        self[alarm.machine, alarm.id] = alarm
        return True

    def get(self, machine: str, alarm: str, *, consistent: bool) -> Alarm | None:  # type: ignore[override]
        return dict.get(self, (machine, alarm))


class FanOut:
    def __init__(self) -> None:
        self.states: list[Mapping[str, object]] = []
        self.live: list[Mapping[str, object]] = []

    def machine_state(self, machine: str, payload: Mapping[str, object]) -> None:
        self.states.append(payload)

    def live_signals(self, machine: str, payload: Mapping[str, object]) -> None:
        self.live.append(payload)


class Receipts:
    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def answer(self, payload: bytes, *, origin: Origin) -> None:
        self.sent.append(payload)


class Floor:
    """All stores together, with one gateway that has sources 1 to 3."""

    def __init__(self, gateway: Any) -> None:
        machines = {row["id"]: row["machine"] for row in gateway.document()["sources"]}
        self.assignments = Assignments({gateway.thing: Assignment(gateway.site, machines)})
        self.chunks, self.schemas, self.quarantine, self.dirty = Chunks(), Schemas(), Quarantine(), Dirty()
        self.previews, self.alarms, self.fan_out, self.receipts = Previews(), Alarms(), FanOut(), Receipts()
        self.minute = MinuteStores(
            assignments=self.assignments,
            chunks=self.chunks,
            schemas=self.schemas,
            quarantine=self.quarantine,
            dirty=self.dirty,
            previews=PreviewStores(previews=self.previews, alarms=self.alarms, fan_out=self.fan_out),
        )
        self.receipt = ReceiptStores(
            assignments=self.assignments,
            chunks=self.chunks,
            schemas=self.schemas,
            quarantine=self.quarantine,
            receipts=self.receipts,
        )
