"""The machine's states in the words of the companion specifications."""

from greengrass_components.opcua.nodeset import CHANNEL_MODES, CHANNEL_STATES, OPERATION_MODES
from greengrass_components.opcua.simulator.control import Control

STOP, HOLD, START, MSTR = 1, 2, 3, 4
MDI, MEM, EDIT, REMOTE = 0, 1, 3, 10
ENDS = (2, 30, 99)
_MODES = {
    MDI: "MdaMdi", MEM: "Automatic", 4: "TeachingHandle", 5: "JogManual", 6: "JogManual", 7: "TeachingHandle",
    8: "JogIncrement", 9: "Reference", REMOTE: "Remote",
}  # fmt: skip


def channel_state(control: Control) -> int:
    """ChannelState."""
    if control.run in (START, MSTR):
        name = "Active"
    elif control.run == HOLD or (control.run == STOP and _m_code(control) in (0, 1)):
        name = "Interrupted"
    else:
        name = "Reset"
    return CHANNEL_STATES.index(name)


def channel_mode(control: Control) -> int:
    """ChannelMode."""
    return CHANNEL_MODES.index(_MODES.get(control.mode, "Other"))


def machine_mode(control: Control) -> int:
    """MachineOperationMode."""
    return OPERATION_MODES.index("Automatic" if control.mode in (MEM, REMOTE) else "Manual")


def program_state(control: Control) -> str:
    """Of the active program."""
    if control.emergency:
        return "Aborted"
    if control.run in (START, MSTR) and control.mode in (MEM, REMOTE):
        return "Running"
    if control.run == STOP and _m_code(control) in ENDS:
        return "Ended"
    if control.run in (STOP, HOLD):
        return "Interrupted"
    return "Aborted" if control.alarms else "Initializing"


def item_state(control: Control) -> str:
    """MachineryItemState."""
    if control.emergency or control.alarms:
        return "OutOfService"
    return "Executing" if control.run in (START, MSTR) else "NotExecuting"


def operation_mode(control: Control) -> str:
    """MachineryOperationMode."""
    return "Processing" if control.mode in (MEM, REMOTE) else "Setup"


def plain_state(control: Control) -> int:
    """Number of the state on a server with its own words: 0 ready, 1 running, 2 held, 3 stopped, 4 program ended."""
    if control.emergency:
        return 3
    if control.run in (START, MSTR):
        return 1
    if control.run == HOLD:
        return 2
    if control.run == STOP:
        return 4 if _m_code(control) in ENDS else 3
    return 3 if control.alarms else 0


def plain_mode(control: Control) -> int:
    """0 manual, 1 MDI, 2 automatic, 3 edit."""
    return {MDI: 1, MEM: 2, REMOTE: 2, EDIT: 3}.get(control.mode, 0)


def _m_code(control: Control) -> int:
    return int(control.commands.get("M", -1))
