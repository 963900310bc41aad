"""Hours are closed once they are over, and made again when rows come late."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnc.cloud.tenancy import acting_for
from cnc.domain.telemetry.rollup import decode_rollup
from cnc.services.hours.close import close_hours, open_hours
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import BOOT, CONTROL, HOUR_MS, MACHINE, SOURCE, START, START_MS, TENANT, Shop, at


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    with acting_for(TENANT):
        yield Shop(cloud)


def derived(cloud: Cloud, kind: str) -> dict[str, Any]:
    found = cloud.raw.scan(TableName=cloud.tables["telemetry"])["Items"]
    return {item["s"]["S"]: item for item in found if item["s"]["S"].startswith(f"{kind}#")}


def intervals(shop: Shop, hours: int = 1) -> list[tuple[str, int, int, int]]:
    found = shop.intervals.between(MACHINE, from_ms=START_MS, to_ms=START_MS + hours * HOUR_MS)
    return [(made.execution, made.seq, made.from_ms - START_MS, made.to_ms - START_MS) for made in found]


def test_an_hour_stays_open_for_ten_minutes_after_its_end(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0)
    assert shop.close(at(69)).hours == 0
    assert derived(cloud, "R") == {}
    assert shop.close(at(70)).hours == 1
    assert list(derived(cloud, "R")) == [f"R#{START_MS // 1000:010d}#{SOURCE}#{CONTROL.hash.hex()}"]


def test_a_closed_hour_holds_its_minutes_and_its_states(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0, execution=1, load=500)
    shop.minute(1, execution=1, load=700)
    shop.minute(2, execution=0, load=0)
    shop.close(at(70))
    (item,) = derived(cloud, "R").values()
    made = decode_rollup(item["b"]["B"])
    assert made.mean[0][:4] == [500, 700, 0, None]
    assert list(derived(cloud, "S")) == [f"S#{START_MS:013d}"]
    assert intervals(shop) == [("ACTIVE", 1, 0, 120_000), ("READY", 121, 120_000, 180_000)]


def test_intervals_of_an_earlier_version_are_read_until_their_hour_is_made_again(cloud: Cloud, shop: Shop) -> None:
    item = {
        "p": {"S": f"T#{TENANT}#M#{MACHINE}"},
        "s": {"S": f"S#{START_MS + 5000:013d}#{SOURCE}#{BOOT.hex()}#{6:012d}"},
        "k": {"S": "WAIT"},
        "to": {"N": str(START_MS + 60_000)},
    }
    cloud.raw.put_item(TableName=cloud.tables["telemetry"], Item=item)
    assert intervals(shop) == [("WAIT", 6, 5000, 60_000)]
    shop.minute(0, execution=1)
    shop.close(at(70))
    assert intervals(shop) == [("ACTIVE", 1, 0, 60_000)]
    assert list(derived(cloud, "S")) == [f"S#{START_MS:013d}"]


def test_only_intervals_that_touch_the_span_are_told(shop: Shop) -> None:
    for minute, execution in enumerate((1, 0, 1)):
        shop.minute(minute, execution=execution)
    shop.close(at(70))
    found = shop.intervals.between(MACHINE, from_ms=START_MS + 60_000, to_ms=START_MS + 120_000)
    assert [(made.from_ms - START_MS, made.execution) for made in found] == [(60_000, "READY")]


def test_closing_again_changes_nothing(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0)
    shop.close(at(70))
    before = derived(cloud, "R") | derived(cloud, "S")
    shop.marks.close_until(START_MS // 1000)
    shop.close(at(70))
    assert derived(cloud, "R") | derived(cloud, "S") == before


def test_late_rows_reopen_their_hour_and_replace_what_was_made(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0, execution=1)
    shop.minute(2, execution=1)
    shop.close(at(70))
    assert len(intervals(shop)) == 2
    shop.minute(1, execution=1)
    shop.marks.mark([(MACHINE, START_MS // 1000)])
    assert shop.close(at(75)).reopened == 1
    assert intervals(shop) == [("ACTIVE", 1, 0, 180_000)]
    assert shop.marks.read()[1] == []


def test_an_hour_marked_while_it_was_derived_stays_marked(shop: Shop) -> None:
    hour = (MACHINE, START_MS // 1000)
    shop.marks.mark([hour])
    (seen,) = shop.marks.read()[1]
    shop.marks.mark([hour])
    shop.marks.clear(seen)
    assert [mark.hour_s for mark in shop.marks.read()[1]] == [hour[1]]


def test_an_interval_over_the_full_hour_is_cut_there(cloud: Cloud, shop: Shop) -> None:
    for minute in (58, 59, 60, 61):
        shop.minute(minute)
    shop.close(at(130))
    assert list(derived(cloud, "S")) == [f"S#{START_MS:013d}", f"S#{START_MS + HOUR_MS:013d}"]
    spans = [span[2:] for span in intervals(shop, hours=2)]
    assert spans == [(HOUR_MS - 120_000, HOUR_MS), (HOUR_MS, HOUR_MS + 120_000)]


def test_a_run_without_time_goes_on_the_next_time(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(60)
    turns = iter([True, False])
    done = close_hours(stores=shop.hours, since=START, now=at(140), time_left=lambda: next(turns))
    assert (done.hours, done.finished) == (1, False)
    assert shop.marks.closed_until_s() == START_MS // 1000 + 3600
    assert shop.close(at(140)).hours == 1


def test_chunks_of_a_schema_nobody_sent_keep_the_hour_dirty(cloud: Cloud, shop: Shop) -> None:
    shop.minute(0)
    shop.close(at(70))
    cloud.raw.delete_item(
        TableName=cloud.tables["telemetry"],
        Key={"p": {"S": f"T#{TENANT}#H"}, "s": {"S": f"H#{CONTROL.hash.hex()}"}},
    )
    shop.schemas._parsed.clear()
    shop.marks.mark([(MACHINE, START_MS // 1000)])
    assert shop.close(at(75)).undecodable_chunks == 1
    assert len(shop.marks.read()[1]) == 1


def test_missing_rows_of_a_closed_hour_are_counted(shop: Shop) -> None:
    shop.minute(0)
    shop.produced(120)
    assert shop.close(at(70)).missing_rows == 60


def test_open_are_hours_after_the_closed_and_those_marked() -> None:
    hours = open_hours(
        from_ms=START_MS + 5,
        to_ms=START_MS + 4 * HOUR_MS,
        closed_until_s=START_MS // 1000 + 3 * 3600,
        dirty_hours_s=[START_MS // 1000 + 3600],
    )
    assert hours == [START_MS + HOUR_MS, START_MS + 3 * HOUR_MS]
