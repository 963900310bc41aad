"""What the simulator reads from a simulated machine; structural, so that a machine of the shop fits as it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Control(Protocol):
    """One machine in the words of a FANUC control (statinfo), as the FOCAS simulator sees it."""

    @property
    def now(self) -> datetime: ...

    @property
    def mode(self) -> int: ...

    @property
    def run(self) -> int: ...

    @property
    def emergency(self) -> int: ...

    @property
    def axes(self) -> Sequence[Any]: ...  # name, machine (position, mm or degrees)

    @property
    def spindles(self) -> Sequence[Any]: ...  # speed_rpm, load_percent, temperature_c

    @property
    def alarms(self) -> Sequence[Any]: ...  # number, type, axis, text

    @property
    def main_program_number(self) -> int: ...

    @property
    def sequence_number(self) -> int: ...

    @property
    def commands(self) -> Mapping[str, float]: ...  # "M": M code of the block

    @property
    def feed_mm_min(self) -> float: ...

    @property
    def feed_override_percent(self) -> float: ...

    @property
    def rapid_override_percent(self) -> float: ...

    @property
    def spindle_override_percent(self) -> float: ...

    @property
    def part_count(self) -> int: ...

    @property
    def part_total(self) -> int: ...

    @property
    def power_on_ms(self) -> int: ...

    @property
    def operating_ms(self) -> int: ...
