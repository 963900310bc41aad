"""Macro statements: assignments, IF, WHILE, GOTO, END. A condition that only the control can decide is reported."""

import re
from collections.abc import Callable
from typing import Final

from cnc.domain.gcode.expression import Scanner
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.flow import Flow, Frame
from cnc.domain.gcode.problems import GcodeError
from cnc.domain.gcode.source import Place, size_of
from cnc.domain.gcode.state import State
from cnc.domain.gcode.variables import Store
from cnc.domain.gcode.words import Line

_LOOP_WORDS: Final = re.compile(r"(?:DO|END)(\d+)\Z")
_OUTPUT: Final = ("POPEN", "PCLOS", "DPRNT", "BPRNT", "SETVN")


def run(code: str, *, state: State, flow: Flow, store: Store, here: Place) -> bool:
    """Carry out one block if it is a macro statement; False when it is a block of words.

    Raises GcodeError for a malformed statement, ProgramStop where nothing can follow.
    """
    head = code[:5]
    if code.startswith("#"):
        return _assign(code, state=state, store=store)
    if code.startswith("IF["):
        return _if(code, state=state, flow=flow, store=store)
    if code.startswith("WHILE[") or (code.startswith("DO") and code[2:3].isdigit()):
        return _while(code, state=state, flow=flow, store=store, here=here)
    if code.startswith("END") and code[3:4].isdigit():
        scan = Scanner(code, store, 3)
        flow.end_loop(scan.whole())
        _finished(scan)
        return True
    if code.startswith("GOTO"):
        _goto(Scanner(code, store, 4), flow)
        return True
    return head in _OUTPUT


def _assign(code: str, *, state: State, store: Store) -> bool:
    scan = Scanner(code, store, 1)
    number = scan.variable_number()
    scan.need("=")
    value = scan.expression()
    _finished(scan)
    if number > 999:
        state.words = f"{state.words} #{number}=".strip()
    if 5201 <= number <= 5340 or 7001 <= number <= 7960:
        state.note("macro.offset", Severity.UNKNOWN, seen=code, expected="work zeros that a program does not write")
        state.forget(state.axes)
    store.put(number, value)
    return True


def _if(code: str, *, state: State, flow: Flow, store: Store) -> bool:
    scan = Scanner(code, store, 2)
    holds = scan.condition()
    if holds is None:
        state.note("branch.unknown", Severity.UNKNOWN, seen=code, expected="a known condition; taken as not fulfilled")
    if scan.take("GOTO"):
        if holds:
            _goto(scan, flow)
    elif scan.take("THEN"):
        if holds:
            rest = code[scan.at :]
            if not rest.startswith("#"):
                raise GcodeError("macro.malformed", seen=rest or code, expected="THEN #n=…")
            return _assign(rest, state=state, store=store)
    else:
        raise scan.error("GOTO or THEN")
    return True


def _goto(scan: Scanner, flow: Flow) -> None:
    value = scan.address()
    _finished(scan)
    if value is None or value != value:
        raise GcodeError("jump.unknown", seen=scan.text, expected="a known number", severity=Severity.UNKNOWN)
    flow.jump(int(value))


def _while(code: str, *, state: State, flow: Flow, store: Store, here: Place) -> bool:
    scan = Scanner(code, store, 5 if code.startswith("WHILE") else 0)
    holds: bool | None = scan.condition() if code.startswith("WHILE") else True
    scan.need("DO")
    number = scan.whole()
    _finished(scan)
    frame = flow.frame
    assert frame is not None
    if holds is None:
        state.note("loop.unknown", Severity.UNKNOWN, seen=code, expected="a known condition; the body is read once")
        holds = not (frame.loops and frame.loops[-1].place == here)
    if holds:
        flow.loop(number, here)
        return True
    if frame.loops and frame.loops[-1].place == here:
        frame.loops.pop()
    leave(frame, number, flow=flow, limit=state.bounds.line_length)
    return True


def leave(frame: Frame, number: int, *, flow: Flow, limit: int) -> None:
    """Go on after the END of a loop that is not entered. Raises GcodeError when there is none."""

    def ends(code: str) -> bool:
        found = _LOOP_WORDS.search(code)
        return found is not None and code.startswith("END") and int(found.group(1)) == number

    place = search(frame, ends, limit=limit, scanned=flow.scanned)
    if place is None:
        raise GcodeError("loop.open", seen=f"DO{number}", expected=f"END{number} after it")
    frame.next = place


def search(frame: Frame, wanted: Callable[[str], bool], *, limit: int, scanned: Callable[[int], None]) -> Place | None:
    """The place after the first line whose code is wanted; comments, blanks and sequence number are taken off."""
    offset, line = frame.next
    for text in frame.source.lines(offset, limit=limit):
        size = size_of(text)
        offset, line = offset + size, line + 1
        scanned(size)
        if "END" in text.upper() and wanted(Line(text, line).code):
            return Place(offset, line)
        if text[:1] in ("%", "O") and text[1:2].isdigit() and offset > frame.start.offset + size:
            return None
    return None


def _finished(scan: Scanner) -> None:
    if scan.at != len(scan.text):
        raise scan.error("the end of the block")
