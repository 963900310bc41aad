"""A target has one spelling, and reaches only what the gate may ever write."""

from typing import Any

import pytest

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.programs.targets import ProgramTarget, target_from

FOLDER = "//CNC_MEM/USER/PATH1/"


def program(**changed: Any) -> dict[str, Any]:
    return {"path": 1, "folder": FOLDER, "name": "O1234"} | changed


@pytest.mark.parametrize("name", ["O0001", "O1234", "O12345", "O12345678", "PART.NC"])
def test_names_of_programs(name: str) -> None:
    target = target_from("program", program(name=name))
    assert isinstance(target, ProgramTarget)


@pytest.mark.parametrize("name", ["O12", "o1234", "O01234", "O123456789", "O1234\n", "..", ".", "", "O١٢٣٤", "A/B"])
def test_another_spelling_of_a_number_is_no_name(name: str) -> None:
    with pytest.raises(MalformedMessage):
        target_from("program", program(name=name))


@pytest.mark.parametrize("folder", ["//CNC_MEM/./", "//CNC_MEM/../", "/CNC_MEM/", "//CNC_MEM", "//CNC MEM/", None])
def test_folders_are_full_ones(folder: Any) -> None:
    with pytest.raises(MalformedMessage):
        target_from("program", program(folder=folder))


@pytest.mark.parametrize("name", ["O8000", "O9999", "O80000000", "O99999999", "PART.NC"])
def test_numbers_of_machine_builders_and_names_are_protected(name: str) -> None:
    assert ProgramTarget(1, FOLDER, name).protected
    assert not ProgramTarget(1, FOLDER, "O7999").protected
    assert not ProgramTarget(1, FOLDER, "O10000").protected


@pytest.mark.parametrize("value", ["1e9", "+5", "٣", "1.", ".5", "", " 1", "1\n", "NaN", "0x1", "1" * 21, 5, None])
def test_values_are_plain_decimal_texts(value: Any) -> None:
    with pytest.raises(MalformedMessage):
        target_from("macro", {"number": 500, "value": value})


@pytest.mark.parametrize("number", [0, 1, 33, 99, 200, 499, 1000, 1132, 3000, 3006, 5001, -1, True])
def test_system_and_local_variables_are_out_of_reach(number: Any) -> None:
    with pytest.raises(MalformedMessage):
        target_from("macro", {"number": number, "value": "1"})


@pytest.mark.parametrize(("number", "kind"), [(0, 0), (1000, 0), (65537, 0), (1_000_001, 1), (1, 4)])
def test_offsets_are_those_of_tools(number: int, kind: int) -> None:
    with pytest.raises(MalformedMessage):
        target_from("offset", {"number": number, "kind": kind, "value": "1"})


@pytest.mark.parametrize("path", [0, 11])
def test_a_control_has_up_to_ten_paths(path: int) -> None:
    with pytest.raises(MalformedMessage):
        target_from("program", program(path=path))
