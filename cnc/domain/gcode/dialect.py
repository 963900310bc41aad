"""How a control reads a program: kind of machine, G code system, decimal points, bounds."""

from dataclasses import dataclass
from typing import Final, Literal

from cnc.domain.base.errors import BadValue

ROTARY: Final = frozenset("ABC")
LINEAR: Final = frozenset("XYZUVW")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A FANUC-like control.

    `calculator`: a number without a point is millimetres, inches or degrees (calculator type, parameter 3401 bit 0);
    otherwise it counts `increments` (IS-B: 0.001 mm, 0.0001 inch, 0.001 degrees).
    `system` counts for lathes only. `diameter`: X words of a lathe are diameters.
    """

    kind: Literal["mill", "lathe"] = "mill"
    system: Literal["A", "B", "C"] = "A"
    axes: str = "XYZ"
    inch: bool = False
    calculator: bool = False
    increment_mm: float = 0.001
    increment_inch: float = 0.0001
    diameter: bool = True
    subprogram_depth: int = 10
    macro_depth: int = 5
    peck_return_mm: float = 0.5
    """Clearance of G73 and G83, parameters 5114 and 5115."""
    retract_mm: float = 0.5
    """Retract of the lathe cycles when the program names none, parameter 5133."""
    arc_tolerance_mm: float = 0.02
    """Largest difference of the radii at start and end of an arc, parameter 3410."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.axes) <= 9 or len(set(self.axes)) != len(self.axes) or set(self.axes) - LINEAR - ROTARY:
            raise BadValue(seen=f"axes {self.axes!r}", expected="1 to 9 different letters of X Y Z U V W A B C")
        if self.kind == "lathe" and self.system == "A" and set(self.axes) & set("UVW"):
            raise BadValue(seen=f"axes {self.axes!r}", expected="no U, V, W: they are increments in G code system A")


MILL: Final = Dialect()
MILL_5_AXIS: Final = Dialect(axes="XYZAC")
LATHE: Final = Dialect(kind="lathe", axes="XZ")
LATHE_C_AXIS: Final = Dialect(kind="lathe", axes="XZC")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What reading one program may cost; beyond it reading ends with the problem `bound.<which>`."""

    line_length: int = 4_096
    """Characters; FANUC blocks are far shorter, longer lines are cut and reported."""
    lines: int = 10_000_000
    """Lines executed, repetitions counted."""
    loop: int = 100_000
    """Rounds of one WHILE, or jumps back by GOTO in one program."""
    steps_per_block: int = 20_000
    """Steps that one canned cycle may expand to, repetitions included."""
    expanded: int = 2_000_000
    """Steps of all blocks that do not go the quick way."""
    scan_bytes: int = 1 << 30
    """Bytes searched for N and O numbers."""
    variables: int = 10_000

    @classmethod
    def for_size(cls, size: int) -> "Bounds":
        """Bounds of a program of so many bytes: all of it once, and 600,000 lines of loops, some 20 seconds."""
        lines = 600_000 + size // 4
        return cls(lines=lines, expanded=600_000 + lines)
