"""Newest value of every signal, from the newest chunk of every source."""

from collections.abc import Sequence
from datetime import datetime

from cnc.domain.base.clock import from_ms
from cnc.domain.telemetry.facts import UNAVAILABLE, Quality, Rows
from cnc.domain.telemetry.schema import Schema, Signal
from cnc.services.ingest.ports import Newest
from cnc.services.read.facts import LatestFacts
from cnc.services.read.ports import ReadStores
from cnc.services.shop import Machine
from cnc.services.stored import decoded


def latest_of(machines: Sequence[Machine], *, stores: ReadStores) -> dict[str, list[LatestFacts]]:
    """Values per machine; one batch of reads for all of them."""
    sources = {source: machine.id for machine in machines for source in machine.sources}
    pointers: dict[str, Newest] = {}
    for thing in dict.fromkeys(machine.gateway for machine in machines if machine.gateway):
        pointers |= {source: at for source, at in stores.views.of(thing).newest.items() if source in sources}
    chunks = stores.chunks.newest(pointers)
    found = decoded(chunks.values(), schemas=stores.schemas)
    values: dict[str, list[LatestFacts]] = {machine.id: [] for machine in machines}
    for source, rows in found.by_source.items():
        for chunk in rows:
            values[sources[source]] += values_of(chunk, found.schemas[chunk.schema_hash])
    return values


def values_of(rows: Rows, schema: Schema) -> list[LatestFacts]:
    """Every signal of a chunk as it was last read.

    When the last tick was not read at all, nothing is known; a single item that was not read keeps its last value
    and the time at which it was read.
    """
    last = len(rows.quality) - 1
    dark = rows.quality[last] == UNAVAILABLE
    return [
        _unknown(signal, rows, last) if dark else _value(signal, column, rows, last)
        for signal, column in zip(schema.signals, rows.columns, strict=True)
    ]


def _value(signal: Signal, column: Sequence[int | None], rows: Rows, last: int) -> LatestFacts:
    for row in range(last, -1, -1):
        scaled = column[row]
        if scaled is not None:
            quality = Quality(rows.quality[row]).name
            return LatestFacts(signal.key, signal.value(scaled), signal.unit, _at(rows, row), quality)
    return _unknown(signal, rows, last)


def _unknown(signal: Signal, rows: Rows, row: int) -> LatestFacts:
    return LatestFacts(signal.key, None, signal.unit, _at(rows, row), Quality.UNAVAILABLE.name)


def _at(rows: Rows, row: int) -> datetime:
    return from_ms(rows.t0_ms + row * rows.period_ms)
