"""A write that is cut anywhere ends with the old or the verified new content, at once or at the next start."""

import contextlib
from pathlib import Path

import pytest

from tests.gate.fakes import MACHINE, NEW, OLD, FakeControl, Floor

MOST_CHANGES = 8


def floors(folder: Path, *, renames: bool, exists: bool) -> list[tuple[str, Floor]]:
    """One floor per place where the line can be cut."""
    made = []
    for cut_at in range(MOST_CHANGES):
        for after in (False, True):
            control = FakeControl(renames=renames, cut_at=cut_at, after=after)
            if not exists:
                control.programs.pop(f"{control.folder}O1234")
            made.append((f"{cut_at} {after}", Floor(folder / f"{cut_at}{after}", control)))
    return made


@pytest.mark.parametrize("renames", [True, False])
@pytest.mark.parametrize("exists", [True, False])
def test_a_cut_anywhere_leaves_old_or_new(tmp_path: Path, renames: bool, exists: bool) -> None:
    old = OLD if exists else None
    ends = set()
    for where, floor in floors(tmp_path, renames=renames, exists=exists):
        order = floor.order() if exists else floor.order(present_sha256="")
        outcome = floor.write(order)
        assert outcome is not None, where
        assert (outcome.outcome, floor.present) in (("released", NEW), ("restored", old)), where
        assert set(floor.control.programs) <= {f"{floor.control.folder}O1234", f"{floor.control.folder}O0001"}, where
        ends.add(outcome.outcome)
    assert ends == {"released", "restored"}


@pytest.mark.parametrize("renames", [True, False])
def test_a_process_that_dies_anywhere_is_put_right_at_its_next_start(tmp_path: Path, renames: bool) -> None:
    for where, floor in floors(tmp_path, renames=renames, exists=True):
        floor.control.dies = True
        with contextlib.suppress(SystemExit):
            floor.write()
        outcome = floor.settle()
        if outcome is not None:
            assert (outcome.outcome, floor.present) in (("released", NEW), ("restored", OLD)), where
        assert floor.present in (OLD, NEW), where
        assert set(floor.control.programs) == {f"{floor.control.folder}O1234", f"{floor.control.folder}O0001"}, where
        assert floor.gate.files.machines() == [], where


def test_what_cannot_be_put_right_now_blocks_writing_until_it_is(tmp_path: Path) -> None:
    floor = Floor(tmp_path, FakeControl(cut_at=1, after=True))
    floor.control.on_cut = lambda: floor.control.words.update(run=3)
    assert floor.write() is None
    assert floor.present is None  # renamed away; nothing to run
    assert floor.write(floor.order(nonce="cd" * 16)).code == "writing.unsettled"
    assert floor.settle() is None
    floor.control.words["run"] = 0
    outcome = floor.settle()
    assert (outcome.outcome, outcome.code) == ("restored", "write.cut")
    assert floor.present == OLD


def test_a_control_that_changes_the_text_is_found_out_and_undone(tmp_path: Path) -> None:
    floor = Floor(tmp_path)
    floor.control.arrives = lambda text: text.replace(b"N7G1", b"N7G0")
    outcome = floor.write()
    assert (outcome.outcome, outcome.code, floor.present) == ("restored", "read_back.differs", OLD)
    assert MACHINE not in floor.gate.files.machines()
