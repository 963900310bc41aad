"""What reading a program yields: plain values, no behaviour.

Lengths are millimetres and angles degrees whatever the program is written in; X of a lathe is a radius.
A coordinate or value that only the control knows is `nan`: it is never guessed.
"""

import math
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

UNKNOWN: Final = math.nan

#: Axis positions in the order of `Dialect.axes`.
Position = tuple[float, ...]


class Kind(IntEnum):
    """What a step does to the axes."""

    NONE = 0
    RAPID = 1
    LINE = 2
    ARC = 3
    THREAD = 4
    """A line with the feed bound to the spindle (G33, threading cycles, rigid tapping)."""
    DWELL = 5
    PROBE = 6
    """A line that a skip signal may end early (G31): `end` is the furthest it can go."""


class Severity(StrEnum):
    ERROR = "error"
    """A control stops here with an alarm, or the program does not mean what it says."""
    WARNING = "warning"
    """A control runs it; somebody should look at it first."""
    UNKNOWN = "unknown"
    """What happens depends on something that only the control knows."""
    NOTE = "note"


class Problem(NamedTuple):
    """One remark on one block; `code` is `<noun>.<reason>` and is never renamed."""

    code: str
    severity: Severity
    line: int
    seen: str
    expected: str


class Arc(NamedTuple):
    """A circular move in the plane of two axes; all other axes move in proportion (helix).

    `axes` are indices into a position; `center` belongs to them. `sweep` is in radians, positive from the first axis
    towards the second; more than one turn is possible.
    """

    axes: tuple[int, int]
    center: tuple[float, float]
    radius: float
    sweep: float


class Modal(NamedTuple):
    """The modal state under which a step runs. Shared by all steps until something changes."""

    motion: str = ""
    """G0, G1, G2, G3, G33 …; "" while the program has not said (power-on state)."""
    plane: str = "G17"
    absolute: bool = True
    units: str = "G21"
    feed_mode: str = "G94"
    """G93 1/min, G94 mm/min (degrees/min for rotary moves), G95 mm per revolution."""
    feed: float = 0.0
    speed: float = 0.0
    """Revolutions per minute, or metres per minute when `constant_surface`; nan = unknown."""
    constant_surface: bool = False
    speed_limit: float = 0.0
    """Revolutions per minute set by G50/G92 S; 0 = none."""
    spindle: str = "M5"
    coolant: str = "off"
    """off, flood, mist or mist+flood."""
    tool: int | None = None
    next_tool: int | None = None
    length: str = "G49"
    h: int | None = None
    cutter: str = "G40"
    d: int | None = None
    work: str = "G54"
    """G54 … G59, "G54.1 P7", or "G92" when G92 set a system from an unknown position."""
    cycle: str = "G80"
    level: str = "G98"
    rotated: bool = False
    """G68 or G68.2 is active."""
    scaled: bool = False
    """G51 or G51.1 is active."""
    polar: bool = False
    """G16: positions of the plane are given as radius and angle."""
    interpolation: str = ""
    """G12.1 (the rotary axis carries millimetres then), G7.1, or "" ."""
    cylinder: float = 0.0
    """Radius of G7.1 in millimetres: one degree of the rotary axis is radius x pi / 180 long."""


class Step(NamedTuple):
    """One move (or none) of one block. A canned cycle is several steps of one line; `step` counts them from 0."""

    line: int
    """Counted from 1 in its file."""
    offset: int
    """Byte where the line begins in its file."""
    sequence: int | None
    step: int
    depth: int
    """0 = main program, 1 = called by it …"""
    program: str
    kind: Kind
    start: Position
    end: Position
    """Work coordinates of `modal.work`, shifts (G52, G92), rotation and scaling applied."""
    modal: Modal
    arc: Arc | None = None
    dwell_s: float = 0.0
    machine: Position | None = None
    """End in machine coordinates where the block itself says so (G53, G28, G30)."""
    text: str = ""
    words: str = ""
    """Codes with an effect outside this reader's state, such as `G10` or `M60`, separated by spaces."""
    problems: tuple[Problem, ...] = ()
