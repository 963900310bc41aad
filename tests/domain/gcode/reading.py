"""Reading a text and looking at what it does."""

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.dialect import MILL, Bounds, Dialect
from cnc.domain.gcode.facts import Kind, Position, Step
from cnc.domain.gcode.reader import read
from cnc.domain.gcode.source import Source


def steps(
    text: str, *, dialect: Dialect = MILL, control: Control | None = None, bounds: Bounds | None = None
) -> list[Step]:
    return list(read(Source.of_text(text), dialect=dialect, control=control, bounds=bounds))


def moves(text: str, **options: object) -> list[Step]:
    return [step for step in steps(text, **options) if step.kind != Kind.NONE]  # type: ignore[arg-type]


def path(text: str, **options: object) -> list[tuple[str, Position]]:
    """(kind, end) of every move, rounded to a nanometre."""
    return [(step.kind.name, tuple(round(v, 6) + 0.0 for v in step.end)) for step in moves(text, **options)]


def codes(text: str, **options: object) -> list[str]:
    """Codes of all problems, in order."""
    return [problem.code for step in steps(text, **options) for problem in step.problems]  # type: ignore[arg-type]
