"""A machine at one instant, in the words of its control."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simulated_shop.activity import Activity


@dataclass(frozen=True, slots=True)
class AxisView:
    """Positions in mm, or degrees when `rotary`."""

    name: str
    rotary: bool
    absolute: float
    machine: float
    relative: float
    distance: float
    load_percent: float
    temperature_c: float


@dataclass(frozen=True, slots=True)
class SpindleView:
    name: str
    speed_rpm: float
    load_percent: float
    temperature_c: float
    max_rpm: float


@dataclass(frozen=True, slots=True)
class AlarmView:
    number: int
    type: int
    axis: int
    text: str


@dataclass(frozen=True, slots=True)
class MessageView:
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class ToolView:
    """The truth about a tool that no control shows."""

    number: int
    used: float
    """Share of its life."""
    wear_mm: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sensors beside the control measure."""

    power_w: float
    energy_ws: float
    vibration_mm_s: float
    housing_c: float
    hall_c: float


@dataclass(frozen=True, slots=True)
class Order:
    """The work order on the machine. `scrap` counts among `made`."""

    number: str
    part: str
    quantity: int
    made: int
    scrap: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at `now`. FANUC numbers as in statinfo; the names of the fields are those of the FOCAS simulator."""

    now: datetime
    kind: str
    activity: Activity
    shift: str
    axes: tuple[AxisView, ...]
    spindles: tuple[SpindleView, ...]
    mode: int
    run: int
    motion: int
    mstb: int
    emergency: int
    edit: int
    alarms: tuple[AlarmView, ...]
    messages: tuple[MessageView, ...]
    program_number: int
    main_program_number: int
    sequence_number: int
    block_count: int
    block_text: str
    feed_mm_min: float
    feed_override_percent: float
    rapid_override_percent: float
    spindle_override_percent: float
    modal_g: Mapping[int, float]
    commands: Mapping[str, float]
    part_count: int
    part_total: int
    part_required: int
    power_on_ms: int
    operating_ms: int
    cutting_ms: int
    cycle_ms: int
    order: Order
    tools: tuple[ToolView, ...]
    surroundings: Surroundings
