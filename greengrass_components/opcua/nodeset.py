"""Namespaces and numeric node ids of the companion specifications, as their published node id lists have them.

40001-1 Machinery 1.03, 40501-1 Machine Tools 1.02 (node set of 2024-11-01), both on Part 100 (DI).
"""

from typing import Final

DI: Final = "http://opcfoundation.org/UA/DI/"
MACHINERY: Final = "http://opcfoundation.org/UA/Machinery/"
MACHINE_TOOL: Final = "http://opcfoundation.org/UA/MachineTool/"

MACHINES: Final = 1001
"""The folder in the Objects folder under which every machine of a server stands (40001-1)."""

ITEM_STATES: Final = {5004: "OutOfService", 5005: "NotAvailable", 5006: "Executing", 5007: "NotExecuting"}
"""States of MachineryItemState, nodes of the Machinery namespace."""
MACHINERY_MODES: Final = {5024: "None", 5025: "Maintenance", 5026: "Processing", 5027: "Setup"}
"""Modes of MachineryOperationMode, nodes of the Machinery namespace."""
MACHINE_TOOL_MODES: Final = {5058: "Maintenance", 5059: "None", 5060: "Processing", 5061: "Setup"}
"""The same of its subtype for machine tools, nodes of the MachineTool namespace."""
PROGRAM_STATES: Final = {
    135: "Initializing", 138: "Running", 139: "Interrupted", 140: "Ended", 141: "Aborted",
    5039: "Initializing", 5041: "Running", 5040: "Interrupted", 5038: "Ended", 5037: "Aborted",
}  # fmt: skip
"""States of the production state machine and of its subtype for programs, nodes of the MachineTool namespace."""

CHANNEL_STATES: Final = ("Active", "Interrupted", "Reset")
"""ChannelState by number."""
CHANNEL_MODES: Final = (
    "Automatic", "MdaMdi", "JogManual", "JogIncrement", "TeachingHandle", "Remote", "Reference", "Other",
)  # fmt: skip
"""ChannelMode by number."""
OPERATION_MODES: Final = ("Manual", "Automatic", "Setup", "AutoWithManualIntervention", "Service", "Other")
"""MachineOperationMode by number (of the older MachineTool/OperationMode)."""

ALERT_TYPE: Final = 39
"""AlertType: an AlarmConditionType with the manufacturer's ErrorCode."""
