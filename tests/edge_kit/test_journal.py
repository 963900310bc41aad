"""The journal on real files: what is written is there after any end, and what is lost is declared."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from greengrass_components.edge_kit import journal as journal_module
from greengrass_components.edge_kit import records, recovery
from greengrass_components.edge_kit.head import Head, read_head, write_head
from greengrass_components.edge_kit.journal import Journal, SourceJournal
from greengrass_components.synthetic.driver import schema_of, values_at
from tests.edge_kit.fakes import SCHEMA, SOURCE, T0, HandPace, bootstrap, open_journal


def folder(tmp_path: Path) -> Path:
    return bootstrap(tmp_path).journal("test")


def begin(tmp_path: Path, pace: HandPace, **limits: int) -> tuple[Journal, SourceJournal]:
    journal = open_journal(bootstrap(tmp_path), pace, **limits)
    return journal, journal.source(SOURCE, schema=SCHEMA, period_ms=1000)


def write(source: SourceJournal, pace: HandPace, rows: int) -> None:
    for _ in range(rows):
        source.append(pace.ms, [1, 2], 0)
        pace.ms += 1000


def bodies(path: Path, kind: int | None = None) -> list[bytes]:
    data = path.read_bytes()
    found = [body for _, body in records.scan(data, 0, records.Scan(0))]
    return [body for body in found if kind is None or body[0] == kind]


def everything(where: Path, kind: int) -> list[bytes]:
    return [body for path in recovery.segments_of(where) for body in bodies(path, kind)]


def seqs(where: Path) -> list[tuple[str, int]]:
    """(boot, seq) of every row, in the order of writing."""
    return [
        (recovery.boot_of(path), records.row_head(body)[1])
        for path in recovery.segments_of(where)
        for body in bodies(path, records.ROW)
    ]


@pytest.mark.parametrize(
    "values",
    [(1, -2, 3), (None, 0, None), (None, None, None), (1 << 40, -(1 << 61), 0), (None, 1 << 40, 5), tuple(range(40))],
)
def test_a_row_comes_back_from_its_record(values: tuple[int | None, ...]) -> None:
    where = records.Scan(0)
    packed = records.pack_row(7, 1 << 40, T0, 3, values)
    ((_, body),) = list(records.scan(packed, 0, where))
    assert records.unpack_row(body, len(values)) == records.RowRecord(7, 1 << 40, T0, 3, values)
    assert where == records.Scan(len(packed))


def test_rows_are_in_the_file_when_append_returns(tmp_path: Path) -> None:
    journal, source = begin(tmp_path, HandPace())
    write(source, HandPace(), 3)
    assert seqs(folder(tmp_path)) == [(journal.boot.hex(), seq) for seq in (1, 2, 3)]


def test_every_start_is_a_boot_that_sorts_after_the_one_before(tmp_path: Path) -> None:
    boots = []
    for _ in range(3):
        journal, source = begin(tmp_path, HandPace())
        write(source, HandPace(), 1)
        boots.append(journal.boot)
    assert boots == sorted(set(boots))


def test_a_journal_that_was_lost_with_its_disk_sorts_after_the_lost_one(tmp_path: Path) -> None:
    lost, _ = begin(tmp_path / "a", HandPace(T0))
    for _ in range(5):
        lost, _ = begin(tmp_path / "a", HandPace(T0))
    fresh, _ = begin(tmp_path / "b", HandPace(T0 + 60_000))
    assert fresh.boot > lost.boot


def test_the_boot_is_durable_before_the_first_row(tmp_path: Path) -> None:
    journal, _ = begin(tmp_path, HandPace())
    head = read_head(folder(tmp_path))
    assert head is not None
    assert head.boot == journal.boot


def test_seqs_are_reserved_before_they_are_used(tmp_path: Path) -> None:
    pace = HandPace()
    _, source = begin(tmp_path, pace)
    for _ in range(1000):
        write(source, pace, 1)
        head = read_head(folder(tmp_path))
        assert head is not None
        assert head.reserved[SOURCE] >= source.seq


def test_a_torn_tail_is_cut_and_the_time_since_is_declared_as_not_observed(tmp_path: Path) -> None:
    pace = HandPace()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 10)
    (segment,) = recovery.segments_of(folder(tmp_path))
    size = segment.stat().st_size
    with segment.open("ab") as file:
        file.write(records.pack_row(0, 11, pace.ms, 0, [1, 2])[:-3])
    pace.ms += 60_000
    _, source = begin(tmp_path, pace)
    write(source, pace, 1)
    assert segment.stat().st_size == size
    assert len(seqs(folder(tmp_path))) == 11
    (span,) = [records.unpack_json(body) for body in everything(folder(tmp_path), records.UNOBSERVED)]
    assert span == {"source": SOURCE, "from_ms": T0 + 10_000, "to_ms": T0 + 70_000, "why": "not_running"}
    assert everything(folder(tmp_path), records.GAP) == []
    assert journal.boot.hex() == segment.name[:16]


def as_if_power_was_cut(where: Path) -> None:
    """The operating system has started anew since the head was written."""
    head = read_head(where)
    assert head is not None
    write_head(where, Head(head.boot, "another run", head.clean, head.at_ms, head.reserved, head.last))


@pytest.mark.parametrize(("down_s", "lost"), [(100, 90), (100_000, 290)])
def test_after_a_power_cut_what_may_be_lost_is_declared(tmp_path: Path, down_s: int, lost: int) -> None:
    pace = HandPace()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 10)
    as_if_power_was_cut(folder(tmp_path))
    pace.ms = T0 + 9_000 + down_s * 1000 - 10_000
    begin(tmp_path, pace)
    (gap,) = [records.unpack_json(body) for body in everything(folder(tmp_path), records.GAP)]
    assert (gap["boot"], gap["first"], gap["reason"]) == (journal.boot.hex(), 11, "power_cut")
    assert gap["last"] - gap["first"] + 1 == lost  # no more than time allowed, and no more than were reserved
    assert gap["from_ms"] == T0 + 10_000


def test_after_an_orderly_end_nothing_is_declared_lost(tmp_path: Path) -> None:
    pace = HandPace()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 10)
    journal.close()
    as_if_power_was_cut(folder(tmp_path))
    begin(tmp_path, pace)
    assert everything(folder(tmp_path), records.GAP) == []


def test_a_damaged_head_costs_no_row_and_no_order(tmp_path: Path) -> None:
    journal, source = begin(tmp_path, HandPace())
    write(source, HandPace(), 10)
    (folder(tmp_path) / "head.json").write_bytes(b"\0" * 50)
    second, _ = begin(tmp_path, HandPace())
    assert second.boot > journal.boot
    assert len(seqs(folder(tmp_path))) == 10


def test_segments_follow_each_other_and_each_can_be_read_alone(tmp_path: Path) -> None:
    pace = HandPace()
    _, source = begin(tmp_path, pace, segment_bytes=2000)
    write(source, pace, 200)
    segments = recovery.segments_of(folder(tmp_path))
    assert len(segments) > 3
    assert all(bodies(path)[0][0] == records.SEGMENT for path in segments)
    assert all(bodies(path, records.SOURCE) for path in segments)
    assert [seq for _, seq in seqs(folder(tmp_path))] == list(range(1, 201))


def test_another_schema_or_period_goes_on_with_the_seqs(tmp_path: Path) -> None:
    pace = HandPace()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 5)
    again = journal.source(SOURCE, schema=schema_of(3), period_ms=500)
    again.append(pace.ms, [0, 1, 2, 3], 0)
    assert again is source
    assert [seq for _, seq in seqs(folder(tmp_path))] == [1, 2, 3, 4, 5, 6]
    numbers = [records.unpack_source(body).number for body in everything(folder(tmp_path), records.SOURCE)]
    assert numbers == [0, 1]


def test_at_the_limit_rows_give_way_and_events_stay(tmp_path: Path) -> None:
    pace = HandPace()
    _, source = begin(tmp_path, pace, disk_bytes=20_000, segment_bytes=4000)
    write(source, pace, 1000)
    kept = len(seqs(folder(tmp_path)))
    assert kept < 1000
    source.event(pace.ms, "part", {"count": 1})
    assert len(everything(folder(tmp_path), records.EVENT)) == 1
    for path in recovery.segments_of(folder(tmp_path))[:3]:
        path.unlink()  # the relay made room
    write(source, pace, 1)
    (gap,) = [records.unpack_json(body) for body in everything(folder(tmp_path), records.GAP)]
    assert (gap["first"], gap["last"], gap["reason"]) == (kept + 1, 1000, "disk_full")
    assert seqs(folder(tmp_path))[-1][1] == 1001


def test_a_full_disk_never_raises_and_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = HandPace()
    journal, source = begin(tmp_path, pace)
    write(source, pace, 5)
    real, room = os.write, [10]

    def full(handle: int, data: bytes) -> int:
        if handle != journal._handle:
            return real(handle, data)
        part = real(handle, data[: room[0]])
        room[0] -= part
        if part == 0:
            raise OSError(28, "No space left on device")
        return part

    monkeypatch.setattr(journal_module.os, "write", full)
    write(source, pace, 5)
    room[0] = 1 << 30
    write(source, pace, 5)
    assert [seq for _, seq in seqs(folder(tmp_path))] == [1, 2, 3, 4, 5, 11, 12, 13, 14, 15]
    (gap,) = [records.unpack_json(body) for body in everything(folder(tmp_path), records.GAP)]
    assert (gap["first"], gap["last"], gap["reason"]) == (6, 10, "disk_full")


def test_a_reservation_that_finds_no_room_drops_rows_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = HandPace()
    _, source = begin(tmp_path, pace)
    write(source, pace, 5)
    source.reserved = 5

    def full(folder: Path, head: Head) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal_module, "write_head", full)
        write(source, pace, 5)
    write(source, pace, 1)
    assert [seq for _, seq in seqs(folder(tmp_path))] == [1, 2, 3, 4, 5, 11]
    (gap,) = [records.unpack_json(body) for body in everything(folder(tmp_path), records.GAP)]
    assert (gap["first"], gap["last"], gap["reason"]) == (6, 10, "disk_full")


def test_random_damage_of_a_segment_never_raises(tmp_path: Path) -> None:
    draw = random.Random(5)
    pace = HandPace()
    _, source = begin(tmp_path, pace)
    write(source, pace, 50)
    (segment,) = recovery.segments_of(folder(tmp_path))
    whole = segment.read_bytes()
    for _ in range(200):
        damaged = bytearray(whole[: draw.randint(0, len(whole))])
        for _ in range(draw.randint(0, 3)):
            if damaged:
                damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        segment.write_bytes(bytes(damaged))
        found = recovery.recover(folder(tmp_path), now_ms=pace.ms)
        assert found.boot.hex() == segment.name[:16]


def test_a_writer_killed_at_random_loses_no_row_that_it_wrote(tmp_path: Path) -> None:
    """The process says each row after `append`; every row it said must be there, and its values must be right."""
    draw = random.Random(11)
    said: set[tuple[str, int]] = set()
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.edge_kit.writer", str(folder(tmp_path))], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(draw.randint(1, 400))]
        time.sleep(draw.random() / 50)
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
        process.wait(10)
        process.stdout.close()
        said |= {tuple(json.loads(line)) for line in lines if line.endswith("\n")}
    journal, _ = begin(tmp_path, HandPace())
    written = seqs(folder(tmp_path))
    assert len(written) == len(set(written))
    assert said <= set(written)
    by_boot: dict[str, list[int]] = {}
    for boot, seq in written:
        by_boot.setdefault(boot, []).append(seq)
    assert len(by_boot) == 6
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in by_boot.values())
    for body in everything(folder(tmp_path), records.ROW):
        row = records.unpack_row(body, 10)
        assert list(row.values) == values_at(SOURCE, row.at_ms, 9)
    assert journal.boot.hex() > max(by_boot)
