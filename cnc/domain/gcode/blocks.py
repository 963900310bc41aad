"""The thorough way through one block: program heads, block skip, macro statements, words, calls and ends."""

import re
from collections.abc import Iterator
from typing import Final

from cnc.domain.gcode import contour, statements
from cnc.domain.gcode.codes import MULTIPLE
from cnc.domain.gcode.execute import execute
from cnc.domain.gcode.facts import Kind, Severity, Step
from cnc.domain.gcode.flow import Flow, Frame, ModalCall, called
from cnc.domain.gcode.problems import GcodeError, ProgramStop
from cnc.domain.gcode.settings import translate
from cnc.domain.gcode.source import Place, program_name
from cnc.domain.gcode.state import State, Where
from cnc.domain.gcode.variables import Locals, Store, arguments
from cnc.domain.gcode.words import Line, Words, macro_words, plain_words

_HEAD: Final = re.compile(r"[:O](\d{1,8})|<([^<>]{1,64})>")
_NAMED_CALL: Final = re.compile(r"M(98|198)P?<([^<>]{1,64})>")
_STATEMENTS: Final = ("GOTO", "END", "DO", "IF[", "WHILE[", "POPEN", "PCLOS", "DPRNT", "BPRNT", "SETVN")
_NOT_ARGUMENTS: Final = frozenset("GLNOP")
_COUNTS: Final = frozenset("DEFHMST")
_MODAL_CALLS: Final = 4


class Blocks:
    """Carries out blocks on a state and a flow."""

    def __init__(self, state: State, flow: Flow, store: Store) -> None:
        self._state = state
        self._flow = flow
        self._store = store
        self._named = False
        self._begun = False

    def run(self, text: str, here: Place, frame: Frame) -> Iterator[Step]:
        """Steps of one line. Never raises for what stands in it."""
        if not text or text.isspace():
            return
        state = self._state
        line = Line(text, here.line)
        state.where = Where(here.line, here.offset, line.sequence, self._flow.depth, frame.program, text)
        state.steps, state.words, state.problems = 0, "", line.problems
        try:
            yield from self._line(line, here, frame)
        except ProgramStop as stop:
            state.problems.append(stop.at(here.line))
            self._flow.stop()
        except GcodeError as problem:
            state.problems.append(problem.at(here.line))
            if problem.code == "program.unknown":  # it may have moved anything
                state.forget(state.axes)
        if state.problems or (not state.steps and line.code != "%"):
            yield state.remark()

    def _line(self, line: Line, here: Place, frame: Frame) -> Iterator[Step]:
        code = line.code
        if not code:
            return
        if code[0] in "%:O<":
            code = self._head(code, here, frame)
        if line.skip is not None and self._skipped(line.skip):
            return
        after = frame.next
        for part in code.split(";"):
            if part:
                yield from self._block(part, here)
            if self._flow.frame is not frame or frame.next is not after:
                return

    def _head(self, code: str, here: Place, frame: Frame) -> str:
        """`%` and program numbers: the name of this program, or the end of it where the next one begins."""
        if code[0] == "%":
            if (self._named or self._begun) and here.offset != frame.start.offset:
                self._ended("%")
            else:  # what stands before the first one is no program
                frame.start = here
            return ""
        match = _HEAD.match(code)
        if match is None:
            raise GcodeError("program.number", seen=code, expected="O and 1 to 8 digits, or <NAME>")
        if here.offset != frame.start.offset and (self._named or frame.kind != "main"):
            self._ended(code)
            return ""
        number, named = match.groups()
        if not self._named:
            self._named, frame.start = True, here
        frame.program = frame.program or (named or program_name(int(number)))
        self._state.where = self._state.where._replace(program=frame.program)
        return code[match.end() :]

    def _ended(self, seen: str) -> None:
        expected = "M99 before it" if self._flow.depth else "M30 or M2 before it"
        self._state.note("program.no_end", Severity.ERROR, seen=seen, expected=expected)
        frame = self._flow.frame
        assert frame is not None
        frame.repeats = 1
        if not self._flow.back_to_caller(None):
            self._flow.stop()

    def _skipped(self, number: int) -> bool:
        switch = self._state.control.block_skip(number)
        if switch is None:
            seen = f"/{number} {self._state.where.text}"
            self._state.note("skip.unknown", Severity.NOTE, seen=seen, expected="a known switch; taken as off")
        return bool(switch)

    def _block(self, code: str, here: Place) -> Iterator[Step]:
        state = self._state
        self._begun = True
        if state.data_entry:
            state.data_entry = "G11" not in code
            state.words = "G11" if not state.data_entry else "G10 data"
            return
        named = None
        if "<" in code and (match := _NAMED_CALL.search(code)):
            named, code = match.group(2), f"{code[: match.start()]}M{match.group(1)}{code[match.end() :]}"
        macro = "#" in code or "[" in code
        statement = macro or code.startswith(_STATEMENTS)
        if statement and statements.run(code, state=state, flow=self._flow, store=self._store, here=here):
            return
        if macro:
            words = macro_words(code, self._store)
            for address, value in words.pairs:
                if value != value:
                    expected = "a value that the program itself decides"
                    state.note("word.unknown", Severity.UNKNOWN, seen=f"{address} in {code}", expected=expected)
        else:
            words, odd = plain_words(code.partition("/")[0] if "/" in code and self._skipped(1) else code)
            if odd.strip("/"):
                state.note("word.malformed", Severity.ERROR, seen=f"{odd} in {code}", expected="addresses with numbers")
        yield from self._words(words, named)

    def _words(self, words: Words, named: str | None) -> Iterator[Step]:
        state, flow = self._state, self._flow
        translate(state, words)
        macro = next((code for code in words.g if code in (650, 660, 661)), None)
        if macro is not None:
            self._macro_call(words, modal=macro != 650)
            return
        if 670 in words.g and flow.modal:
            flow.modal.pop()
        moved = False
        for step in self._steps(words):
            moved = moved or step.kind in (Kind.RAPID, Kind.LINE, Kind.ARC)
            yield step
        if moved and flow.modal and not flow.in_modal_call:
            call = flow.modal[-1]
            flow.call(call.program, kind="modal", repeats=call.repeats, values=call.values)
        self._machine_flow(words, named)

    def _steps(self, words: Words) -> Iterator[Step]:
        state = self._state
        if state.dialect.kind == "lathe":
            multiple = next((code for code in words.g if code in MULTIPLE[:4]), None)
            if multiple is not None:
                return contour.run(state, self._flow, words, multiple)
        return execute(state, words)

    def _machine_flow(self, words: Words, named: str | None) -> None:
        """M98, M99, M2, M30, after the moves of their block."""
        flow = self._flow
        for code in words.m:
            if code in (2, 30):
                flow.stop()
                return
            if code == 99:
                sequence = words.whole("P")
                if flow.depth == 0 and sequence is not None:
                    self._main_return(sequence)
                elif not flow.back_to_caller(sequence):
                    flow.stop()
                return
            if code in (98, 198):
                program, repeats = (named, words.whole("L") or 1) if named else called(words)
                flow.call(program, kind="sub", repeats=repeats)
                return
            if code == 97 and "P" in words.values:
                self._state.note("call.local", Severity.UNKNOWN, seen="M97", expected="M98: M97 is not known here")

    def _main_return(self, sequence: int) -> None:
        """M99 P in a main program goes on at a later block; an earlier one repeats the program, which is read once."""
        flow = self._flow
        frame = flow.frame
        assert frame is not None
        if flow.sequence(frame, sequence).offset >= frame.next.offset:
            flow.jump(sequence)
        else:
            flow.stop()

    def _macro_call(self, words: Words, *, modal: bool) -> None:
        number = words.whole("P")
        if number is None or not 0 <= number <= 99_999_999:
            raise GcodeError("call.program", seen=self._state.where.text, expected="P with a program number")
        repeats = words.whole("L")
        repeats = 1 if repeats is None else repeats
        values = self._arguments(words)
        if not modal:
            self._flow.call(program_name(number), kind="macro", repeats=repeats, values=values)
            return
        if len(self._flow.modal) >= _MODAL_CALLS:
            raise GcodeError("call.depth", seen="G66 within G66", expected=f"at most {_MODAL_CALLS} modal calls")
        self._flow.modal.append(ModalCall(program_name(number), repeats, values))

    def _arguments(self, words: Words) -> Locals:
        """Argument values; without a point lengths and angles count least increments."""
        small = self._state.bare()
        pairs = []
        for address, value in words.pairs:
            if address not in _NOT_ARGUMENTS and len(address) == 1:
                bare = address in words.bare and address not in _COUNTS
                pairs.append((address, value * small if bare else value))
        return arguments(pairs)
