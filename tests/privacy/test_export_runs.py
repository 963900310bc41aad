"""An export that is cut off anywhere goes on where it stopped, and misses and repeats nothing."""

import contextlib
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest

from cnc.domain.base.errors import CncError
from cnc.services.privacy import exports
from cnc.services.privacy.exports import Export, ExportKind, ExportState, Member, Section
from tests.privacy.fakes import NOW, FakeArchives, FakeExports, Ticking

NOISE = Random(1)
FILES = [[(f"{section}/{number:03d}.bin", NOISE.randbytes(200)) for number in range(6)] for section in "abc"]


def section(files: list[tuple[str, bytes]]) -> Section:
    def members(after: str) -> Iterator[Member]:
        for name, content in files:
            if name > after:
                yield Member(name, content, name)

    return Section(files[0][0], members)


SECTIONS = [section(files) for files in FILES]


def ordered(held: FakeExports) -> Export:
    return exports.ask(ExportKind.TENANT, "t", by="u_1", exports=held, random=NOISE.randbytes, now=NOW)


def contents(body: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(body)) as read:
        return [(one.filename, read.read(one)) for one in read.infolist()]


def test_what_was_asked_for_is_in_the_archive_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PART_BYTES", 1000)
    held, archives = FakeExports(), FakeArchives()
    done = exports.run(
        ordered(held), sections=SECTIONS, exports=held, archives=archives, time_left=lambda: True, now=Ticking()
    )
    assert (done.state, done.percent) == (ExportState.DONE, 100)
    assert contents(archives.bodies[done.name]) == [one for files in FILES for one in files]
    assert (done.members, done.size) == (18, len(archives.bodies[done.name]))
    assert archives.largest < 1000 + 300 + 18 * 90, "no part grows beyond a member, and the list of members, more"


@pytest.mark.parametrize("every", [1, 2, 5])
def test_runs_that_end_in_time_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch, every: int) -> None:
    monkeypatch.setattr(exports, "PART_BYTES", 1000)
    held, archives = FakeExports(), FakeArchives()
    export, runs = ordered(held), 0
    while export.state is not ExportState.DONE:
        left = iter([True] * (every - 1) + [False])
        export = exports.run(
            export, sections=SECTIONS, exports=held, archives=archives, time_left=left.__next__, now=Ticking()
        )
        runs += 1
    assert runs == 18 // every + 1
    assert contents(archives.bodies[export.name]) == [one for files in FILES for one in files]


@pytest.mark.parametrize("call", range(1, 16))
def test_a_run_that_dies_at_any_call_is_made_good_by_the_next(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    monkeypatch.setattr(exports, "PART_BYTES", 1000)
    held, archives = FakeExports(), FakeArchives(fails_at=call)
    order = ordered(held)
    with contextlib.suppress(ConnectionError):
        exports.run(order, sections=SECTIONS, exports=held, archives=archives, time_left=lambda: True, now=Ticking())
    again = held.rows[order.id]
    done = exports.run(again, sections=SECTIONS, exports=held, archives=archives, time_left=lambda: True, now=Ticking())
    assert done.state is ExportState.DONE
    assert contents(archives.bodies[done.name]) == [one for files in FILES for one in files]


def test_a_second_order_for_the_same_is_the_first_one_and_a_sixth_waits() -> None:
    held = FakeExports()
    first = ordered(held)
    assert ordered(held) == first
    for number in range(exports.MOST_OPEN - 1):
        exports.ask(ExportKind.MACHINE, f"m{number}", by="u", exports=held, random=NOISE.randbytes, now=NOW)
    with pytest.raises(CncError, match="5 exports"):
        exports.ask(ExportKind.PERSON, "u_1", by="u_1", exports=held, random=NOISE.randbytes, now=NOW)
    later = NOW + timedelta(minutes=21)
    exports.ask(ExportKind.PERSON, "u_1", by="u_1", exports=held, random=NOISE.randbytes, now=later)


def test_an_order_survives_being_stored_as_text() -> None:
    order = ordered(FakeExports())
    assert Export.of_text(order.text()) == order


def test_a_run_that_dies_with_the_archive_whole_only_says_so_in_the_next() -> None:
    held, archives = FakeExports(fails_once=True), FakeArchives()
    order = ordered(held)
    with pytest.raises(ConnectionError):
        exports.run(order, sections=SECTIONS, exports=held, archives=archives, time_left=lambda: True, now=Ticking())
    done = exports.run(
        held.rows[order.id], sections=(), exports=held, archives=archives, time_left=lambda: True, now=Ticking()
    )
    assert done.state is ExportState.DONE
    assert contents(archives.bodies[done.name]) == [one for files in FILES for one in files]
