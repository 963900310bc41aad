"""From the state words of a control to MTConnect: the decision tables of this product.

Where public mappings differ, the choice is written here once:
- reset (run 0) is READY; STOPPED only with an alarm or an emergency stop
- stop (run 1) is told apart by the M code of the block: 0, 1, 2 and 30, and 99 as the end of a cycle
- a feed override of 0 while running is INTERRUPTED: the program runs, the machine does not, someone holds it
- a dwell, a finished auxiliary function or a standing axis is never a stop by itself
"""

from dataclasses import dataclass
from enum import IntEnum

from cnc.domain.base.mtconnect import ControllerMode, EmergencyStop, Execution, FunctionalMode
from greengrass_components.focas.protocol.functions.status import Status


class Run(IntEnum):
    """run word."""

    RESET = 0
    STOP = 1
    HOLD = 2
    START = 3
    MSTR = 4


EMERGENCY = 1
ALARM = 1  # 2 and above are warnings such as battery low

STOPS = {
    0: Execution.PROGRAM_STOPPED,
    1: Execution.OPTIONAL_STOP,
    2: Execution.PROGRAM_COMPLETED,
    30: Execution.PROGRAM_COMPLETED,
    99: Execution.PROGRAM_COMPLETED,
}

MODES = {
    0: ControllerMode.MANUAL_DATA_INPUT,
    1: ControllerMode.AUTOMATIC,
    3: ControllerMode.EDIT,
    4: ControllerMode.MANUAL,
    5: ControllerMode.MANUAL,
    6: ControllerMode.MANUAL,
    7: ControllerMode.MANUAL,
    8: ControllerMode.MANUAL,
    9: ControllerMode.MANUAL,
    10: ControllerMode.AUTOMATIC,
}
# 15 series controls number their modes and lay out their words differently: better no mode than a wrong one.
SERIES_WITHOUT_MODES = frozenset({"15"})

FUNCTIONAL = {
    ControllerMode.AUTOMATIC: FunctionalMode.PRODUCTION,
    ControllerMode.EDIT: FunctionalMode.PROCESS_DEVELOPMENT,
    ControllerMode.MANUAL: FunctionalMode.SETUP,
    ControllerMode.MANUAL_DATA_INPUT: FunctionalMode.SETUP,
}


# Every word a control is known to show; anything else is a damaged answer.
KNOWN_WORDS = {
    "aut": range(12), "run": range(5), "motion": range(4), "mstb": range(2), "emergency": range(4),
    "alarm": range(9), "edit": range(64),
}  # fmt: skip


def plausible(status: Status) -> bool:
    """Whether every word is one a control is known to show."""
    return all(getattr(status, name) in known for name, known in KNOWN_WORDS.items())


@dataclass(frozen=True, slots=True)
class State:
    """The tile's inputs."""

    execution: Execution
    controller_mode: ControllerMode
    functional_mode: FunctionalMode
    emergency_stop: EmergencyStop
    fault: bool


def execution(status: Status, *, feed_override_percent: float | None, m_code: int | None) -> Execution:
    """EXECUTION of the path; unknown words are UNAVAILABLE."""
    if status.emergency == EMERGENCY:
        return Execution.STOPPED
    match status.run:
        case Run.RESET:
            return Execution.STOPPED if status.alarm == ALARM else Execution.READY
        case Run.STOP:
            return STOPS.get(-1 if m_code is None else m_code, Execution.STOPPED)
        case Run.HOLD:
            return Execution.FEED_HOLD
        case Run.START:
            return Execution.INTERRUPTED if feed_override_percent == 0 else Execution.ACTIVE
        case Run.MSTR:
            return Execution.ACTIVE
    return Execution.UNAVAILABLE


def controller_mode(aut: int, *, series: str) -> ControllerMode:
    """CONTROLLER_MODE; unknown modes are UNAVAILABLE."""
    if series in SERIES_WITHOUT_MODES:
        return ControllerMode.UNAVAILABLE
    return MODES.get(aut, ControllerMode.UNAVAILABLE)


def state(status: Status, *, series: str, feed_override_percent: float | None, m_code: int | None) -> State:
    """All of it."""
    mode = controller_mode(status.aut, series=series)
    return State(
        execution=execution(status, feed_override_percent=feed_override_percent, m_code=m_code),
        controller_mode=mode,
        functional_mode=FUNCTIONAL.get(mode, FunctionalMode.UNAVAILABLE),
        emergency_stop=EmergencyStop.TRIGGERED if status.emergency == EMERGENCY else EmergencyStop.ARMED,
        fault=status.alarm == ALARM,
    )
