"""A machine for the simulator when there is no simulated shop: a three-axis mill that stands still in mid-cut.

Nothing moves, so that a client which reads the same thing in two ways reads the same value.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

G_GROUPS: dict[int, float] = {
    1: 1, 2: 17, 3: 90, 4: 22, 5: 94, 6: 21, 7: 40, 8: 49, 9: 80, 10: 98, 11: 50, 12: 67, 13: 97, 14: 54, 15: 64,
    16: 69, 17: 15, 18: 40.1, 19: 25, 20: 160, 21: 13.1, 22: 50.1, 23: 54.2, 24: 80.5,
}  # fmt: skip
MINUTE_MS = 60_000


def utc_now() -> datetime:
    """Wall time, for a control that runs by itself."""
    return datetime.now(UTC)


@dataclass(slots=True)
class StandaloneAxis:
    """One axis; positions in millimetres or degrees."""

    name: str
    absolute: float = 0.0
    machine: float = 0.0
    relative: float = 0.0
    distance: float = 0.0
    load_percent: float = 0.0
    temperature_c: float = 30.0
    rotary: bool = False


@dataclass(slots=True)
class StandaloneSpindle:
    """One spindle."""

    name: str = "S1"
    speed_rpm: float = 0.0
    load_percent: float = 0.0
    temperature_c: float = 30.0
    max_rpm: float = 12000.0


@dataclass(frozen=True, slots=True)
class StandaloneAlarm:
    """One alarm."""

    number: int
    type: int
    axis: int
    text: str


@dataclass(frozen=True, slots=True)
class StandaloneMessage:
    """One operator message."""

    number: int
    text: str


def _mill_axes() -> list[StandaloneAxis]:
    return [
        StandaloneAxis("X", 123.456, -100.0, 1.0, 0.5, 12, 41),
        StandaloneAxis("Y", -45.678, -200.0, 2.0, 0.0, 34, 42),
        StandaloneAxis("Z", 7.89, -300.5, 3.0, -0.25, 56, 55),
    ]


@dataclass(slots=True)
class StandaloneControl:
    """Satisfies `Control`; every field may be set, and `operate` obeys start and reset."""

    kind: str = "mill"
    axes: list[StandaloneAxis] = field(default_factory=_mill_axes)
    spindles: list[StandaloneSpindle] = field(
        default_factory=lambda: [StandaloneSpindle("S1", speed_rpm=8000, load_percent=45, temperature_c=48)]
    )
    mode: int = 1
    run: int = 3
    motion: int = 1
    mstb: int = 0
    emergency: int = 0
    edit: int = 0
    alarms: list[StandaloneAlarm] = field(default_factory=list)
    messages: list[StandaloneMessage] = field(default_factory=lambda: [StandaloneMessage(2001, "TOOL CHANGE REQUIRED")])
    program_number: int = 1
    main_program_number: int = 1
    sequence_number: int = 35
    block_count: int = 1234
    block_text: str = "O0001(MAIN)\nG90G54\nM98P100\nM30\n"
    feed_mm_min: float = 1500
    feed_override_percent: float = 100
    rapid_override_percent: float = 100
    spindle_override_percent: float = 100
    modal_g: dict[int, float] = field(default_factory=lambda: dict(G_GROUPS))
    commands: dict[str, float] = field(default_factory=lambda: {"D": 1, "F": 500, "H": 1, "M": 3, "S": 8000, "T": 5})
    part_count: int = 42
    part_total: int = 4711
    part_required: int = 100
    power_on_ms: int = 525_600 * MINUTE_MS
    operating_ms: int = 12_345 * MINUTE_MS + 30_000
    cutting_ms: int = 6_789 * MINUTE_MS + 59_999
    cycle_ms: int = 2 * MINUTE_MS + 31_000
    programs: dict[int, str] = field(default_factory=dict)
    macros: dict[int, float | None] = field(default_factory=dict)
    clock: Callable[[], datetime] = utc_now

    @property
    def now(self) -> datetime:
        """The control's clock."""
        return self.clock()

    def operate(self, what: str) -> bool:
        """What a client asks to do; True when obeyed."""
        if what == "start" and not self.alarms and not self.emergency:
            self.run, self.motion = 3, 1
            return True
        if what == "reset":
            self.run, self.motion = 0, 0
            self.alarms.clear()
            return True
        return what in ("rewind", "clear_alarm")
