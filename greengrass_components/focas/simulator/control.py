"""What the FOCAS simulator reads from a simulated machine.

Structural on purpose: a machine of the simulated shop satisfies `Control` with plain attributes and never
imports this file. Every attribute is read inside one event loop step while a request is answered, so a machine
that changes only between loop steps is always seen consistent.

What a control *keeps* (parameters, macros, offsets, PMC cells, program files) belongs to the simulator itself
(`memory/`); `programs` and `macros` here only fill that memory when the simulator is made.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol


class Axis(Protocol):
    """One controlled axis; positions in millimetres, or degrees when `rotary`."""

    @property
    def name(self) -> str: ...  # "X", "Y", "Z", "A", "C": one letter, optionally one more character

    @property
    def rotary(self) -> bool: ...

    @property
    def absolute(self) -> float: ...  # in the work coordinate system

    @property
    def machine(self) -> float: ...  # in the machine coordinate system

    @property
    def relative(self) -> float: ...

    @property
    def distance(self) -> float: ...  # still to go in the present block

    @property
    def load_percent(self) -> float: ...  # servo load meter, signed

    @property
    def temperature_c(self) -> float: ...  # servo motor


class Spindle(Protocol):
    """One spindle."""

    @property
    def name(self) -> str: ...  # "S1"

    @property
    def speed_rpm(self) -> float: ...  # actual

    @property
    def load_percent(self) -> float: ...

    @property
    def temperature_c(self) -> float: ...  # spindle motor

    @property
    def max_rpm(self) -> float: ...


class Alarm(Protocol):
    """One active alarm as the control's alarm screen shows it."""

    @property
    def number(self) -> int: ...

    @property
    def type(self) -> int: ...  # 0 SW 1 PW 2 IO 3 PS 4 OT 5 OH 6 SV 7 SR 8 MC 9 SP 10 DS 11 IE 12 BG 13 SN 15 EX 19 PC

    @property
    def axis(self) -> int: ...  # 1-based, 0 = no axis

    @property
    def text(self) -> str: ...  # ASCII, at most 64 characters are sent


class Message(Protocol):
    """One operator message (external message 2000-2099 style)."""

    @property
    def number(self) -> int: ...

    @property
    def text(self) -> str: ...


class Control(Protocol):
    """A machine tool as its control shows it. Enumerations are FANUC's own numbers."""

    @property
    def kind(self) -> str: ...  # "lathe" makes a turning control (" T"); anything else a milling one (" M")

    @property
    def axes(self) -> Sequence[Axis]: ...  # at least one; the number never changes

    @property
    def spindles(self) -> Sequence[Spindle]: ...  # the number never changes

    # -- state --
    @property
    def mode(self) -> int: ...  # aut: 0 MDI 1 MEM 3 EDIT 4 HANDLE 5 JOG 6 T-JOG 7 T-HANDLE 8 INC 9 REF 10 REMOTE

    @property
    def run(self) -> int: ...  # 0 reset 1 STOP 2 HOLD 3 START 4 MSTR

    @property
    def motion(self) -> int: ...  # 0 none 1 motion 2 dwell

    @property
    def mstb(self) -> int: ...  # 0 none 1 FIN (an M, S, T or B function is being carried out)

    @property
    def emergency(self) -> int: ...  # 0 no 1 emergency stop 2 reset

    @property
    def edit(self) -> int: ...  # 0 not editing, 1 edit, ...

    @property
    def alarms(self) -> Sequence[Alarm]: ...

    @property
    def messages(self) -> Sequence[Message]: ...

    # -- program under execution --
    @property
    def program_number(self) -> int: ...  # running O number

    @property
    def main_program_number(self) -> int: ...

    @property
    def sequence_number(self) -> int: ...  # N

    @property
    def block_count(self) -> int: ...  # blocks executed

    @property
    def block_text(self) -> str: ...  # executing block and what follows, lines ended by "\n"

    # -- feeds and overrides --
    @property
    def feed_mm_min(self) -> float: ...  # actual path feed

    @property
    def feed_override_percent(self) -> float: ...

    @property
    def rapid_override_percent(self) -> float: ...

    @property
    def spindle_override_percent(self) -> float: ...

    # -- modal --
    @property
    def modal_g(self) -> Mapping[int, float]: ...  # G group from 1 -> code, e.g. {1: 1, 2: 17, 14: 54, 20: 50.1}

    @property
    def commands(self) -> Mapping[str, float]: ...  # {"F": 500, "S": 8000, "T": 5, "M": 3, "D": 1, "H": 1}

    # -- counters and timers --
    @property
    def part_count(self) -> int: ...  # parameter 6711

    @property
    def part_total(self) -> int: ...  # parameter 6712

    @property
    def part_required(self) -> int: ...  # parameter 6713

    @property
    def power_on_ms(self) -> int: ...

    @property
    def operating_ms(self) -> int: ...

    @property
    def cutting_ms(self) -> int: ...

    @property
    def cycle_ms(self) -> int: ...  # present cycle

    @property
    def now(self) -> datetime: ...  # the control's own clock, time-zone aware

    # -- what fills the memory once --
    @property
    def programs(self) -> Mapping[int, str]: ...  # O number -> text from the O word on, lines ended by "\n", no "%"

    @property
    def macros(self) -> Mapping[int, float | None]: ...  # common variables, None = vacant
