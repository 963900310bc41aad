"""The list of guards is true to the code; `make guards` weakens them one by one."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.guards.harness import ROOT, Guard, applied, guards

LEAST = 60
GUARDS = guards()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(GUARDS) >= LEAST
    assert [name for name, number in Counter(guard.name for guard in GUARDS).items() if number > 1] == []


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_and_its_weak_form_is_code(guard: Guard) -> None:
    source = (ROOT / guard.file).read_text()
    assert source.count(guard.text) == 1, f"{guard.file}: {guard.text!r} stands {source.count(guard.text)} times"
    assert guard.weakened(source) != source
    if guard.file.endswith(".py"):
        ast.parse(guard.weakened(source))
    missing = [test for test in guard.tests if not (ROOT / test.partition("::")[0]).exists()]
    assert missing == []
    assert guard.tests


def test_a_guard_is_weakened_in_the_copy_alone_and_put_back(tmp_path: Path) -> None:
    guard = GUARDS[0]
    copy = tmp_path / guard.file
    copy.parent.mkdir(parents=True)
    before = (ROOT / guard.file).read_text()
    copy.write_text(before)
    with applied(guard, tmp_path):
        assert copy.read_text() == guard.weakened(before)
        assert (ROOT / guard.file).read_text() == before
    assert copy.read_text() == before
