"""What goes on at a machine, and how each activity looks on its control."""

from dataclasses import dataclass
from enum import Enum


class Activity(Enum):
    CUTTING = "cutting"
    FEED_HOLD = "feed hold"
    OVERRIDE_ZERO = "feed override at zero"
    OPTIONAL_STOP = "measuring at an optional stop"
    PROGRAM_STOP = "program stop"
    ALARM = "alarm"
    EMERGENCY = "emergency stop"
    RECOVERING = "recovering from an alarm"
    LOADING = "changing the part"
    WAITING_MATERIAL = "waiting for material"
    BREAK = "break"
    TOOL_CHANGE = "tool change by the operator"
    SETUP_MOVES = "set-up: moving by hand"
    SETUP_EDGES = "set-up: finding the edges"
    SETUP_MDI = "set-up: trying a block"
    NO_ORDER = "no order"


@dataclass(frozen=True, slots=True)
class Face:
    """FANUC numbers of statinfo, and the M code in force (None = the program's own)."""

    mode: int = 1
    run: int = 0
    m_code: int | None = None
    emergency: int = 0
    in_program: bool = False


FACES: dict[Activity, Face] = {
    Activity.CUTTING: Face(run=3, in_program=True),
    Activity.FEED_HOLD: Face(run=2, in_program=True),
    Activity.OVERRIDE_ZERO: Face(run=3, in_program=True),
    Activity.OPTIONAL_STOP: Face(run=1, m_code=1, in_program=True),
    Activity.PROGRAM_STOP: Face(run=1, m_code=0, in_program=True),
    Activity.ALARM: Face(run=1, in_program=True),
    Activity.EMERGENCY: Face(emergency=1, in_program=True),
    Activity.RECOVERING: Face(mode=5, in_program=True),
    Activity.LOADING: Face(run=1, m_code=30),
    Activity.WAITING_MATERIAL: Face(m_code=30),
    Activity.BREAK: Face(run=1, m_code=30),
    Activity.TOOL_CHANGE: Face(mode=5, m_code=30),
    Activity.SETUP_MOVES: Face(mode=5),
    Activity.SETUP_EDGES: Face(mode=4),
    Activity.SETUP_MDI: Face(mode=0, run=3, m_code=3),
    Activity.NO_ORDER: Face(m_code=30),
}
