"""What only the control knows, asked for through one Protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cnc.domain.gcode.facts import UNKNOWN
from cnc.domain.gcode.source import Source


class Control(Protocol):
    """Values of one control. `nan` means unknown and is carried on as unknown; it is never replaced by a guess."""

    def variable(self, number: int, /) -> float | None:
        """A common or system variable before the program starts; None = vacant."""

    def work_offset(self, name: str, axis: str, /) -> float:
        """Machine coordinate of a work zero in mm or degrees; `name` as in `Modal.work`. Common shift included."""

    def reference(self, number: int, axis: str, /) -> float:
        """Machine coordinate of reference position 1 (G28) to 4 (G30 P4)."""

    def tool_length(self, number: int, /) -> float:
        """Length compensation of offset number H in mm."""

    def block_skip(self, number: int, /) -> bool | None:
        """Whether the skip switch is on; None = unknown, the block is read as if it were off."""

    def program(self, name: str, /) -> Source | None:
        """The file that holds a program outside this one: `O0100` (at least 4 digits) or a name."""


@dataclass(frozen=True, slots=True)
class Known:
    """A control of which some things are known, and nothing else. `Known()` knows nothing."""

    variables: Mapping[int, float | None] = field(default_factory=dict)
    offsets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    references: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    lengths: Mapping[int, float] = field(default_factory=dict)
    skips: Mapping[int, bool] = field(default_factory=dict)
    programs: Mapping[str, Source] = field(default_factory=dict)

    def variable(self, number: int, /) -> float | None:
        return self.variables.get(number, UNKNOWN)

    def work_offset(self, name: str, axis: str, /) -> float:
        return self.offsets.get(name, {}).get(axis, UNKNOWN)

    def reference(self, number: int, axis: str, /) -> float:
        return self.references.get(number, {}).get(axis, UNKNOWN)

    def tool_length(self, number: int, /) -> float:
        return self.lengths.get(number, UNKNOWN)

    def block_skip(self, number: int, /) -> bool | None:
        return self.skips.get(number)

    def program(self, name: str, /) -> Source | None:
        return self.programs.get(name)
