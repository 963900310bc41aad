"""Chunks and derived hours as they lie in the store, for everything that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cnc.domain.base.errors import MalformedChunk
from cnc.domain.telemetry.chunk import decode
from cnc.domain.telemetry.extent import Extent
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Schema

if TYPE_CHECKING:  # ingest reads chunks and never a rollup
    from cnc.domain.telemetry.rollup import Rollup

_SCHEMA = slice(2, 10)  # where a chunk's header has the hash of its schema


class StoredChunk(NamedTuple):
    """One chunk; `events` are packed."""

    extent: Extent
    chunk: bytes
    events: bytes = b""

    @property
    def schema_hash(self) -> bytes:
        return self.chunk[_SCHEMA]


class SourceRollup(NamedTuple):
    """The hour of one source in minutes."""

    source: str
    rollup: Rollup


class SourceInterval(NamedTuple):
    """A stretch of one execution inside one hour, named by the row it starts with."""

    source: str
    boot: str
    seq: int
    execution: str
    from_ms: int
    to_ms: int


class ChunkReader(Protocol):
    def between(
        self, machine: str, *, from_ms: int, to_ms: int, consistent: bool = False, newest_first: bool = False
    ) -> Iterator[StoredChunk]:
        """Chunks whose minute starts within the span, by time."""
        ...


class SchemaReader(Protocol):
    def get(self, schema_hash: bytes, /) -> Schema | None: ...


@dataclass(slots=True)
class Decoded:
    """Rows by source; `unknown` counts chunks whose schema no gateway has sent yet."""

    by_source: dict[str, list[Rows]]
    schemas: Mapping[bytes, Schema]
    unknown: int = 0
    damaged: int = 0


def decoded(chunks: Iterable[StoredChunk], *, schemas: SchemaReader) -> Decoded:
    """Decode what can be decoded; chunks were checked when they were stored, so `damaged` is 0 unless bytes rot."""
    known: dict[bytes, Schema] = {}
    found = Decoded({}, known)
    for stored in chunks:
        schema = known.get(stored.schema_hash) or schemas.get(stored.schema_hash)
        if schema is None:
            found.unknown += 1
            continue
        known[stored.schema_hash] = schema
        try:
            rows = decode(stored.chunk, schema)
        except MalformedChunk:
            found.damaged += 1
            continue
        found.by_source.setdefault(stored.extent.source, []).append(rows)
    return found
