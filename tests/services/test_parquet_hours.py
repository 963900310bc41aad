"""Columns and rows of an hour's object, without any engine."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.chunk import Header, encode
from cnc.domain.telemetry.extent import Extent
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Schema, Signal
from cnc.services.hours.parquet import HourColumn, ParquetStores, SourceHour, places_of, write_hour
from cnc.services.stored import StoredChunk

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
NOW = START + timedelta(minutes=75)
FINE = Signal("x.position.actual", "MILLIMETER", resolution=0.0001)
COARSE = Signal("x.position.actual", "MILLIMETER", resolution=0.001)
INCHES = Signal("x.position.actual", "INCH", resolution=0.0001)
STATE = Signal("controller.execution", "", "text", texts=("READY", "ACTIVE"))
OTHER_STATE = Signal("controller.execution", "", "text", texts=("ACTIVE", "STOPPED"))
LATE_BOOT, EARLY_BOOT = bytes.fromhex("0000000200000000"), bytes.fromhex("0000000100000000")


class Store:
    """Chunks by machine, schemas, and in place of Parquet and S3 what would have been written."""

    def __init__(self, *schemas: Schema) -> None:
        self.schemas = {schema.hash: schema for schema in schemas}
        self.kept: dict[str, list[StoredChunk]] = {}
        self.columns: Sequence[HourColumn] = ()
        self.sources: list[SourceHour] = []
        self.objects: list[tuple[bytes, datetime]] = []

    def add(self, machine: str, source: str, rows: Rows) -> None:
        chunk = encode(rows)
        head = Header.peek(chunk)
        extent = Extent(source, rows.boot.hex(), head.first_seq, head.rows, head.t0_ms, head.period_ms)
        self.kept.setdefault(machine, []).append(StoredChunk(extent, chunk))

    def between(
        self, machine: str, *, from_ms: int, to_ms: int, consistent: bool = False, newest_first: bool = False
    ) -> Iterator[StoredChunk]:
        assert consistent
        return (one for one in self.kept[machine] if from_ms <= one.extent.t0_ms <= to_ms)

    def get(self, schema_hash: bytes, /) -> Schema | None:
        return self.schemas.get(schema_hash)

    def write(self, columns: Sequence[HourColumn], sources: Iterable[SourceHour], /) -> bytes:
        self.columns, self.sources = columns, list(sources)
        return b"object"

    def put(self, body: bytes, /, *, at: datetime) -> None:
        self.objects.append((body, at))

    def stores(self) -> ParquetStores:
        machines = sorted(self.kept, reverse=True)
        return ParquetStores(machines=lambda: machines, chunks=self, schemas=self, writer=self, objects=self)


def rows_of(
    schema: Schema, *columns: list[int | None], first: int = 1, after_s: int = 0, boot: bytes = EARLY_BOOT
) -> Rows:
    count = len(columns[0])
    return Rows(schema.hash, boot, first, START_MS + after_s * 1000, 1000, list(columns), [0] * count)


def test_sources_come_by_machine_and_name() -> None:
    schema = Schema((FINE,))
    store = Store(schema)
    for machine, source in (("m_2", "d_1"), ("m_1", "d_3"), ("m_1", "d_2")):
        store.add(machine, source, rows_of(schema, [1, 2]))
    assert write_hour(START_MS, stores=store.stores(), now=NOW).rows == 6
    assert [(one.machine, one.source) for one in store.sources] == [("m_1", "d_2"), ("m_1", "d_3"), ("m_2", "d_1")]
    assert store.objects == [(b"object", START)]


def test_equal_signals_of_different_steps_share_the_finest_column() -> None:
    fine, coarse = Schema((FINE,)), Schema((COARSE,))
    store = Store(fine, coarse)
    store.add("m_1", "d_1", rows_of(coarse, [5, None]))
    store.add("m_2", "d_2", rows_of(fine, [7]))
    write_hour(START_MS, stores=store.stores(), now=NOW)
    assert store.columns == [HourColumn("x.position.actual", FINE)]
    assert [one.columns["x.position.actual"] for one in store.sources] == [[50, None], [7]]


def test_another_unit_has_a_column_of_its_own() -> None:
    places = places_of([INCHES, COARSE, FINE])
    assert {signal.unit: place.column.name for signal, place in places.items()} == {
        "INCH": "x.position.actual",
        "MILLIMETER": "x.position.actual [MILLIMETER, 0.0001]",
    }


def test_texts_are_written_out_whatever_their_index() -> None:
    schemas = Schema((STATE,)), Schema((OTHER_STATE,))
    store = Store(*schemas)
    for number, schema in enumerate(schemas):
        store.add(f"m_{number}", f"d_{number}", rows_of(schema, [0, 1, None]))
    write_hour(START_MS, stores=store.stores(), now=NOW)
    assert [one.columns["controller.execution"] for one in store.sources] == [
        ["READY", "ACTIVE", None],
        ["ACTIVE", "STOPPED", None],
    ]


def test_a_schema_that_changes_within_the_hour_leaves_nulls() -> None:
    before, after = Schema((FINE,)), Schema((STATE,))
    store = Store(before, after)
    store.add("m_1", "d_1", rows_of(before, [1, 2]))
    store.add("m_1", "d_1", rows_of(after, [1], first=3, after_s=2))
    write_hour(START_MS, stores=store.stores(), now=NOW)
    (one,) = store.sources
    assert one.columns == {"x.position.actual": [1, 2, None], "controller.execution": [None, None, "ACTIVE"]}


def test_rows_are_sorted_by_time_when_a_clock_was_set_back() -> None:
    schema = Schema((FINE,))
    store = Store(schema)
    store.add("m_1", "d_1", rows_of(schema, [1, 2], after_s=10))
    store.add("m_1", "d_1", rows_of(schema, [3, 4], after_s=9, boot=LATE_BOOT))
    write_hour(START_MS, stores=store.stores(), now=NOW)
    (one,) = store.sources
    assert [at - START_MS for at in one.at_ms] == [9000, 10_000, 10_000, 11_000]
    assert one.columns["x.position.actual"] == [3, 1, 4, 2]


def test_chunks_of_an_unknown_schema_are_counted_and_the_rest_is_written() -> None:
    known, unknown = Schema((FINE,)), Schema((STATE,))
    store = Store(known)
    store.add("m_1", "d_1", rows_of(known, [1]))
    store.add("m_1", "d_2", rows_of(unknown, [1]))
    done = write_hour(START_MS, stores=store.stores(), now=NOW)
    assert (done.rows, done.undecodable_chunks) == (1, 1)


def test_an_hour_whose_chunks_began_to_expire_keeps_the_object_it_has() -> None:
    schema = Schema((FINE,))
    store = Store(schema)
    store.add("m_1", "d_1", rows_of(schema, [1]))
    assert not write_hour(START_MS, stores=store.stores(), now=START + timedelta(days=34, hours=23)).too_old
    store.objects.clear()
    assert write_hour(START_MS, stores=store.stores(), now=START + timedelta(days=35)).too_old
    assert store.objects == []


@pytest.mark.parametrize("hour_ms", [-3_600_000, START_MS + 1])
def test_what_is_no_start_of_an_hour_is_refused(hour_ms: int) -> None:
    with pytest.raises(BadValue, match="the start of an hour"):
        write_hour(hour_ms, stores=Store().stores(), now=NOW)
