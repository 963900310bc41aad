"""From the states of the companion specifications to MTConnect: the decision table of this product.

Two machines report in three ways: a channel (40501-1), the state of the active program (40501-1), the state of the
whole machine (40001-1). The nearest to the motion decides, the others fill what it leaves open:

| channel | program | machine | EXECUTION |
|---|---|---|---|
| any Active, feed override 0 | | | INTERRUPTED: someone holds it (the choice made for FOCAS as well) |
| any Active | | | ACTIVE |
| any Interrupted | | | INTERRUPTED: a person must act before it goes on |
| all Reset, or none | Running | | ACTIVE |
| | Interrupted | | INTERRUPTED |
| | Ended | | PROGRAM_COMPLETED |
| | Aborted | | STOPPED |
| | Initializing, or none | Executing | ACTIVE, unless a channel says Reset: then READY |
| | | NotExecuting | READY |
| | | OutOfService | STOPPED |
| | | NotAvailable | UNAVAILABLE, unless a channel or program says more |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cnc.domain.base.mtconnect import ControllerMode, Execution, FunctionalMode


@dataclass(frozen=True, slots=True)
class Channel:
    """One NC channel; "" and None for what it does not tell."""

    state: str = ""
    mode: str = ""
    feed_override_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What a machine reports of itself, in the words of the specifications; "" for what it does not."""

    channels: Sequence[Channel] = ()
    program: str = ""
    item: str = ""
    """MachineryItemState"""
    operation: str = ""
    """MachineryOperationMode"""
    machine_mode: str = ""
    """MachineOperationMode of 40501-1, older than the one above"""


_PROGRAM: Final = {
    "Running": Execution.ACTIVE,
    "Interrupted": Execution.INTERRUPTED,
    "Ended": Execution.PROGRAM_COMPLETED,
    "Aborted": Execution.STOPPED,
}
_ITEM: Final = {
    "Executing": Execution.ACTIVE,
    "NotExecuting": Execution.READY,
    "OutOfService": Execution.STOPPED,
}
_CHANNEL_MODE: Final = {
    "Automatic": ControllerMode.AUTOMATIC,
    "Remote": ControllerMode.AUTOMATIC,
    "MdaMdi": ControllerMode.MANUAL_DATA_INPUT,
    "JogManual": ControllerMode.MANUAL,
    "JogIncrement": ControllerMode.MANUAL,
    "TeachingHandle": ControllerMode.MANUAL,
    "Reference": ControllerMode.MANUAL,
}
_MACHINE_MODE: Final = {
    "Manual": ControllerMode.MANUAL,
    "Automatic": ControllerMode.AUTOMATIC,
    "Setup": ControllerMode.MANUAL,
    "AutoWithManualIntervention": ControllerMode.SEMI_AUTOMATIC,
}
_FUNCTIONAL: Final = {
    "Processing": FunctionalMode.PRODUCTION,
    "Setup": FunctionalMode.SETUP,
    "Maintenance": FunctionalMode.MAINTENANCE,
}
_FUNCTIONAL_OLDER: Final = {"Setup": FunctionalMode.SETUP, "Service": FunctionalMode.MAINTENANCE}
_FUNCTIONAL_BY_MODE: Final = {
    ControllerMode.AUTOMATIC: FunctionalMode.PRODUCTION,
    ControllerMode.SEMI_AUTOMATIC: FunctionalMode.PRODUCTION,
    ControllerMode.MANUAL: FunctionalMode.SETUP,
    ControllerMode.MANUAL_DATA_INPUT: FunctionalMode.SETUP,
}


def execution(reported: Reported) -> Execution:
    """EXECUTION by the table above."""
    states = [channel.state for channel in reported.channels if channel.state]
    if "Active" in states:
        held = all(c.feed_override_percent == 0 for c in reported.channels if c.state == "Active")
        return Execution.INTERRUPTED if held else Execution.ACTIVE
    if "Interrupted" in states:
        return Execution.INTERRUPTED
    if reported.program in _PROGRAM:
        return _PROGRAM[reported.program]
    found = _ITEM.get(reported.item, Execution.UNAVAILABLE)
    if states:  # every channel is at rest
        return Execution.STOPPED if found is Execution.STOPPED else Execution.READY
    if found is Execution.UNAVAILABLE and reported.program == "Initializing":
        return Execution.READY
    return found


def controller_mode(reported: Reported) -> ControllerMode:
    """CONTROLLER_MODE of the first channel that tells one, else of the machine."""
    for channel in reported.channels:
        if channel.mode in _CHANNEL_MODE:
            return _CHANNEL_MODE[channel.mode]
    return _MACHINE_MODE.get(reported.machine_mode, ControllerMode.UNAVAILABLE)


def functional_mode(reported: Reported) -> FunctionalMode:
    """FUNCTIONAL_MODE: the machine's own word, else what the mode of the control means."""
    if reported.operation in _FUNCTIONAL:
        return _FUNCTIONAL[reported.operation]
    if reported.machine_mode in _FUNCTIONAL_OLDER:
        return _FUNCTIONAL_OLDER[reported.machine_mode]
    return _FUNCTIONAL_BY_MODE.get(controller_mode(reported), FunctionalMode.UNAVAILABLE)
