"""All data of one machine, page after page, as its gateway told them: rows by column, events, and their meaning.

EU Data Act, articles 3 to 5: readily available data with their metadata, machine-readable, continuous. A page ends when
it holds enough; `next_ms` is where the next one begins, so that a reader follows a machine for as long as it likes.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from cnc.domain.base.errors import MalformedChunk, MalformedMessage
from cnc.domain.telemetry.chunk import decode
from cnc.domain.telemetry.events import event_to
from cnc.domain.telemetry.minute import unpack_minute_events
from cnc.domain.telemetry.schema import Schema
from cnc.services.stored import ChunkReader, SchemaReader, StoredChunk

#: Values of one page: some megabyte of JSON.
MOST_VALUES: Final = 100_000
MINUTE_MS: Final = 60_000


class Page(NamedTuple):
    """`next_ms` None: there is nothing more before the end that was asked for."""

    chunks: list[dict[str, Any]]
    next_ms: int | None


def page(
    machine: str, *, from_ms: int, to_ms: int, chunks: ChunkReader, schemas: SchemaReader, most: int = MOST_VALUES
) -> Page:
    """Chunks whose minute starts within [from, to), whole minutes of them at least one."""
    found: list[dict[str, Any]] = []
    values, minute = 0, -1
    for stored in chunks.between(machine, from_ms=from_ms, to_ms=to_ms - 1, consistent=True):
        starts = stored.extent.t0_ms // MINUTE_MS
        if values >= most and starts != minute:
            return Page(found, starts * MINUTE_MS)
        minute = starts
        made = _chunk(stored, schemas)
        values += sum(len(column["values"]) for column in made["columns"].values())
        found.append(made)
    return Page(found, None)


def _chunk(stored: StoredChunk, schemas: SchemaReader) -> dict[str, Any]:
    extent = stored.extent
    head = {
        "source": extent.source,
        "boot": extent.boot,
        "firstSeq": extent.first,
        "rows": extent.rows,
        "startMs": extent.t0_ms,
        "periodMs": extent.period_ms,
    }
    schema = schemas.get(stored.schema_hash)
    try:
        rows = decode(stored.chunk)
        events = [event_to(event) for event in unpack_minute_events(stored.events)]
    except (MalformedChunk, MalformedMessage) as error:
        return {**head, "quality": [], "columns": {}, "events": [], "unreadable": str(error)}
    columns = dict(_columns(schema, rows.columns)) if schema is not None else {}
    return {**head, "quality": list(rows.quality), "columns": columns, "events": events}


def _columns(schema: Schema, columns: list[list[int | None]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for signal, values in zip(schema.signals, columns, strict=True):
        told = {"unit": signal.unit, "native": signal.native_name, "values": signal.values(values)}
        yield signal.key, told
