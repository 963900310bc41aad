"""The quick way and the thorough way read the same blocks alike; and no bytes break the reader."""

import math
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.gcode.control import Known
from cnc.domain.gcode.dialect import LATHE, MILL, MILL_5_AXIS, Bounds, Dialect
from cnc.domain.gcode.facts import Step
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source
from tests.domain.gcode.reading import steps

DIALECTS = (MILL, MILL_5_AXIS, LATHE, Dialect(calculator=True), Dialect(kind="lathe", system="B", axes="XZC"))
NUMBERS = st.one_of(
    st.floats(-99, 99).map(lambda value: f"{value:.3f}"),
    st.integers(-9_999_999, 999_999_999).map(str),
    st.sampled_from((".5", "-.25", "+3.", "0", "12.", "1.2.3", "--1", "-", ".", "00001.0", "123456789012")),
)


@st.composite
def blocks(draw: st.DrawFn) -> str:
    head = draw(
        st.sampled_from(
            ("", "", "N10", "G0", "G1", "G01", "G2", "G03", "N7 G1", "G20", "G21", "G91", "G90", "G18", "G95")
        )
    )
    letters = draw(st.lists(st.sampled_from("XYZACIJKRF"), max_size=5, unique=True))
    order = sorted(letters, key="XYZACIJKRF".index)
    return head + "".join(f"{draw(st.sampled_from(('', ' ')))}{letter}{draw(NUMBERS)}" for letter in order)


def told(made: list[Step]) -> list[str]:
    """Everything but what the text itself decides, to nine digits; as text because nan equals nothing."""
    return [
        str(
            near(
                (s.line, s.sequence, s.step, s.kind, s.start, s.end, s.arc, s.modal, tuple(p.code for p in s.problems))
            )
        )
        for s in made
    ]


def near(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(near(part) for part in value)
    return f"{value + 0.0:.9g}" if isinstance(value, float) else value


@settings(max_examples=150)
@given(st.sampled_from(DIALECTS), st.lists(blocks(), min_size=1, max_size=8))
def test_both_ways_read_alike(dialect: Dialect, lines: list[str]) -> None:
    head = ["O1", "G21 G90 G94 G1 F100", "X1. Z2."]
    quick = "\n".join([*head, *lines, "M30"])
    thorough = "\n".join([*head, *(line and f"{line}(X)" for line in lines), "M30"])
    assert told(steps(quick, dialect=dialect)) == told(steps(thorough, dialect=dialect))


@settings(max_examples=80)
@given(
    st.sampled_from(DIALECTS), st.text("GXYZIJKRMNPQLFST#[]()=/%:O0123456789.-+ \n;<>,IFWHILEDOENDGOTO", max_size=400)
)
def test_no_text_breaks_the_reader(dialect: Dialect, text: str) -> None:
    bounds = Bounds(lines=500, loop=50, steps_per_block=100, line_length=100)
    made = steps(f"O1\n{text}", dialect=dialect, bounds=bounds)
    assert made == [] or made[-1].line >= 1


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for step in read(Source.of_bytes(data), bounds=Bounds(lines=500, loop=50)):
        assert len(step.start) == len(step.end) == 3


@settings(max_examples=100)
@given(st.lists(st.text("GX1.() ", max_size=60), max_size=12), st.integers(5, 30))
def test_offsets_and_lines_are_where_the_text_stands(lines: list[str], limit: int) -> None:
    text = "O1\n" + "\n".join(lines)
    data = text.encode()
    for step in read(Source.of_text(text), bounds=Bounds(line_length=limit)):
        if step.text:
            assert data.count(b"\n", 0, step.offset) == step.line - 1
            assert step.offset == 0 or data[step.offset - 1 : step.offset] == b"\n"


def test_a_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    text = (
        "O1\nG21 G90\n" + "".join(f"G1 X{n % 300}.5 F100\n" for n in range(30_000)) + "M98 P2\nM30\nO2\nG0 X7.\nM99\n"
    )
    path = tmp_path / "a.nc"
    path.write_text(text)
    with path.open("rb") as stream:
        from_file = list(read(Source.of_file(stream)))
    assert len(from_file) == 30_007
    assert [(s.line, s.offset) for s in from_file] == [(s.line, s.offset) for s in steps(text)]


@pytest.mark.parametrize("block", ["G2 X10. Y0 I4.", "G2 X10.", "G1 X1.2.3", "G3 X50. R1."])
def test_a_block_with_a_problem_leaves_the_quick_way(block: str) -> None:
    made = steps(f"O1\nG21 G90\nG0 X0 Y0\n{block}\nM30", control=Known())
    assert any(step.problems for step in made)
    assert not math.isnan(made[-1].end[0])


def peak_of(body: str, *, size: int) -> int:
    """Most bytes held while a program of that size is read, its own bytes not counted."""
    source = Source.of_bytes(b"O1\nG21 G90 G0 X0 Y0 Z0\nG1 F100\n" + body.encode() * (size // len(body)))
    tracemalloc.start()
    try:
        for _ in read(source):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("body", ["X1.512 Y2.533 Z1.\n", "G1 X1. "])
def test_memory_does_not_grow_with_the_program(body: str) -> None:
    assert peak_of(body, size=400_000) < peak_of(body, size=200_000) + 200_000
