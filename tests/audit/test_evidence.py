"""The page of evidence: up to date, every control once, and nothing named that is not there."""

import ast
from pathlib import Path

import pytest

from tools.evidence import FOLDER, LISTS, ROOT, controls, page

#: Controls by theme of ISO/IEC 27001:2022, Annex A, and requirements by group of IEC 62443-3-3.
COUNTS = {
    "iso27001": {"5": 37, "6": 8, "7": 14, "8": 34},
    "iec62443": {"1": 13, "2": 12, "3": 9, "4": 3, "5": 4, "6": 2, "7": 8},
}


def test_the_page_is_printed_from_the_lists() -> None:
    assert (FOLDER / "README.md").read_text() == page(), "python -m tools.evidence"


@pytest.mark.parametrize("name", LISTS)
def test_every_control_of_the_standard_stands_in_the_list_once(name: str) -> None:
    _, _, found = controls(name)
    wanted = [f"{theme}.{number}" for theme, count in COUNTS[name].items() for number in range(1, count + 1)]
    assert [control.id for control in found] == wanted


@pytest.mark.parametrize("name", LISTS)
def test_whatever_is_named_is_there(name: str) -> None:
    _, _, found = controls(name)
    assert [path for control in found for path in control.shows if not is_there(path)] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_blank_says_what_is_missing(name: str) -> None:
    _, _, found = controls(name)
    assert [control.id for control in found if control.state == "blank" and not control.missing] == []


def test_a_test_that_is_gone_would_be_seen() -> None:
    assert is_there("tests/audit/test_evidence.py::test_whatever_is_named_is_there")
    assert not is_there("tests/audit/test_evidence.py::test_that_nobody_wrote")
    assert not is_there("tests/audit/test_nothing.py")
    assert not is_there("../main/CHANGELOG.md")


def is_there(path: str) -> bool:
    file, _, test = path.partition("::")
    place = ROOT / file
    if ".." in Path(file).parts or not place.exists():
        return False
    if not test:
        return True
    tree = ast.parse(place.read_text())
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == test for node in tree.body)
