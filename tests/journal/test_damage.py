"""A journal cut or bit-flipped anywhere: produced = stored + declared gaps, and no row that is not the one written."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit import records, recovery
from greengrass_components.edge_kit.head import read_head, write_head
from greengrass_components.edge_kit.journal import Journal
from greengrass_components.relay.marks import Marks, load_marks, save_marks
from tests.edge_kit.fakes import T0, HandPace, bootstrap, open_journal
from tests.journal.truth import Drained, Truth, differences, drain

#: Of a file, at an offset.
Damage = Callable[[Path, int], None]

REACH = 4096
SOURCES = tuple(f"d_{n:016d}" for n in range(3))
SCHEMAS = (
    Schema(tuple(Signal(f"s{n}.load", "PERCENT") for n in range(10))),
    Schema((Signal("controller.execution", "", "text", texts=("READY", "ACTIVE")), Signal("s1.load", "PERCENT"))),
    Schema(tuple(Signal(f"x{n}.position.actual", "MILLIMETER", resolution=0.001) for n in range(3))),
)


def live(data: Path, truth: Truth, *, ticks: int, from_ms: int, limits: dict[str, int]) -> Journal:
    """One boot: three sources, nulls, wide values, events; ends without a word."""
    pace = HandPace(from_ms)
    journal = open_journal(bootstrap(data), pace, **limits)
    sources = [journal.source(s, schema=c, period_ms=1000) for s, c in zip(SOURCES, SCHEMAS, strict=True)]
    for tick in range(ticks):
        for number, source in enumerate(sources):
            width = len(SCHEMAS[number].signals)
            values: list[int | None] = [tick * 7 % 2 if number == 1 else tick * (k + 1) for k in range(width)]
            if tick % 5 == 0:
                values[-1] = None
            if tick % 7 == 0 and number == 2:
                values[0] = 1 << 40
            truth.append(source, pace.ms, values, 3 if tick % 11 == 0 else 0)
            if tick % 9 == 0:
                source.event(pace.ms, "part", {"count": tick, "of": source.id})
        pace.ms += 1000
    journal.sync()
    return journal


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Two boots, the second killed, its last segment longer than the reach."""
    data, truth = tmp_path_factory.mktemp("written"), Truth()
    live(data, truth, ticks=45, from_ms=T0, limits={"segment_bytes": 6000})
    live(data, truth, ticks=50, from_ms=T0 + 90_000, limits={"segment_bytes": 50_000})
    return data, truth


def journal_of(data: Path) -> Path:
    return bootstrap(data).journal("test")


def copy(data: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(data, to)
    return to


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of starts sync their files."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder) / "d"


def reopened(data: Path, truth: Truth, before: Drained | None = None, **allowed: bool) -> list[str]:
    """Start the writer anew on what is left, drain with the marks that are left, and compare."""
    open_journal(bootstrap(data), HandPace(T0 + 200_000))._abandon()  # a killed one lets go of its files too
    drained = drain(data / "journal", load_marks(data / "marks.json"), wanted=truth.lives, before=before)
    return differences(truth, drained, **allowed)


def offsets(path: Path, *, step: int = 1) -> range:
    size = path.stat().st_size
    return range(max(0, size - REACH), size, step)


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << at % 8
    path.write_bytes(bytes(data))


def cut(path: Path, at: int) -> None:
    path.write_bytes(path.read_bytes()[:at])


def beginnings(path: Path) -> list[int]:
    """Where records begin, copies included, and the end of the last."""
    data, at, found = path.read_bytes(), 0, [0]
    while at < len(data):
        at += records.FRAME_BYTES + int.from_bytes(data[at : at + 4], "little")
        found.append(at)
    return found


def whole(data: bytes) -> list[bytes]:
    return [body for _, body in records.scan(data, 0, records.Scan(0))]


def test_without_damage_everything_arrives(written: tuple[Path, Truth], scratch: Path) -> None:
    data, truth = written
    drained_from = copy(data, scratch)
    assert reopened(drained_from, truth) == []
    drained = drain(drained_from / "journal", Marks(), wanted=truth.lives)
    assert sum(len(rows) for rows in drained.rows.values()) == 3 * 95
    assert len(drained.events) == len(set(drained.events)) == 3 * (5 + 6)


def test_a_flip_at_each_of_the_last_bytes_costs_at_most_the_row_it_hits(written: tuple[Path, Truth]) -> None:
    segment = recovery.segments_of(journal_of(written[0]))[-1]
    data, starts = segment.read_bytes(), beginnings(segment)
    assert len(data) > REACH
    everything = whole(data)
    for at in offsets(segment):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        left = whole(bytes(damaged))
        hit = data[max(start for start in starts if start <= at) + records.FRAME_BYTES :]
        if hit[0] == records.ROW:
            lost = [body for body in everything if body not in left]
            assert [body[0] for body in lost] == [records.ROW], at
            assert hit.startswith(lost[0])
            assert len(left) == len(everything) - 1, at
        else:
            assert left == everything, at


def test_a_cut_at_each_of_the_last_bytes_leaves_every_record_before_it(written: tuple[Path, Truth]) -> None:
    segment = recovery.segments_of(journal_of(written[0]))[-1]
    data, everything = segment.read_bytes(), whole(segment.read_bytes())
    for at in offsets(segment):
        left = whole(data[:at])
        assert left == everything[: len(left)]
    assert len(whole(data[:-1])) == len(everything) - 1


def around_records(path: Path) -> Iterator[int]:
    """One offset of every kind of outcome: in the frame, in the body, and just before the end of each record."""
    for start, end in zip(starts := beginnings(path), starts[1:], strict=False):
        yield from (start, start + records.FRAME_BYTES + 5, end - 1)


@pytest.mark.parametrize("damage", [flip, cut])
def test_every_outcome_of_damage_in_the_last_segment_is_accounted_for(
    written: tuple[Path, Truth], scratch: Path, damage: Damage
) -> None:
    data, truth = written
    wrong = {}
    for at in list(around_records(recovery.segments_of(journal_of(data))[-1]))[::7]:
        damaged = copy(data, scratch)
        damage(recovery.segments_of(journal_of(damaged))[-1], at)
        if found := reopened(damaged, truth):
            wrong[at] = found
    assert wrong == {}


def cleanly(folder: Path) -> None:
    """As if the component had ended in order."""
    _change_head(folder, clean=True)


def by_power_cut(folder: Path) -> None:
    """As if the operating system had started anew."""
    _change_head(folder, os_boot="another run")


def killed(folder: Path) -> None:
    """As it is."""


def _change_head(folder: Path, **changes: object) -> None:
    head = read_head(folder)
    assert head is not None
    write_head(folder, replace(head, **changes))


@pytest.mark.parametrize("name", ["head.json", "written.bin"])
@pytest.mark.parametrize("damage", [flip, cut])
def test_damage_of_what_lies_beside_the_segments_costs_nothing(
    written: tuple[Path, Truth], scratch: Path, damage: Damage, name: str
) -> None:
    data, truth = written
    wrong = {}
    for at in offsets(journal_of(data) / name, step=61):
        damaged = copy(data, scratch)
        damage(journal_of(damaged) / name, at)
        if found := reopened(damaged, truth):
            wrong[at] = found
    assert wrong == {}


def drained_in_part(data: Path, truth: Truth, to: Path) -> Drained:
    """The first boot has its receipts, and its segments are gone; the marks know."""
    copy(data, to)
    first = recovery.boot_of(recovery.segments_of(journal_of(to))[0])
    later = [path for path in recovery.segments_of(journal_of(to)) if recovery.boot_of(path) != first]
    aside = to.parent / "aside"
    aside.mkdir()
    for path in later:
        path.rename(aside / path.name)
    marks = Marks()
    drained = drain(to / "journal", marks, wanted=[life for life in truth.lives if life[1] == first])
    for path in recovery.segments_of(journal_of(to)):
        path.unlink()
    for path in later:
        (aside / path.name).rename(path)
    aside.rmdir()
    marks.start["test"] = later[0].name
    save_marks(to / "marks.json", marks, for_good=True)
    return drained


@pytest.mark.parametrize("damage", [flip, cut])
def test_damaged_marks_cost_nothing_but_questions(
    written: tuple[Path, Truth], scratch: Path, tmp_path: Path, damage: Damage
) -> None:
    truth = written[1]
    drained = drained_in_part(written[0], truth, tmp_path / "part")
    wrong = {}
    for at in offsets(tmp_path / "part" / "marks.json", step=31):
        damaged = copy(tmp_path / "part", scratch)
        damage(damaged / "marks.json", at)
        if at % 2:
            (damaged / "marks.json.old").unlink()  # not even the marks before can be read
        if found := reopened(damaged, truth, drained):
            wrong[at] = found
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("end", [killed, cleanly, by_power_cut])
@pytest.mark.parametrize("damage", [flip, cut])
def test_every_file_damaged_at_each_of_its_last_bytes(
    written: tuple[Path, Truth], scratch: Path, damage: Damage, end: Callable[[Path], None]
) -> None:
    """Some 70,000 starts in all. After a power cut more may be declared than was written, never less."""
    data, truth = written
    last = recovery.segments_of(journal_of(data))[-1].name
    names = [path.name for path in sorted(journal_of(data).iterdir())]
    if end is not killed:
        names = [name for name in names if name >= last]
    wrong, count = {}, 0
    for name in names:
        for at in offsets(journal_of(data) / name):
            damaged = copy(data, scratch)
            end(journal_of(damaged))
            path = journal_of(damaged) / name
            if at < path.stat().st_size:  # the head is shorter now
                damage(path, at)
                count += 1
                if found := reopened(damaged, truth, may_declare_more=end is by_power_cut):
                    wrong[name, at] = found
    print(f"{count} starts, {damage.__name__}, {end.__name__}")
    assert wrong == {}
