"""Drift is what changed on a control without a released change."""

from cnc.domain.programs.snapshot import Drift, Item, Snapshot, drift


def snapshot(*items: tuple[str, str, str]) -> Snapshot:
    return Snapshot("m", "d", "s", 0, tuple(Item(kind, name, sha256, 1) for kind, name, sha256 in items))


BEFORE = snapshot(("program", "O1", "a"), ("program", "O2", "b"), ("parameters", "", "p"))
AFTER = snapshot(("program", "O1", "A"), ("program", "O3", "c"), ("parameters", "", "p"))


def test_what_changed_came_or_went_is_named_with_both_digests() -> None:
    assert drift(BEFORE, AFTER) == [
        Drift("program", "O1", "a", "A"),
        Drift("program", "O2", "b", ""),
        Drift("program", "O3", "", "c"),
    ]


def test_a_released_change_explains_exactly_its_content() -> None:
    found = drift(BEFORE, AFTER, released=[("program", "O1", "A"), ("program", "O3", "x")])
    assert [one.name for one in found] == ["O2", "O3"]
    assert drift(BEFORE, BEFORE) == []
