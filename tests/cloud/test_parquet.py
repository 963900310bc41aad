"""An hour as one Parquet object: what a reader finds in it, and that making it again replaces it."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cnc.cloud.store.parquet import HourObjectStore, ParquetWriter
from cnc.cloud.tenancy import acting_for
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Signal
from cnc.services.hours.parquet import HourColumn, ParquetStores, SourceHour, Written, write_hour
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import BOOT, CONTROL, MACHINE, METER, SOURCE, START_MS, TENANT, Shop, at

KEY = f"tenant={TENANT}/kind=parquet/date=2026-11-24/hour=06/rows.parquet"
LOAD = HourColumn("s1.load", Signal("s1.load", "PERCENT", resolution=0.1))
STATE = HourColumn("controller.execution", Signal("controller.execution", "", "text", texts=("READY", "ACTIVE")))


def read(body: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(body))


def source_hour(source: str, **columns: list[Any]) -> SourceHour:
    named = {name.replace("__", "."): values for name, values in columns.items()}
    count = len(next(iter(named.values())))
    times = [START_MS + 1000 * row for row in range(count)]
    return SourceHour(MACHINE, source, ["aa"] * count, list(range(1, count + 1)), times, [0] * count, named)


def test_what_is_written_is_read_back() -> None:
    control = source_hour(SOURCE, s1__load=[500, None, 502], controller__execution=["ACTIVE", "READY", None])
    control.quality = [0, 3, 1]
    table = read(ParquetWriter().write([STATE, LOAD], [control]))
    rows = table.select(["machine", "source", "boot", "seq", "quality", "s1.load", "controller.execution"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (MACHINE, SOURCE, "aa", 1, 0, 500, "ACTIVE"),
        (MACHINE, SOURCE, "aa", 2, 3, None, "READY"),
        (MACHINE, SOURCE, "aa", 3, 1, 502, None),
    ]
    assert table["at"].type == pa.timestamp("ms", tz="UTC")
    assert table["at"].cast(pa.int64()).to_pylist() == [START_MS, START_MS + 1000, START_MS + 2000]


def test_a_column_says_its_unit_and_what_a_step_is_worth() -> None:
    table = read(ParquetWriter().write([LOAD], [source_hour(SOURCE, s1__load=[500])]))
    field = table.schema.field("s1.load")
    told = {"unit": "PERCENT", "scale": "0.1"}
    assert field.type == pa.int32()
    assert field.metadata == {name.encode(): text.encode() for name, text in told.items()}
    assert json.loads(table.schema.metadata[b"signals"]) == {"s1.load": told}


def test_a_column_apart_from_its_key_names_the_key() -> None:
    apart = HourColumn("s1.load [WATT, 1]", Signal("s1.load", "WATT"))
    table = read(ParquetWriter().write([apart], [source_hour(SOURCE, **{apart.name: [3]})]))
    assert table.schema.field(apart.name).metadata[b"key"] == b"s1.load"


def test_a_source_without_a_signal_has_nulls_there() -> None:
    sources = [source_hour(SOURCE, s1__load=[500]), source_hour(METER, controller__execution=["READY"])]
    table = read(ParquetWriter().write([STATE, LOAD], sources))
    assert table["s1.load"].to_pylist() == [500, None]
    assert table["controller.execution"].to_pylist() == [None, "READY"]


def test_a_column_is_wider_only_where_a_value_needs_it() -> None:
    sources = [source_hour(SOURCE, s1__load=[1]), source_hour(METER, s1__load=[2**31])]
    table = read(ParquetWriter().write([LOAD], sources))
    assert (table["s1.load"].type, table["s1.load"].to_pylist()) == (pa.int64(), [1, 2**31])


def test_the_same_rows_are_the_same_bytes() -> None:
    def made() -> bytes:
        return ParquetWriter().write([LOAD], [source_hour(SOURCE, s1__load=list(range(3600)))])

    assert made() == made()


def test_row_groups_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnc.cloud.store.parquet.GROUP_ROWS", 4)
    sources = [source_hour(SOURCE, s1__load=[number] * 3) for number in range(4)]
    body = ParquetWriter().write([LOAD], sources)
    assert pq.ParquetFile(io.BytesIO(body)).num_row_groups == 2
    assert read(body)["s1.load"].to_pylist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    with acting_for(TENANT):
        yield Shop(cloud)


def make(cloud: Cloud, shop: Shop) -> Written:
    stores = ParquetStores(
        machines=shop.hours.machines,
        chunks=shop.chunks,
        schemas=shop.schemas,
        writer=ParquetWriter(),
        objects=HourObjectStore(cloud.clients.tenant("s3"), bucket=cloud.bucket),
    )
    return write_hour(START_MS, stores=stores, now=at(75))


def objects(cloud: Cloud) -> dict[str, bytes]:
    s3 = cloud.clients.own("s3")
    keys = [row["Key"] for row in s3.list_objects_v2(Bucket=cloud.bucket).get("Contents", [])]
    return {key: s3.get_object(Bucket=cloud.bucket, Key=key)["Body"].read() for key in keys}


def test_an_hour_of_the_store_is_one_object_under_its_tenant(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0, execution=1, load=500)
    shop.meter_minute(0, watt=900)
    done = make(cloud, shop)
    (body,) = objects(cloud).values()
    table = read(body)
    assert (list(objects(cloud)), done.rows, done.size) == ([KEY], 120, len(body))
    assert table.num_rows == 120
    assert table["source"].to_pylist() == [SOURCE] * 60 + [METER] * 60
    assert table["meter.wattage"].to_pylist() == [None] * 60 + [900] * 60
    assert table["controller.execution"].to_pylist() == ["ACTIVE"] * 60 + [None] * 60
    assert set(table["boot"].to_pylist()) == {BOOT.hex()}


def test_making_it_again_leaves_the_same_bytes(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0)
    make(cloud, shop)
    before = objects(cloud)
    make(cloud, shop)
    assert objects(cloud) == before


def test_a_late_chunk_remakes_the_object_in_order(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0, load=500)
    shop.minute(2, load=502)
    make(cloud, shop)
    shop.minute(1, load=501)
    make(cloud, shop)
    (body,) = objects(cloud).values()
    assert read(body)["s1.load"].to_pylist() == [500] * 60 + [501] * 60 + [502] * 60


def test_a_minute_cut_differently_counts_its_rows_once(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0, rows=60)
    shop.put(Rows(CONTROL.hash, BOOT, 1, START_MS, 1000, [[500] * 30, [1] * 30], [0] * 30))
    assert make(cloud, shop).rows == 60


def test_only_rows_of_the_hour_are_in_it(cloud: Cloud, shop: Shop) -> None:
    shop.put(Rows(CONTROL.hash, BOOT, 1, START_MS - 30_000, 1000, [[500] * 60, [1] * 60], [0] * 60))
    shop.put(Rows(CONTROL.hash, BOOT, 4001, START_MS + 3_590_000, 1000, [[501] * 60, [1] * 60], [0] * 60))
    make(cloud, shop)
    (body,) = objects(cloud).values()
    assert read(body)["seq"].to_pylist() == [*range(31, 61), *range(4001, 4011)]


def test_an_hour_without_rows_has_no_object(cloud: Cloud, shop: Shop) -> None:
    assert make(cloud, shop).rows == 0
    assert objects(cloud) == {}


def test_a_closed_hour_and_a_reopened_one_are_told(shop: Shop) -> None:
    shop.minute(0)
    shop.close(at(70))
    assert shop.told_hours == [START_MS]
    shop.marks.mark([(MACHINE, START_MS // 1000)])
    shop.close(at(75))
    assert shop.told_hours == [START_MS, START_MS]
