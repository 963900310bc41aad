"""What the read side asks for. Every store belongs to the tenant that is acted for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from cnc.domain.telemetry.health import SourceHealth
from cnc.services.ingest.alarms import Alarm
from cnc.services.ingest.ports import Newest
from cnc.services.machine_preview import Document
from cnc.services.seen import Places
from cnc.services.stored import ChunkReader, SchemaReader, SourceInterval, SourceRollup, StoredChunk


class GatewayView(NamedTuple):
    """Everything previewed of one gateway: pointers by source, documents by machine, and its last health message."""

    newest: Mapping[str, Newest]
    documents: Mapping[str, Document]
    health_sent_ms: int | None = None
    applied_version: int | None = None


class GatewayViews(Protocol):
    def of(self, thing: str) -> GatewayView: ...


class Chunks(ChunkReader, Protocol):
    def newest(self, pointers: Mapping[str, Newest]) -> Mapping[str, StoredChunk]:
        """The chunk each source's pointer names, as far as it is still there."""
        ...


class Rollups(Protocol):
    def between(self, machine: str, *, from_ms: int, to_ms: int) -> Sequence[SourceRollup]: ...


class Intervals(Protocol):
    def between(self, machine: str, *, from_ms: int, to_ms: int) -> Sequence[SourceInterval]: ...


class Ledgers(Protocol):
    def of(self, machine: str) -> Sequence[SourceHealth]: ...


class Marks(Protocol):
    def closed_until_s(self) -> int | None: ...
    def dirty_of(self, machine: str) -> Sequence[int]:
        """Hours (epoch seconds) of the machine that are to be derived again."""
        ...


class Alarms(Protocol):
    def of(self, machine: str | None) -> Sequence[Alarm]: ...


class Quarantined(Protocol):
    def count_by_machine(self, *, received_from_ms: int) -> Mapping[str, int]: ...
    def count_by_gateway(self, *, received_from_ms: int) -> Mapping[str, int]: ...


class ReadStores(NamedTuple):
    shop: Places
    views: GatewayViews
    chunks: Chunks
    schemas: SchemaReader
    rollups: Rollups
    intervals: Intervals
    ledgers: Ledgers
    marks: Marks
    alarms: Alarms
    quarantined: Quarantined
