"""Every row of the decision table of `driver/state.py`."""

import pytest

from greengrass_components.opcua.driver.state import (
    Channel,
    Reported,
    controller_mode,
    execution,
    functional_mode,
)

ACTIVE, HELD, STOPPED_FEED = Channel("Active"), Channel("Interrupted"), Channel("Active", feed_override_percent=0)
RESET = Channel("Reset")

EXECUTIONS = [
    (Reported([STOPPED_FEED]), "INTERRUPTED"),
    (Reported([ACTIVE], program="Aborted", item="NotAvailable"), "ACTIVE"),
    (Reported([RESET, ACTIVE]), "ACTIVE"),
    (Reported([STOPPED_FEED, ACTIVE]), "ACTIVE"),
    (Reported([HELD, RESET], program="Running"), "INTERRUPTED"),
    (Reported([RESET], program="Running"), "ACTIVE"),
    (Reported(program="Interrupted"), "INTERRUPTED"),
    (Reported([RESET], program="Ended", item="NotExecuting"), "PROGRAM_COMPLETED"),
    (Reported([RESET], program="Aborted", item="Executing"), "STOPPED"),
    (Reported([RESET], item="Executing"), "READY"),
    (Reported([RESET], program="Initializing", item="OutOfService"), "STOPPED"),
    (Reported([RESET], item="NotAvailable"), "READY"),
    (Reported(item="Executing"), "ACTIVE"),
    (Reported(item="NotExecuting"), "READY"),
    (Reported(program="Initializing", item="OutOfService"), "STOPPED"),
    (Reported(item="NotAvailable"), "UNAVAILABLE"),
    (Reported(program="Initializing"), "READY"),
    (Reported(), "UNAVAILABLE"),
]
MODES = [
    (Reported([Channel(mode="Automatic")]), "AUTOMATIC", "PRODUCTION"),
    (Reported([Channel(mode="Remote")]), "AUTOMATIC", "PRODUCTION"),
    (Reported([Channel(mode="MdaMdi")]), "MANUAL_DATA_INPUT", "SETUP"),
    (Reported([Channel(mode="JogManual")]), "MANUAL", "SETUP"),
    (Reported([Channel(mode="JogIncrement")]), "MANUAL", "SETUP"),
    (Reported([Channel(mode="TeachingHandle")]), "MANUAL", "SETUP"),
    (Reported([Channel(mode="Reference")]), "MANUAL", "SETUP"),
    (Reported([Channel(mode="Other")]), "UNAVAILABLE", "UNAVAILABLE"),
    (Reported([Channel(mode="Other")], machine_mode="Automatic"), "AUTOMATIC", "PRODUCTION"),
    (Reported([Channel(mode="Automatic")], operation="Maintenance"), "AUTOMATIC", "MAINTENANCE"),
    (Reported([Channel(mode="Automatic")], operation="Setup"), "AUTOMATIC", "SETUP"),
    (Reported([Channel(mode="MdaMdi")], operation="Processing"), "MANUAL_DATA_INPUT", "PRODUCTION"),
    (Reported(operation="None", machine_mode="Service"), "UNAVAILABLE", "MAINTENANCE"),
    (Reported(machine_mode="Setup"), "MANUAL", "SETUP"),
    (Reported(machine_mode="AutoWithManualIntervention"), "SEMI_AUTOMATIC", "PRODUCTION"),
    (Reported(), "UNAVAILABLE", "UNAVAILABLE"),
]


@pytest.mark.parametrize(("reported", "expected"), EXECUTIONS, ids=repr)
def test_execution(reported: Reported, expected: str) -> None:
    assert execution(reported) == expected


@pytest.mark.parametrize(("reported", "controller", "functional"), MODES, ids=repr)
def test_modes(reported: Reported, controller: str, functional: str) -> None:
    assert (controller_mode(reported), functional_mode(reported)) == (controller, functional)
