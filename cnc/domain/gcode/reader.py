"""The reader: a program as a stream of steps, in order of execution.

Nothing of the file is held but a piece of it; every loop, call and expansion has a bound. Reading never raises for
what stands in a program: problems come with the steps.
"""

from collections.abc import Generator, Iterator

from cnc.domain.base.errors import BadValue
from cnc.domain.gcode import quick, system
from cnc.domain.gcode.blocks import Blocks
from cnc.domain.gcode.control import Control, Known
from cnc.domain.gcode.dialect import MILL, Bounds, Dialect
from cnc.domain.gcode.facts import Severity, Step
from cnc.domain.gcode.flow import Flow, Frame
from cnc.domain.gcode.problems import ProgramStop
from cnc.domain.gcode.source import Place, Source, size_of
from cnc.domain.gcode.state import State, Where
from cnc.domain.gcode.variables import Store


def read(
    source: Source,
    *,
    program: str | None = None,
    dialect: Dialect = MILL,
    control: Control | None = None,
    bounds: Bounds | None = None,
) -> Iterator[Step]:
    """Steps of a program in `source`, the first one unless named, as the control would run it once.

    Raises BadValue when the file has no program of that name.
    """
    start = source.first() if program is None else source.find_program(program)
    if start is None:
        raise BadValue(seen=f"program {program}", expected=f"one of {', '.join(source.programs()[:20]) or 'none'}")
    reader = Reader(
        source, start=start, dialect=dialect, control=control or Known(), bounds=bounds or Bounds.for_size(source.size)
    )
    return reader.steps()


class Reader:
    """One run through one program."""

    def __init__(self, source: Source, *, start: Place, dialect: Dialect, control: Control, bounds: Bounds) -> None:
        self._state = state = State(dialect, control, bounds)
        store = Store(control, own=lambda number: system.variable(state, number), limit=bounds.variables)
        self._flow = Flow(source, store, start=start, control=control, dialect=dialect, bounds=bounds)
        self._blocks = Blocks(state, self._flow, store)
        self._limit = bounds.line_length
        self._match = quick.pattern(dialect)

    def steps(self) -> Iterator[Step]:
        while (frame := self._flow.frame) is not None:
            lines = yield from self._stretch(frame, self._flow.depth)
            try:
                self._flow.count(lines)
            except ProgramStop as stop:
                yield from self._stop(stop)

    def _stretch(self, frame: Frame, depth: int) -> Generator[Step, None, int]:
        """Blocks that follow each other in the file, until one jumps or the file ends; how many lines they are."""
        begun, here = frame.next.line, frame.next
        lines = frame.source.lines(here.offset, limit=self._limit)
        while True:
            taken: quick.Taken | None
            if quick.usable(self._state) and self._quiet():
                taken = yield from quick.run(
                    lines, here, state=self._state, match=self._match, depth=depth, program=frame.program
                )
            else:
                text = next(lines, None)
                taken = None if text is None else (text, here)
            if taken is None:
                yield from self._end_of_file(frame, here)
                return here.line - begun + 1
            text, here = taken
            frame.next = after = Place(here.offset + size_of(text), here.line + 1)
            yield from self._blocks.run(text, here, frame)
            if self._flow.frame is not frame or frame.next is not after:
                return after.line - begun
            here = after

    def _quiet(self) -> bool:
        """Whether no macro is called after moves."""
        return not self._flow.modal or self._flow.in_modal_call

    def _end_of_file(self, frame: Frame, here: Place) -> Iterator[Step]:
        state = self._state
        state.where = Where(here.line, here.offset, None, self._flow.depth, frame.program)
        state.steps, state.words = 0, ""
        expected = "M99 at the end of a subprogram" if self._flow.depth else "M30 or M2 at the end"
        state.note("program.no_end", Severity.ERROR, seen="end of the file", expected=expected)
        yield state.remark()
        frame.repeats = 1
        if not self._flow.back_to_caller(None):
            self._flow.stop()

    def _stop(self, stop: ProgramStop) -> Iterator[Step]:
        state = self._state
        state.steps, state.words = 0, ""
        state.problems.append(stop.at(state.where.line))
        yield state.remark()
        self._flow.stop()
