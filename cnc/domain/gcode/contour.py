"""G70 to G73 of a lathe: read the blocks between two sequence numbers, then rough or finish along them."""

from collections.abc import Iterator
from typing import Final

from cnc.domain.gcode import roughing, settings
from cnc.domain.gcode.execute import execute
from cnc.domain.gcode.facts import Step
from cnc.domain.gcode.flow import Flow
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.source import Place, size_of
from cnc.domain.gcode.state import State, Where
from cnc.domain.gcode.words import Line, Words, plain_words

_LINES: Final = 2_000


def run(state: State, flow: Flow, words: Words, code: int) -> Iterator[Step]:
    """Steps of one block G70 to G73. Roughing goes on after the contour, finishing after its own block."""
    if "P" not in words.values or "Q" not in words.values:
        roughing.prepare(state, words, code)
        return
    settings.apply(state, words)
    state.modal = state.modal._replace(motion="G0" if code != 700 else state.modal.motion)
    if "X" not in state.index or "Z" not in state.index:
        raise GcodeError("cycle.axes", seen=f"axes {state.axes}", expected="X and Z for a turning cycle")
    steps, after = _contour(state, flow, words.whole("P") or 0, words.whole("Q") or 0)
    frame = flow.frame
    assert frame is not None
    if code == 700:
        yield from roughing.finish(state, steps)
        return
    yield from roughing.rough(state, words, code, steps)
    if after.offset > frame.next.offset:
        frame.next = after


def _contour(state: State, flow: Flow, first: int, last: int) -> tuple[list[Step], Place]:
    """Steps from N<first> to N<last> from the present position, and the place after them. Raises GcodeError."""
    frame = flow.frame
    assert frame is not None
    own = state.clone()
    offset, line = flow.sequence(frame, first)
    steps: list[Step] = []
    for count, text in enumerate(frame.source.lines(offset, limit=state.bounds.line_length)):
        if count >= _LINES or len(steps) >= state.bounds.steps_per_block:
            break
        parsed = Line(text, line)
        own.where = Where(line, offset, parsed.sequence, flow.depth, frame.program, text)
        own.steps = 0
        words, _ = plain_words(parsed.code)
        settings.translate(own, words)
        steps += execute(own, words)
        size = size_of(text)
        flow.count(1)
        offset, line = offset + size, line + 1
        if parsed.sequence == last:
            return steps, Place(offset, line)
    raise GcodeError("contour.end", seen=f"N{first} to N{last}", expected=f"N{last} within {_LINES} blocks after it")
