"""The MTConnect 2.4 vocabulary this product speaks, and the tile state made from it."""

from enum import StrEnum


class Execution(StrEnum):
    """EXECUTION."""

    READY = "READY"
    ACTIVE = "ACTIVE"
    INTERRUPTED = "INTERRUPTED"
    FEED_HOLD = "FEED_HOLD"
    STOPPED = "STOPPED"
    OPTIONAL_STOP = "OPTIONAL_STOP"
    PROGRAM_STOPPED = "PROGRAM_STOPPED"
    PROGRAM_COMPLETED = "PROGRAM_COMPLETED"
    WAIT = "WAIT"
    UNAVAILABLE = "UNAVAILABLE"


class ControllerMode(StrEnum):
    """CONTROLLER_MODE."""

    AUTOMATIC = "AUTOMATIC"
    MANUAL = "MANUAL"
    MANUAL_DATA_INPUT = "MANUAL_DATA_INPUT"
    SEMI_AUTOMATIC = "SEMI_AUTOMATIC"
    EDIT = "EDIT"
    FEED_HOLD = "FEED_HOLD"
    UNAVAILABLE = "UNAVAILABLE"


class FunctionalMode(StrEnum):
    """FUNCTIONAL_MODE."""

    PRODUCTION = "PRODUCTION"
    SETUP = "SETUP"
    TEARDOWN = "TEARDOWN"
    MAINTENANCE = "MAINTENANCE"
    PROCESS_DEVELOPMENT = "PROCESS_DEVELOPMENT"
    UNAVAILABLE = "UNAVAILABLE"


class EmergencyStop(StrEnum):
    """EMERGENCY_STOP."""

    ARMED = "ARMED"
    TRIGGERED = "TRIGGERED"
    UNAVAILABLE = "UNAVAILABLE"


class Availability(StrEnum):
    """AVAILABILITY."""

    AVAILABLE = "AVAILABLE"
    UNAVAILABLE = "UNAVAILABLE"


class TileState(StrEnum):
    """What a tile of the board shows."""

    OFFLINE = "OFFLINE"
    ALARM = "ALARM"
    SETUP = "SETUP"
    BLOCKED = "BLOCKED"
    ACTIVE = "ACTIVE"
    IDLE = "IDLE"


#: Executions in which a person must do something before the machine goes on.
_WAITING_FOR_A_PERSON = frozenset(
    {Execution.OPTIONAL_STOP, Execution.PROGRAM_STOPPED, Execution.FEED_HOLD, Execution.INTERRUPTED}
)
_BY_HAND = frozenset({ControllerMode.MANUAL, ControllerMode.MANUAL_DATA_INPUT})


def tile_state(
    *,
    online: bool,
    execution: str,
    controller_mode: str = ControllerMode.UNAVAILABLE,
    functional_mode: str = FunctionalMode.UNAVAILABLE,
    emergency_stop: str = EmergencyStop.UNAVAILABLE,
    fault: bool = False,
) -> TileState:
    """First match wins. `online` is false without data for more than three periods."""
    if not online:
        return TileState.OFFLINE
    if emergency_stop == EmergencyStop.TRIGGERED or fault:
        return TileState.ALARM
    if functional_mode == FunctionalMode.SETUP or controller_mode in _BY_HAND or execution in _WAITING_FOR_A_PERSON:
        return TileState.SETUP
    if execution == Execution.WAIT:
        return TileState.BLOCKED
    return TileState.ACTIVE if execution == Execution.ACTIVE else TileState.IDLE


def is_online(*, last_seen_ms: int, now_ms: int, period_ms: int) -> bool:
    """Whether data came within the last three periods."""
    return now_ms - last_seen_ms <= 3 * period_ms
