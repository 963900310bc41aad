"""The relay against a cloud in memory: nothing lost, nothing doubled, whatever the link does."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cnc.domain.telemetry.chunk import Header
from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.journal import Journal, SourceJournal
from greengrass_components.relay import outbox
from greengrass_components.relay import relay as relay_module
from greengrass_components.relay.cutter import FIRST_ROWS
from greengrass_components.relay.relay import Relay, open_relay
from tests.edge_kit.fakes import (
    SCHEMA,
    SOURCE,
    T0,
    FakeCloud,
    HandPace,
    bootstrap,
    eventually,
    open_journal,
    seeded,
)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAUSE_S", 0.0)
    monkeypatch.setattr(relay_module, "SEND_EVERY_S", 0.1)


@contextlib.asynccontextmanager
async def running(folder: Path, cloud: FakeCloud, pace: HandPace, **changes: object) -> AsyncIterator[Relay]:
    relay = open_relay(bootstrap(folder, **changes), link=cloud, pace=pace)
    relay.receipts.every_s = relay.receipts.settle_s = relay.receipts.grace_s = 0.05
    relay.receipts.answer_timeout_s = 0.3
    relay.health_every_s = 0.1
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    await eventually(lambda: cloud.started)
    try:
        yield relay
    finally:
        stop.set()
        await task


def write(source: SourceJournal, pace: HandPace, rows: int, *, period_ms: int = 1000) -> None:
    for _ in range(rows):
        source.append(pace.ms, [pace.ms // 5000 % 2, pace.ms // 1000 % 97], 0)
        pace.ms += period_ms


def begin(folder: Path, pace: HandPace, **limits: int) -> tuple[Journal, SourceJournal]:
    journal = open_journal(bootstrap(folder), pace, **limits)
    return journal, journal.source(SOURCE, schema=SCHEMA, period_ms=1000)


async def settled(relay: Relay, cloud: FakeCloud, rows: int) -> None:
    """All rows of ended minutes are stored, have receipts, and the ledger has been reported."""

    def stored() -> bool:
        relay._next_minute_ms = 0  # the shop's clock stands still: every moment is the one to send
        return len(cloud.seqs()) >= rows and not list(relay.marks.ledgers.unsettled())

    await eventually(stored)
    before = cloud.health_count
    await eventually(lambda: cloud.health_count > before + 1)


async def test_health_rides_with_a_question_and_is_sent_alone_when_nothing_is_to_ask(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    write(source, pace, 61)
    async with running(tmp_path, cloud, pace) as relay:
        relay.health_every_s = 0.6  # a question is asked twice a second at most
        await settled(relay, cloud, 60)
        assert cloud.riders > 0
        alone = cloud.published.count("edge_health")
        await eventually(lambda: cloud.published.count("edge_health") > alone)


async def test_rows_arrive_once_and_the_ledger_says_so(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 600)
    source.event(pace.ms - 1000, "part", {"count": 7})
    write(source, pace, 61)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 660)
    journal.close()
    seqs = cloud.seqs()
    assert seqs == [(journal.boot.hex(), seq) for seq in range(1, 661)]
    found = cloud.completeness()
    assert (found.produced, found.stored, found.missing, found.duplicates) == (660, 660, 0, 0)
    assert [e.data for events in cloud.minute_events.values() for e in events] == [{"count": 7}]
    assert set(cloud.schemas) == {SCHEMA.hash}


async def test_chunks_never_cross_a_minute(tmp_path: Path) -> None:
    pace, cloud = HandPace(T0 + 37_000), FakeCloud()
    _, source = begin(tmp_path, pace)
    write(source, pace, 200)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 143)
    headers = [Header.peek(chunk) for chunk in cloud.chunks.values()]
    assert all(h.t0_ms // 60_000 == (h.end_ms - h.period_ms) // 60_000 for h in headers)
    assert [h.rows for h in headers] == [FIRST_ROWS, 23 - FIRST_ROWS, 60, 60]


async def test_the_first_rows_of_a_boot_do_not_wait_for_the_send_phase(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        relay._next_minute_ms = pace.ms + 3_600_000
        write(source, pace, FIRST_ROWS + 2)
        await settled(relay, cloud, FIRST_ROWS)
    assert [seq for _, seq in cloud.seqs()] == list(range(1, FIRST_ROWS + 1))


async def test_lost_repeated_and_refused_messages_lose_and_double_nothing(tmp_path: Path) -> None:
    pace = HandPace()
    cloud = FakeCloud(lose=seeded(3, 0.4), repeat=seeded(4, 0.3))
    journal, source = begin(tmp_path, pace)
    write(source, pace, 1801)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 1800)
        cloud.lose = lambda channel: False
        before = cloud.health_count
        await eventually(lambda: cloud.health_count > before + 1)
    journal.close()
    assert cloud.seqs() == [(journal.boot.hex(), seq) for seq in range(1, 1801)]
    assert cloud.rewritten == []
    assert cloud.completeness().missing == 0


async def test_an_outage_is_drained_oldest_first_beside_fresh_minutes(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud(online=False)
    _, source = begin(tmp_path, pace)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        write(source, pace, 2401)
        await eventually(lambda: sum(1 for _ in relay.marks.ledgers.unsettled()) == 41)
        relay._next_minute_ms = 0
        await eventually(lambda: relay.outbox.draining and not relay.outbox.fresh)
        cloud.come_back()
        await settled(relay, cloud, 2400)
    assert "telemetry_minute" not in cloud.published
    assert [first for _, _, first in cloud.chunks] == [1, FIRST_ROWS + 1, *range(61, 2401, 60)]  # oldest first
    assert len(cloud.seqs()) == len(set(cloud.seqs())) == 2400


async def test_a_restart_from_any_earlier_marks_is_safe(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud(lose=seeded(5, 0.2))
    journal, source = begin(tmp_path, pace, segment_bytes=20_000)
    marks = tmp_path / "relay" / "marks.json"
    older: list[bytes] = []
    for round_ in range(6):
        write(source, pace, 240)
        async with running(tmp_path, cloud, pace):
            await eventually(lambda n=round_: len(cloud.seqs()) >= 240 * n)
        older.append(marks.read_bytes())
        if round_ % 2:
            marks.write_bytes(older[round_ - 1])  # as if killed before the later save
    write(source, pace, 61)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 1500)
    assert cloud.seqs() == [(journal.boot.hex(), seq) for seq in range(1, 1501)]
    assert cloud.rewritten == []
    assert cloud.completeness().missing == 0


async def test_a_relay_that_lost_its_marks_asks_before_it_sends(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    write(source, pace, 301)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 300)
    shutil.rmtree(tmp_path / "relay")
    cloud.published = []
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 300)
    assert "receipt" in cloud.published
    assert {"telemetry_minute", "telemetry_backlog"}.isdisjoint(cloud.published)


async def test_quarantined_rows_become_a_declared_gap_and_are_not_sent_again(tmp_path: Path) -> None:
    pace = HandPace()
    cloud = FakeCloud(quarantine=lambda header: header.first_seq == 61)
    _, source = begin(tmp_path, pace)
    write(source, pace, 181)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 120)
    found = cloud.completeness()
    assert (found.produced, found.stored, found.declared_gaps, found.missing) == (180, 120, 60, 0)
    assert found.gaps[0].reason == "quarantined"


async def test_a_source_that_falls_silent_is_cut_and_the_cut_is_remembered(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    write(source, pace, 30)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        pace.ms += 200_000
        await settled(relay, cloud, 30)
    pace.ms = T0 + 30_000  # the writer was only stopped, and goes on where it was
    write(source, pace, 10)
    pace.ms += 200_000
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 40)
    assert len(set(cloud.seqs())) == len(cloud.seqs()) == 40
    assert cloud.rewritten == []
    assert cloud.completeness().duplicates == 0


async def test_a_new_boot_ends_the_spans_of_the_old_and_declares_the_time_between(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    first, source = begin(tmp_path, pace)
    write(source, pace, 90)
    first.close()
    pace.ms += 300_000
    second, source = begin(tmp_path, pace)
    write(source, pace, 90)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 90 + 30)
    assert first.boot < second.boot
    ledger = cloud.ledgers[SOURCE, second.boot.hex()]
    assert [(s.from_ms, s.to_ms, s.why) for s in ledger.unobserved] == [(T0 + 90_000, T0 + 390_000, "not_running")]
    assert cloud.completeness().missing == 0


async def test_events_go_out_at_once_and_again_after_a_reconnect(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    async with running(tmp_path, cloud, pace):
        write(source, pace, 1)
        source.event(pace.ms, "state", {"execution": "ACTIVE"})
        await eventually(lambda: [e.type for e in cloud.events] == ["state"])
        cloud.come_back()
        await eventually(lambda: [e.type for e in cloud.events] == ["state", "state"])


async def test_live_frames_flow_only_under_a_lease(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    async with running(tmp_path, cloud, pace):
        write(source, pace, 3)
        before = len(cloud.published)
        await eventually(lambda: len(cloud.published) > before + 3)
        assert cloud.frames == []
        cloud.say("cmd", json.dumps({"v": 1, "type": "live", "sources": [SOURCE], "until_ms": 1 << 45}).encode())
        await eventually(lambda: len(cloud.frames) == 1)
        assert cloud.frames[0].seq == 3
        assert set(cloud.frames[0].values) == {"controller.execution", "s1.load"}
        write(source, pace, 1)
        await eventually(lambda: [frame.seq for frame in cloud.frames] == [3, 4])


@pytest.mark.parametrize("payload", [b"", b"[" * 9999, b"5", b'{"type":"start"}', b'{"type":"live","sources":5}'])
async def test_a_command_that_is_none_changes_nothing(tmp_path: Path, payload: bytes) -> None:
    pace, cloud = HandPace(), FakeCloud()
    async with running(tmp_path, cloud, pace):
        for channel in ("cmd", "receipt", "config"):
            cloud.say(channel, payload)
        await eventually(lambda: cloud.health_count > 1)
    assert not (tmp_path / "config.json").exists()


async def test_a_configuration_is_stored_and_its_version_reported(tmp_path: Path) -> None:
    made = bootstrap(tmp_path)
    document = {"v": 1, "version": 7, "tenant": made.tenant, "site": made.site, "thing": made.thing, "sources": []}
    foreign = {**document, "thing": "g_" + "9" * 16, "version": 8}
    cloud = FakeCloud()
    async with running(tmp_path, cloud, HandPace()):
        cloud.say("config", json.dumps(document).encode())
        cloud.say("config", json.dumps(foreign).encode())
        await eventually(lambda: 7 in cloud.versions)
    assert json.loads((tmp_path / "config.json").read_bytes()) == document
    assert 8 not in cloud.versions


async def test_at_most_eight_messages_are_beyond_the_last_receipt(tmp_path: Path) -> None:
    pace = HandPace()
    cloud = FakeCloud(lose=lambda channel: channel == "receipt")
    _, source = begin(tmp_path, pace)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        for minute in range(outbox.WINDOW + 4):
            write(source, pace, 60)
            rows = 60 * (minute + 1)
            await eventually(lambda n=rows: any(ledger.read >= n for ledger in relay.marks.ledgers.of.values()))
            relay._next_minute_ms = 0  # the clock jumps: the minute may be over before its rows are read
            await eventually(lambda: not relay.outbox.fresh)
        sent = [channel for channel in cloud.published if channel.startswith("telemetry_m")]
        assert len(sent) == outbox.WINDOW
        cloud.lose = lambda channel: False
        await settled(relay, cloud, 60 * (outbox.WINDOW + 3))


async def test_at_the_disk_limit_rows_are_dropped_and_declared_and_their_events_arrive(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud(online=False)
    journal, source = begin(tmp_path, pace, segment_bytes=50_000, disk_bytes=10 << 20)
    for minute in range(500):
        write(source, pace, 60)
        source.event(pace.ms - 1000, "part", {"count": minute})
    write(source, pace, 1)
    async with running(tmp_path, cloud, pace, disk_limit_mb=1) as relay:
        await eventually(lambda: relay.reader.caught_up)
        relay.trim.step()
        cloud.come_back()
        await settled(relay, cloud, 60)
        write(source, pace, 180)
        await settled(relay, cloud, 120)
    found = cloud.completeness()
    assert found.declared_gaps > 0
    assert found.missing == 0
    assert found.gaps[0].reason == "disk_full"
    counts = {e.data["count"] for events in cloud.minute_events.values() for e in events}
    assert counts == set(range(500))
    journal.close()


async def test_a_store_that_was_restored_from_a_backup_is_filled_again(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    journal, source = begin(tmp_path, pace, segment_bytes=4000)
    write(source, pace, 601)
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 600)
        for key in list(cloud.chunks)[3:7]:
            del cloud.chunks[key]
        cloud.say("cmd", b'{"v":1,"type":"ask_again"}')
        await eventually(lambda: not cloud.started)
    cloud.published = []
    async with running(tmp_path, cloud, pace) as relay:
        await settled(relay, cloud, 600)
    assert cloud.seqs() == [(journal.boot.hex(), seq) for seq in range(1, 601)]
    assert cloud.published.count("telemetry_backlog") == 1


async def test_many_new_schemas_at_once_still_fit_into_messages(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    journal = open_journal(bootstrap(tmp_path), pace)
    for number in range(60):
        signals = tuple(Signal(f"a{number}.signal_number_{k}.actual", "MILLIMETER/SECOND") for k in range(60))
        source = journal.source(f"d_{number:016d}", schema=Schema(signals), period_ms=1000)
        source.append(pace.ms, list(range(60)), 0)
        source.append(pace.ms + 60_000, list(range(60)), 0)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        await settled(relay, cloud, 0)
    assert len(cloud.chunks) == 60
    assert len(cloud.schemas) == 60


async def test_a_storm_of_events_arrives_over_several_chunks(tmp_path: Path) -> None:
    pace, cloud = HandPace(), FakeCloud()
    _, source = begin(tmp_path, pace)
    for number in range(300):
        write(source, pace, 1)
        for axis in range(3 if number < 60 else 0):
            source.event(pace.ms - 1000, "alarm", {"number": number, "axis": axis, "text": "x" * 150, "active": True})
    write(source, pace, 1)
    async with running(tmp_path, cloud, pace) as relay:
        await eventually(lambda: relay.reader.caught_up)
        await settled(relay, cloud, 300)
    found = [event for events in cloud.minute_events.values() for event in events]
    assert len(found) == 180
    assert {(e.data["number"], e.data["axis"]) for e in found} == {(n, a) for n in range(60) for a in range(3)}
