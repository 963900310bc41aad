"""What people and programs read of a machine, from the real store."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cnc.cloud.store.alarms import AlarmStore
from cnc.cloud.store.previews import PreviewStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.tenancy import acting_for
from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.health import Gap, SourceHealth, Unobserved
from cnc.services.ingest.alarms import apply_alarm
from cnc.services.ingest.ports import Refusal
from cnc.services.ingest.previews import apply_preview
from cnc.services.read.facts import UnobservedFacts
from tests.cloud.fixtures import Cloud
from tests.cloud.shop import (
    BOOT,
    CONTROL,
    MACHINE,
    METER,
    OTHER,
    POWER,
    SITE,
    SOURCE,
    START,
    START_MS,
    TENANT,
    THING,
    Shop,
    at,
)

STATE = {
    "availability": "AVAILABLE",
    "execution": "ACTIVE",
    "controller_mode": "AUTOMATIC",
    "functional_mode": "PRODUCTION",
    "emergency_stop": "ARMED",
    "fault": False,
}
UNAVAILABLE = dict.fromkeys(STATE, "UNAVAILABLE") | {"fault": False}


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    with acting_for(TENANT):
        yield Shop(cloud)


def seen(cloud: Cloud, *events: Event) -> None:
    previews = PreviewStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["telemetry"])
    apply_preview(MACHINE, events, thing=THING, previews=previews)


def event(seq: int, kind: str, minutes: float = 0, **data: object) -> Event:
    return Event(SOURCE, BOOT.hex(), seq, START_MS + int(minutes * 60_000), kind, data)


def test_raw_rows_are_averaged_over_the_step(shop: Shop) -> None:
    shop.minute(0, load=500)
    shop.minute(1, load=700)
    found = shop.reads.series(MACHINE, signals=["s1.load"], start=START, end=at(3), resolution_s=60, now=at(3))
    assert list(found.stamps_ms) == [START_MS, START_MS + 60_000, START_MS + 120_000]
    assert found.columns == {"s1.load": [50.0, 70.0, None]}


def test_two_sources_with_equal_boot_and_seq_do_not_hide_each_other(shop: Shop) -> None:
    shop.minute(0, load=500)
    shop.meter_minute(0, watt=4200)
    found = shop.reads.series(
        MACHINE, signals=["s1.load", "meter.wattage"], start=START, end=at(1), resolution_s=60, now=at(1)
    )
    assert found.columns == {"s1.load": [50.0], "meter.wattage": [4200.0]}


def test_an_empty_span_has_its_stamps_and_no_values(shop: Shop) -> None:
    found = shop.reads.series(MACHINE, signals=["s1.load"], start=START, end=at(2), resolution_s=60, now=at(2))
    assert found.columns == {"s1.load": [None, None]}


def test_closed_hours_come_from_minutes_and_open_ones_from_rows(shop: Shop) -> None:
    for minute in (0, 1, 190, 200):
        shop.minute(minute, load=minute * 10)
    shop.meter_minute(190, watt=100)
    shop.close(at(190))
    found = shop.reads.series(
        MACHINE, signals=["s1.load", "meter.wattage"], start=START, end=at(240), resolution_s=60, now=at(201)
    )
    loads = {minute: value for minute, value in enumerate(found.columns["s1.load"]) if value is not None}
    assert loads == {0: 0.0, 1: 1.0, 190: 190.0, 200: 200.0}
    assert found.columns["meter.wattage"][190] == 100.0


def test_a_step_over_closed_and_open_hours_weighs_rows_alike(shop: Shop) -> None:
    shop.minute(0, load=100)
    shop.minute(190, load=300, rows=30)
    shop.close(at(75))
    midnight = at(-360)
    found = shop.reads.series(
        MACHINE, signals=["s1.load"], start=midnight, end=at(240), resolution_s=86_400, now=at(201)
    )
    assert list(found.stamps_ms) == [START_MS - 360 * 60_000]
    values = [value for value in found.columns["s1.load"] if value is not None]
    assert values == [pytest.approx((60 * 10 + 30 * 30) / 90)]


@pytest.mark.parametrize("from_minute", [0.25, -179.75])
def test_steps_begin_within_the_period_and_have_all_their_rows(shop: Shop, from_minute: float) -> None:
    for minute, load in ((0, 500), (1, 700), (2, 900)):
        shop.minute(minute, load=load)
    found = shop.reads.series(
        MACHINE, signals=["s1.load"], start=at(from_minute), end=at(2.5), resolution_s=60, now=at(3)
    )
    loads = {stamp: load for stamp, load in zip(found.stamps_ms, found.columns["s1.load"], strict=True) if load}
    whole = {START_MS: 50.0, START_MS + 60_000: 70.0, START_MS + 120_000: 90.0}
    assert loads == {stamp: load for stamp, load in whole.items() if stamp >= found.stamps_ms[0]}
    assert to_ms(at(from_minute)) <= found.stamps_ms[0] < to_ms(at(from_minute)) + 60_000
    assert found.stamps_ms[-1] == START_MS + 120_000


def test_a_period_in_which_no_step_begins_has_no_points(shop: Shop) -> None:
    shop.minute(0)
    ask = {"signals": ["s1.load"], "start": at(0.1), "end": at(0.9), "now": at(1)}
    for resolution_s in (60, 86_400):
        found = shop.reads.series(MACHINE, resolution_s=resolution_s, **ask)
        assert (list(found.stamps_ms), found.columns) == ([], {"s1.load": []})


def test_a_name_that_is_no_signal_is_told_with_those_near_it(shop: Shop) -> None:
    shop.minute(0, load=500)
    ask = {"start": START, "end": at(1), "resolution_s": 60, "now": at(1)}
    found = shop.reads.series(MACHINE, signals=["s1.load", "s1.laod", "entirely else"], **ask)
    assert found.columns == {"s1.load": [50.0], "s1.laod": [None], "entirely else": [None]}
    assert found.unknown == {"s1.laod": ("s1.load",), "entirely else": ()}


def test_a_signal_of_the_newest_rows_is_known_where_the_period_has_none(shop: Shop) -> None:
    shop.minute(0)
    shop.point_to({METER: shop.meter_minute(60, watt=1)}, sent_ms=1, received_ms=1)
    ask = {"start": START, "end": at(1), "resolution_s": 60, "now": at(61)}
    assert shop.reads.series(MACHINE, signals=["meter.wattage", "meter.watt"], **ask).unknown == {
        "meter.watt": ("meter.wattage",)
    }


def test_of_a_machine_without_rows_every_name_may_be_right(shop: Shop) -> None:
    ask = {"start": START, "end": at(1), "resolution_s": 60, "now": at(1)}
    assert shop.reads.series(MACHINE, signals=["anything"], **ask).unknown == {}


def test_late_rows_show_before_their_hour_is_made_again(shop: Shop) -> None:
    shop.minute(0, load=100)
    shop.close(at(190))
    shop.minute(1, load=200)
    shop.marks.mark([(MACHINE, START_MS // 1000)])
    found = shop.reads.series(MACHINE, signals=["s1.load"], start=START, end=at(180), resolution_s=60, now=at(190))
    assert found.columns["s1.load"][:2] == [10.0, 20.0]


def test_the_timeline_is_the_same_before_and_after_closing(shop: Shop) -> None:
    for minute, execution in enumerate((1, 1, 0, 2, 2, 1)):
        shop.minute(minute + 57, execution=execution)
    ask = {"start": START, "end": at(120), "now": at(64)}
    before = shop.reads.state_timeline(MACHINE, **ask)
    shop.close(at(75))
    shop.close(at(140))
    assert shop.reads.state_timeline(MACHINE, **ask) == before
    assert [(row.execution, row.start, row.end) for row in before] == [
        ("ACTIVE", at(57), at(59)),
        ("READY", at(59), at(60)),
        ("FEED_HOLD", at(60), at(62)),
        ("ACTIVE", at(62), at(63)),
    ]


def test_the_timeline_is_cut_to_the_question(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(1)
    (row,) = shop.reads.state_timeline(MACHINE, start=at(0.5), end=at(1.5), now=at(2))
    assert (row.start, row.end) == (at(0.5), at(1.5))


def test_time_without_rows_is_left_out_of_the_timeline(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(5)
    rows = shop.reads.state_timeline(MACHINE, start=START, end=at(10), now=at(10))
    assert [(row.start, row.end) for row in rows] == [(at(0), at(1)), (at(5), at(6))]


def test_every_row_is_stored_declared_or_missing(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(1, rows=30)
    shop.minute(4)
    gap = Gap(151, 200, "power_cut", START_MS + 150_000, START_MS + 199_000)
    shop.produced(300, gap)
    found = shop.reads.completeness(MACHINE, start=START, end=at(5), now=at(5))
    assert (found.produced, found.stored, found.declared_gaps, found.missing) == (300, 150, 50, 100)
    assert [(row.source, row.reason) for row in found.gaps] == [(SOURCE, "power_cut")]


def test_copies_count_as_duplicates_and_not_as_rows(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(0, rows=30)
    shop.produced(60)
    found = shop.reads.completeness(MACHINE, start=START, end=at(1), now=at(1))
    assert (found.stored, found.missing, found.duplicates) == (60, 0, 30)


def test_windows_that_touch_add_up_even_inside_a_long_hole(shop: Shop) -> None:
    shop.minute(0)
    shop.minute(59)
    shop.produced(3600)
    parts = [shop.reads.completeness(MACHINE, start=at(start), end=at(start + 20), now=at(60)) for start in (0, 20, 40)]
    assert [part.missing for part in parts] == [1140, 1200, 1140]
    assert sum(part.produced for part in parts) == 3600


def test_the_newest_values_are_those_of_the_newest_rows(shop: Shop) -> None:
    shop.minute(0, load=100)
    newest = {SOURCE: shop.minute(1, load=123, execution=2), METER: shop.meter_minute(1, watt=900)}
    shop.point_to(newest, sent_ms=1, received_ms=1)
    values = {row.signal: row for row in shop.reads.latest([MACHINE], now=at(2))[MACHINE]}
    assert (values["s1.load"].value, values["s1.load"].unit, values["s1.load"].quality) == (12.3, "PERCENT", "GOOD")
    assert values["s1.load"].at == at(2) - timedelta(seconds=1)
    assert values["controller.execution"].value == "FEED_HOLD"
    assert values["meter.wattage"].value == 900


def test_a_signal_that_could_not_be_read_keeps_its_time(shop: Shop) -> None:
    rows = Rows(CONTROL.hash, BOOT, 1, START_MS, 1000, [[100, 200, None], [1, 1, 1]], [0, 1, 0])
    shop.point_to({SOURCE: shop.put(rows)}, sent_ms=1, received_ms=1)
    load, _ = shop.reads.latest([MACHINE], now=at(1))[MACHINE]
    assert (load.value, load.quality, load.at) == (20.0, "UNCERTAIN", START + timedelta(seconds=1))


def test_a_control_that_cannot_be_reached_has_no_values(shop: Shop) -> None:
    rows = Rows(CONTROL.hash, BOOT, 1, START_MS, 1000, [[100, None], [1, None]], [0, 3])
    shop.point_to({SOURCE: shop.put(rows)}, sent_ms=1, received_ms=1)
    values = shop.reads.latest([MACHINE], now=at(1))[MACHINE]
    assert {(row.value, row.quality) for row in values} == {(None, "UNAVAILABLE")}


def test_an_older_message_does_not_bring_older_values_back(shop: Shop) -> None:
    old, new = shop.minute(0, load=100), shop.minute(1, load=200)
    shop.point_to({SOURCE: new}, sent_ms=20, received_ms=1)
    shop.point_to({SOURCE: old}, sent_ms=10, received_ms=2)
    assert shop.reads.latest([MACHINE], now=at(2))[MACHINE][0].value == 20.0


def test_a_gateway_whose_clock_was_set_back_is_heard_again(shop: Shop) -> None:
    ahead, right = shop.minute(0, load=100), shop.minute(1, load=200)
    shop.point_to({SOURCE: ahead}, sent_ms=10**12, received_ms=1)
    shop.point_to({SOURCE: right}, sent_ms=10, received_ms=11 * 60_000)
    assert shop.reads.latest([MACHINE], now=at(2))[MACHINE][0].value == 20.0


def test_a_machine_is_shown_as_its_events_tell(cloud: Cloud, shop: Shop) -> None:
    seen(
        cloud,
        event(10, "state", 1, **STATE),
        event(11, "program", 1, name="O1234", number=1234),
        event(12, "part", 2, count=17),
        event(13, "tool", 2, number=5),
        event(14, "override", 2, feed=80, rapid=100, spindle=100),
    )
    (machine,) = shop.reads.machines(first=100, now=at(2.5))
    assert (machine.execution, machine.tile_state, machine.state_since) == ("ACTIVE", "ACTIVE", at(1))
    assert (machine.program, machine.part_count, machine.part_target, machine.tool) == ("O1234", 17, 40, 5)
    assert (machine.overrides.feed, machine.last_seen, machine.simulated) == (80.0, at(2), True)
    assert machine.site.name == "Hall"


def test_a_silent_machine_is_offline_after_three_minutes(cloud: Cloud, shop: Shop) -> None:
    seen(cloud, event(10, "state", 0, **STATE))
    assert shop.reads.machine(MACHINE, now=at(3)).tile_state == "ACTIVE"
    assert shop.reads.machine(MACHINE, now=at(3.01)).tile_state == "OFFLINE"


def test_rows_of_nulls_do_not_say_that_a_control_was_seen(cloud: Cloud, shop: Shop) -> None:
    seen(cloud, event(10, "state", 0, **STATE), event(70, "state", 1, **UNAVAILABLE))
    shop.point_to({SOURCE: shop.minute(5)}, sent_ms=1, received_ms=1)
    machine = shop.reads.machine(MACHINE, now=at(6))
    assert (machine.last_seen, machine.tile_state) == (at(1) - timedelta(seconds=3), "OFFLINE")
    assert (machine.execution, machine.state_since) == ("UNAVAILABLE", at(1))


def test_a_control_that_answers_again_is_seen_again(cloud: Cloud, shop: Shop) -> None:
    seen(cloud, event(70, "state", 1, **UNAVAILABLE), event(90, "state", 2, **STATE))
    shop.point_to({SOURCE: shop.minute(5)}, sent_ms=1, received_ms=1)
    assert shop.reads.machine(MACHINE, now=at(6)).last_seen == at(6)


def test_a_source_without_states_was_seen_when_a_row_holds_anything(shop: Shop) -> None:
    rows = Rows(POWER.hash, BOOT, 1, START_MS, 1000, [[7, 8, None, None]], [0, 0, 3, 3])
    shop.point_to({METER: shop.put(rows, source=METER)}, sent_ms=1, received_ms=1)
    assert shop.reads.machine(MACHINE, now=at(1)).last_seen == START + timedelta(seconds=2)
    dark = Rows(POWER.hash, BOOT, 5, START_MS + 60_000, 1000, [[None, None]], [3, 3])
    shop.point_to({METER: shop.put(dark, source=METER)}, sent_ms=2, received_ms=2)
    assert shop.reads.machine(MACHINE, now=at(2)).last_seen is None


def test_machines_of_one_site_only(shop: Shop) -> None:
    assert [found.id for found in shop.reads.machines(first=100, site=SITE, now=at(0))] == [MACHINE]
    assert shop.reads.machines(first=100, site="s_9999999999999999", now=at(0)) == []


def test_of_a_silent_gateway_nothing_is_said_to_hold(cloud: Cloud, shop: Shop) -> None:
    seen(cloud, event(10, "state", 1, **STATE))
    heard, silent = (shop.reads.machine(MACHINE, now=at(minutes)) for minutes in (2, 4.01))
    assert (heard.execution, heard.tile_state, heard.state_since) == ("ACTIVE", "ACTIVE", at(1))
    assert (silent.execution, silent.tile_state, silent.state_since) == ("UNAVAILABLE", "OFFLINE", at(1))
    assert silent.last_seen == at(1)


def test_a_repeated_state_keeps_its_beginning(cloud: Cloud, shop: Shop) -> None:
    seen(cloud, event(10, "state", 0, **STATE))
    seen(cloud, event(20, "state", 2, **STATE))
    assert shop.reads.machine(MACHINE, now=at(2)).state_since == START


def test_a_machine_has_the_signals_of_its_newest_chunks(shop: Shop) -> None:
    shop.point_to({SOURCE: shop.minute(0)}, sent_ms=1, received_ms=1)
    signals = shop.reads.machine(MACHINE, now=at(1)).signals
    assert [(row.key, row.kind) for row in signals] == [("s1.load", "number"), ("controller.execution", "text")]


def test_an_alarm_is_raised_cleared_and_raised_anew(cloud: Cloud, shop: Shop) -> None:
    alarms = AlarmStore(cloud.clients.tenant("dynamodb"), table=cloud.tables["telemetry"])

    def say(seq: int, minutes: float, *, active: bool) -> bool:
        said = event(seq, "alarm", minutes, number=1010, type="servo", text="OVERLOAD", axis="X", active=active)
        return apply_alarm(said, machine=MACHINE, alarms=alarms)

    assert say(5, 1, active=True)
    assert not say(5, 1, active=True)
    assert say(9, 3, active=False)
    assert not say(7, 2, active=True)
    (cleared,) = shop.reads.alarms(machine=MACHINE, active=False, first=10)
    assert (cleared.number, cleared.axis, cleared.raised_at, cleared.cleared_at) == ("1010", "X", at(1), at(3))
    assert shop.reads.alarms(machine=None, active=True, first=10) == []
    say(11, 4, active=True)
    (raised,) = shop.reads.alarms(machine=None, active=True, first=10)
    assert (raised.raised_at, raised.cleared_at) == (at(4), None)
    others = "m_9999999999999999"
    assert shop.reads.alarms_of([MACHINE, others], active=True, first=1) == {MACHINE: [raised], others: []}
    assert shop.reads.alarms_of([MACHINE], active=False, first=1) == {MACHINE: []}


def test_who_asks_is_told_their_name(shop: Shop) -> None:
    viewer = shop.reads.viewer(now=START)
    assert (viewer.tenant_name, viewer.name, viewer.roles) == ("Turning and Milling", "Ann", ("owner",))


def test_a_gateway_tells_the_configuration_it_runs(shop: Shop) -> None:
    (gateway,) = shop.reads.gateways(now=at(0))
    assert (gateway.config_version, gateway.applied_version, gateway.last_seen) == (1, None, None)


def test_time_without_rows_is_told_with_its_reason_and_only_as_far_as_asked(shop: Shop) -> None:
    spans = (Unobserved(START_MS - 60_000, START_MS + 30_000, "not_running"), Unobserved(0, 1, "clock_step"))
    entry = SourceHealth(SOURCE, BOOT.hex(), 60, START_MS + 59_000, START_MS, (), spans)
    assert shop.ledgers.write(MACHINE, entry, seen_version=0)
    found = shop.reads.completeness(MACHINE, start=at(0), end=at(1), now=at(2))
    assert found.unobserved == (UnobservedFacts(SOURCE, "not_running", at(0), at(0.5)),)
    assert shop.reads.completeness(MACHINE, start=at(0.5), end=at(1), now=at(2)).unobserved == ()


class Bytes:
    """What the quarantine keeps, without S3."""

    def put_object(self, **_: object) -> None: ...


def test_refused_messages_are_counted_for_their_gateway_for_a_day(cloud: Cloud, shop: Shop) -> None:
    kept = QuarantineStore(
        dynamodb=cloud.clients.tenant("dynamodb"), table=cloud.tables["telemetry"], s3=Bytes, bucket=cloud.bucket
    )
    kept.keep(b"two reasons", thing=THING, refusals=[Refusal("a"), Refusal("b")], received_ms=START_MS)
    kept.keep(b"later", thing=THING, refusals=[Refusal("a")], received_ms=START_MS + 60_000)
    kept.keep(b"other", thing="g_9999999999999999", refusals=[Refusal("a")], received_ms=START_MS)
    assert [gateway.quarantined for gateway in shop.reads.gateways(now=at(2))] == [2]
    assert [gateway.quarantined for gateway in shop.reads.gateways(now=at(24 * 60 + 0.5))] == [1]
    with acting_for(OTHER):
        assert [gateway.quarantined for gateway in shop.reads.gateways(now=at(2))] == []


@pytest.mark.parametrize("machine", [MACHINE, "m_9999999999999999", "m_", "x", "m_1#2"])
def test_a_foreign_machine_answers_like_one_that_is_not_there(shop: Shop, machine: str) -> None:
    shop.minute(0)
    with acting_for(OTHER):
        assert shop.reads.machine(machine, now=at(1)) is None
        assert shop.reads.alarms(machine=machine, active=None, first=10) == []
        assert shop.reads.latest([machine], now=at(1)) == {}
        with pytest.raises(CncError) as refused:
            shop.reads.series(machine, signals=["s1.load"], start=START, end=at(1), resolution_s=60, now=at(1))
        assert (refused.value.code, refused.value.seen) == ("machine.not_found", "")


def test_a_day_of_thirty_signals_costs_at_most_twelve_read_units(cloud: Cloud, shop: Shop) -> None:
    for hour in range(24):
        for minute in range(0, 60, 20):
            shop.minute(hour * 60 + minute)
    shop.close(at(24 * 60 + 15))
    units: list[float] = []
    client = cloud.clients.tenant("dynamodb")

    def meter(params: dict[str, object], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    client.meta.events.register("before-parameter-build.dynamodb", meter)
    client.meta.events.register("after-call.dynamodb", lambda parsed, **_: units.append(_units(parsed)))
    shop.reads.series(MACHINE, signals=["s1.load"], start=START, end=at(1440), resolution_s=60, now=at(1455))
    assert 0 < sum(units) <= 12
    assert len(units) <= 5  # the machine, marks of the hours, rollups, and their schema


def _units(parsed: dict[str, dict[str, float]]) -> float:
    return float(parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0))
