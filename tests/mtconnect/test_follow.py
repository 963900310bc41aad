"""Following the journals: everything that is written is seen once and in order, and nothing is changed."""

from pathlib import Path

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.config import parse_config
from greengrass_components.edge_kit.floor import Floor
from greengrass_components.edge_kit.follow import Declared, EventSeen, Follower, RowSeen, Seen
from greengrass_components.edge_kit.recovery import segments_of
from tests.edge_kit.fakes import SCHEMA, SOURCE, T0, HandPace, bootstrap, open_journal

OTHER = "d_" + "9" * 16


def drained(follower: Follower) -> list[Seen]:
    """All that is there; the folders are listed at some of the looks only."""
    return [seen for _ in range(25) for seen in follower.poll()]


def rows(found: list[Seen]) -> list[tuple[int, tuple[int | None, ...]]]:
    return [(seen.at_ms, seen.values) for seen in found if isinstance(seen, RowSeen)]


def test_rows_and_events_of_all_components_are_seen_once_over_segments(tmp_path: Path) -> None:
    made = bootstrap(tmp_path)
    first = open_journal(made, HandPace(), "one", segment_bytes=2_000)
    second = open_journal(made, HandPace(), "two")
    sources = [first.source(SOURCE, schema=SCHEMA, period_ms=1000), second.source(OTHER, schema=SCHEMA, period_ms=1000)]
    follower = Follower(tmp_path / "journal")
    seen: list[Seen] = []
    for number in range(300):
        for source in sources:
            source.append(T0 + number * 1000, (number % 2, number), 0)
        if number % 100 == 50:
            sources[0].event(T0 + number * 1000, "part", {"count": number})
            seen += drained(follower)
    seen += drained(follower)
    assert len(segments_of(first.folder)) > 3
    for source in (SOURCE, OTHER):
        found = [
            values[1]
            for each in seen
            if isinstance(each, RowSeen) and each.source == source
            for values in [each.values]
        ]
        assert found == list(range(300))
    assert [each.data for each in seen if isinstance(each, EventSeen)] == [
        {"count": number} for number in (50, 150, 250)
    ]
    assert follower.caught_up
    follower.close()


def test_a_journal_of_another_boot_and_a_deleted_segment_do_not_stop_it(tmp_path: Path) -> None:
    made, pace = bootstrap(tmp_path), HandPace()
    journal = open_journal(made, pace)
    journal.source(SOURCE, schema=SCHEMA, period_ms=1000).append(T0, (0, 1), 0)
    follower = Follower(tmp_path / "journal")
    assert rows(drained(follower)) == [(T0, (0, 1))]
    journal.close()
    for number in (2, 3):
        again = open_journal(made, pace)
        again.source(SOURCE, schema=SCHEMA, period_ms=1000).append(T0 + number * 1000, (0, number), 0)
        again.close()
    segments_of(again.folder)[1].unlink()
    assert rows(drained(follower)) == [(T0 + 3000, (0, 3))]
    follower.close()


def test_a_torn_record_is_waited_for(tmp_path: Path) -> None:
    journal = open_journal(bootstrap(tmp_path), HandPace())
    source = journal.source(SOURCE, schema=SCHEMA, period_ms=1000)
    source.append(T0, (0, 1), 0)
    follower = Follower(tmp_path / "journal")
    drained(follower)
    path = segments_of(journal.folder)[-1]
    before = path.stat().st_size
    source.append(T0 + 1000, (1, 2), 0)
    whole = path.read_bytes()
    path.write_bytes(whole[: before + 9])
    assert rows(drained(follower)) == []
    path.write_bytes(whole)
    assert rows(drained(follower)) == [(T0 + 1000, (1, 2))]
    follower.close()


def test_the_floor_knows_what_stands_and_forgets_what_ended() -> None:
    floor = Floor()
    document = (
        b'{"v":1,"version":1,"tenant":"t_%s","site":"s_%s","thing":"g_%s","sources":[{"id":"%s","machine":"m_%s",'
        b'"component":"focas","period_ms":1000}],"outputs":{"sparkplug":{"enabled":true}}}'
    ) % (b"0" * 16, b"0" * 16, b"0" * 16, SOURCE.encode(), b"0" * 16)
    config = parse_config(document)
    assert config.outputs == {"sparkplug": {"enabled": True}}
    floor = Floor.of(config)
    assert not floor.take(RowSeen(OTHER, T0, (1,), 0))
    assert floor.take(Declared(SOURCE, SCHEMA))
    model = floor.model
    alarm = {"type": "SV", "number": 1, "axis": "X", "text": "a", "active": True}
    for event in (alarm, {**alarm, "number": 2}, {**alarm, "active": False}):
        floor.take(EventSeen(SOURCE, T0, "alarm", event))
    [view] = floor.machines({"m_" + "0" * 16: "Mill"})
    assert view.name == "Mill"
    assert [event.data["number"] for event in view.sources[0].events.values()] == [2]
    assert floor.model == model
    floor.take(Declared(SOURCE, Schema((Signal("s1.load", "PERCENT"),))))
    assert floor.model != model
