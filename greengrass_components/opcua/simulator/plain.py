"""The same machine as a maker without a companion specification would show it: own names, own numbers."""

from typing import Any, Final

from asyncua import ua

from greengrass_components.opcua.simulator import states
from greengrass_components.opcua.simulator.control import Control
from greengrass_components.opcua.simulator.machine_tool import program_name
from greengrass_components.opcua.simulator.space import Space, Value

PLAIN: Final = "urn:cnc-copilot:plain-machine"
_REAL, _WHOLE = ua.VariantType.Double, ua.VariantType.Int32


async def build(space: Space, control: Control, own: int) -> None:
    """Folders of plain variables with ids such as `s=Spindle.Speed`; the map `plain_mill` reads them."""
    rows: list[tuple[str, Value, Any]] = [
        ("Machine.State", lambda: states.plain_state(control), _WHOLE),
        ("Machine.Mode", lambda: states.plain_mode(control), _WHOLE),
        ("Machine.EmergencyStop", lambda: bool(control.emergency), ua.VariantType.Boolean),
        ("Program.Name", lambda: program_name(control), ua.VariantType.String),
        ("Program.Line", lambda: int(control.sequence_number), _WHOLE),
        ("Program.Parts", lambda: int(control.part_count), ua.VariantType.UInt32),
        ("Feed.Actual", lambda: float(control.feed_mm_min), _REAL),
        ("Feed.Override", lambda: float(control.feed_override_percent), _REAL),
        ("Spindle.Speed", lambda: float(control.spindles[0].speed_rpm), _REAL),
        ("Spindle.Load", lambda: float(control.spindles[0].load_percent), _REAL),
        ("Spindle.Temperature", lambda: float(control.spindles[0].temperature_c), _REAL),
    ]
    for number, axis in enumerate(control.axes):
        rows.append((f"Axis.{axis.name}.Position", _position(control, number), _REAL))
    folders: dict[str, ua.NodeId] = {}
    for path, value, kind in rows:
        folder, _, name = path.rpartition(".")
        if folder not in folders:
            folders[folder] = await space.object(
                ua.NodeId(ua.ObjectIds.ObjectsFolder),
                ua.QualifiedName(folder, own),
                type=ua.NodeId(ua.ObjectIds.FolderType),
                node=ua.NodeId(folder, own),
                reference=ua.ObjectIds.Organizes,
            )
        await space.variable(folders[folder], ua.QualifiedName(name, own), value, kind=kind, node=ua.NodeId(path, own))


def _position(control: Control, number: int) -> Value:
    return lambda: float(control.axes[number].machine)
