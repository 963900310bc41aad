"""Program flow: frames of calls, loops, jumps, and the search for what they name. Never recursive, always bounded."""

from dataclasses import dataclass, field
from typing import Final, Literal

from cnc.domain.gcode.control import Control
from cnc.domain.gcode.dialect import Bounds, Dialect
from cnc.domain.gcode.facts import Severity
from cnc.domain.gcode.problems import GcodeError, ProgramStop
from cnc.domain.gcode.source import Place, Source, program_name
from cnc.domain.gcode.variables import Locals, Store
from cnc.domain.gcode.words import Words

_REMEMBERED: Final = 1_024
Kind = Literal["main", "sub", "macro", "modal"]


@dataclass(slots=True)
class Loop:
    """One open WHILE: where it stands, and how often it has run."""

    number: int
    place: Place
    rounds: int = 0


@dataclass(slots=True)
class Frame:
    """One program that is being run; `next` is the block after the present one."""

    kind: Kind
    program: str
    source: Source
    start: Place
    next: Place
    locals: Locals
    repeats: int = 1
    loops: list[Loop] = field(default_factory=list)
    back: int = 0
    """Jumps back so far."""
    versions: dict[Place, int] = field(default_factory=dict)
    """State of the variables when a jump back was taken last, by the place it was taken from."""


@dataclass(frozen=True, slots=True)
class ModalCall:
    """G66: this program is called after every block that moves."""

    program: str
    repeats: int
    values: Locals


class Flow:
    """The stack of programs; `frame` is the running one, None at the end."""

    def __init__(
        self, source: Source, store: Store, *, start: Place, control: Control, dialect: Dialect, bounds: Bounds
    ) -> None:
        self._control = control
        self._store = store
        self._dialect = dialect
        self._bounds = bounds
        self._frames: list[Frame] = []
        self._found: dict[tuple[Source, int, int], Place] = {}
        self._files: dict[str, Source | None] = {}
        self._scanned = 0
        self.executed = 0
        self.modal: list[ModalCall] = []
        self._frames.append(Frame("main", "", source, start, start, store.locals))

    @property
    def frame(self) -> Frame | None:
        return self._frames[-1] if self._frames else None

    @property
    def depth(self) -> int:
        return len(self._frames) - 1

    @property
    def in_modal_call(self) -> bool:
        return any(frame.kind == "modal" for frame in self._frames)

    def stop(self) -> None:
        self._frames.clear()

    def count(self, lines: int) -> None:
        """Lines that were executed. Raises ProgramStop beyond the bound."""
        self.executed += lines
        if self.executed > self._bounds.lines:
            raise ProgramStop("bound.lines", seen=f"{self.executed} lines", expected=f"at most {self._bounds.lines}")

    def call(self, program: str, *, kind: Kind, repeats: int = 1, values: Locals | None = None) -> None:
        """Go on with another program. Raises GcodeError when it is not known or too deep."""
        if not 0 <= repeats <= 99_999_999:
            raise GcodeError("call.repeat", seen=f"L{repeats}", expected="0 to 99999999")
        caller = self._frames[-1]
        macros = sum(frame.kind in ("macro", "modal") for frame in self._frames)
        limit = self._dialect.subprogram_depth + self._dialect.macro_depth
        too_many_macros = kind != "sub" and macros >= self._dialect.macro_depth
        subs = len(self._frames) - 1 - macros
        if too_many_macros or (kind == "sub" and subs >= self._dialect.subprogram_depth):
            seen = f"{len(self._frames)} calls within each other"
            raise GcodeError(
                "call.depth", seen=seen, expected=f"at most {limit}, {self._dialect.macro_depth} of macros"
            )
        source, place = self._find(caller.source, program)
        own = caller.locals if kind == "sub" else dict(values or {})
        if repeats:
            self._frames.append(Frame(kind, program, source, place, place, own, repeats))
            self._store.locals = own

    def _find(self, source: Source, program: str) -> tuple[Source, Place]:
        """In the caller's file, in the main one, and in what the control knows."""
        for file in (source, self._frames[0].source):
            place = file.find_program(program)
            if place is not None:
                return file, place
        if program not in self._files and len(self._files) < _REMEMBERED:
            self._files[program] = self._control.program(program)
        other = self._files.get(program)
        if other is None:
            expected = "a program in this file, or one that the control has told of"
            raise GcodeError("program.unknown", seen=program, expected=expected, severity=Severity.UNKNOWN)
        return other, other.find_program(program) or other.first()

    def back_to_caller(self, sequence: int | None) -> bool:
        """M99: once more, or back (to block `sequence`). False when there is no caller."""
        frame = self._frames[-1]
        if frame.repeats > 1:
            frame.repeats -= 1
            frame.next = frame.start
            frame.loops.clear()
            frame.versions.clear()
            return True
        if len(self._frames) == 1:
            return False
        self._frames.pop()
        self._store.locals = self._frames[-1].locals
        if sequence is not None:
            self.jump(sequence)
        return True

    def jump(self, sequence: int) -> None:
        """GOTO: forward to the end of the program first, then from its start. Raises GcodeError."""
        frame = self._frames[-1]
        place = self.sequence(frame, sequence)
        if place.offset < frame.next.offset:
            self._again(frame, frame.next, f"GOTO {sequence}")
            frame.back += 1
            if frame.back > self._bounds.loop:
                raise ProgramStop(
                    "bound.loop", seen=f"{frame.back} jumps back", expected=f"at most {self._bounds.loop}"
                )
        frame.next = place

    def _again(self, frame: Frame, at: Place, seen: str) -> None:
        """Raises ProgramStop when a jump back is taken twice and no variable has changed: it goes on for ever."""
        if frame.versions.get(at) == self._store.version:
            expected = "an end; read once, as a program that a bar feeder or a person stops"
            raise ProgramStop("program.endless", seen=seen, expected=expected, severity=Severity.NOTE)
        if len(frame.versions) >= _REMEMBERED:
            frame.versions.clear()
        frame.versions[at] = self._store.version

    def sequence(self, frame: Frame, number: int) -> Place:
        """Where N<number> stands in the running program. Raises GcodeError."""
        if not 0 < number <= 999_999_999:
            raise GcodeError("jump.number", seen=f"N{number}", expected="a sequence number of 1 or more")
        key = (frame.source, frame.next.offset, number)
        place = self._found.get(key)
        if place is None:
            place = self._scan(frame, number, frame.next, frame.source.size)
            place = place or self._scan(frame, number, frame.start, frame.next.offset)
        if place is None:
            raise GcodeError("jump.missing", seen=f"N{number}", expected="a block of this number in the same program")
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[key] = place
        return place

    def _scan(self, frame: Frame, number: int, start: Place, end: int) -> Place | None:
        place, searched = frame.source.find_sequence(number, start=start, end=end)
        self.scanned(searched)
        return place

    def scanned(self, size: int) -> None:
        """Bytes that were searched. Raises ProgramStop beyond the bound."""
        self._scanned += size
        if self._scanned > self._bounds.scan_bytes:
            raise ProgramStop("bound.scan", seen=f"{self._scanned} bytes searched", expected="fewer jumps")

    def loop(self, number: int, place: Place) -> Loop:
        """The WHILE … DO at `place`, begun or gone on with; loops that a GOTO has left are closed.

        Raises GcodeError for a number other than 1 to 3, ProgramStop beyond the bound.
        """
        if not 1 <= number <= 3:
            raise GcodeError("loop.number", seen=f"DO{number}", expected="DO 1 to 3")
        loops = self._frames[-1].loops
        open_here = next((n for n, loop in enumerate(loops) if loop.place == place or loop.number == number), None)
        if open_here is not None:
            same = loops[open_here].place == place
            del loops[open_here + (1 if same else 0) :]
        if not loops or loops[-1].place != place:
            loops.append(Loop(number, place))
            self._frames[-1].versions.pop(place, None)
        self._again(self._frames[-1], place, f"DO{number}")
        loops[-1].rounds += 1
        if loops[-1].rounds > self._bounds.loop:
            seen = f"{loops[-1].rounds} rounds of DO{number}"
            raise ProgramStop("bound.loop", seen=seen, expected=f"at most {self._bounds.loop}")
        return loops[-1]

    def end_loop(self, number: int) -> None:
        """END: back to its WHILE. Raises GcodeError when none is open."""
        frame = self._frames[-1]
        while frame.loops and frame.loops[-1].number != number:
            frame.loops.pop()
        if not frame.loops:
            raise GcodeError("loop.end", seen=f"END{number}", expected=f"a DO{number} before it")
        frame.next = frame.loops[-1].place


def called(words: Words) -> tuple[str, int]:
    """Program and repeats of M98: P1000 L5, or P51000 (five times O1000). Raises GcodeError."""
    number, repeats = words.whole("P"), words.whole("L")
    if number is None or number < 0 or number > 99_999_999:
        raise GcodeError("call.program", seen=f"P{number}", expected="P with a program number")
    if repeats is None and number > 9999:
        return program_name(number % 10_000), number // 10_000
    return program_name(number), 1 if repeats is None else repeats
