"""The types of the companion specifications that instances here are of, under their published node ids."""

from dataclasses import dataclass
from typing import Any, Final

from asyncua import Server, ua

from greengrass_components.opcua import nodeset
from greengrass_components.opcua.simulator.space import Space

#: (namespace, id, name, supertype as an id of namespace 0 or (namespace, id)), supertypes first.
_TYPES: Final[tuple[tuple[str, int, str, Any], ...]] = (
    (nodeset.MACHINERY, 1004, "MachineryItemIdentificationType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINERY, 1012, "MachineIdentificationType", (nodeset.MACHINERY, 1004)),
    (nodeset.MACHINERY, 1002, "MachineryItemState_StateMachineType", ua.ObjectIds.FiniteStateMachineType),
    (nodeset.MACHINERY, 1008, "MachineryOperationModeStateMachineType", ua.ObjectIds.FiniteStateMachineType),
    (nodeset.MACHINERY, 1009, "MachineryOperationCounterType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 13, "MachineToolType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 11, "MachineToolIdentificationType", (nodeset.MACHINERY, 1012)),
    (nodeset.MACHINE_TOOL, 12, "EquipmentType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 14, "MonitoringType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 23, "ElementMonitoringType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 16, "ChannelMonitoringType", (nodeset.MACHINE_TOOL, 23)),
    (nodeset.MACHINE_TOOL, 41, "WorkingUnitMonitoringType", (nodeset.MACHINE_TOOL, 23)),
    (nodeset.MACHINE_TOOL, 22, "SpindleMonitoringType", (nodeset.MACHINE_TOOL, 41)),
    (nodeset.MACHINE_TOOL, 26, "MachineOperationMonitoringType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 1003, "MachineOperationModeStateMachineType", (nodeset.MACHINERY, 1008)),
    (nodeset.MACHINE_TOOL, 7, "NotificationType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 38, "MessagesType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 21, "ProductionType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 59, "ProductionProgramType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 32, "ProductionActiveProgramType", (nodeset.MACHINE_TOOL, 59)),
    (nodeset.MACHINE_TOOL, 20, "ProductionStatisticsType", ua.ObjectIds.BaseObjectType),
    (nodeset.MACHINE_TOOL, 24, "ProductionStateMachineType", ua.ObjectIds.FiniteStateMachineType),
    (nodeset.MACHINE_TOOL, 15, "ProductionProgramStateMachineType", (nodeset.MACHINE_TOOL, 24)),
    (nodeset.MACHINE_TOOL, nodeset.ALERT_TYPE, "AlertType", ua.ObjectIds.AlarmConditionType),
)
_STATES: Final = (
    (nodeset.MACHINERY, 1002, nodeset.ITEM_STATES),
    (nodeset.MACHINERY, 1008, nodeset.MACHINERY_MODES),
    (nodeset.MACHINE_TOOL, 1003, nodeset.MACHINE_TOOL_MODES),
    (nodeset.MACHINE_TOOL, 15, {node: name for node, name in nodeset.PROGRAM_STATES.items() if node > 5000}),
)
_ENUMERATIONS: Final = (
    (64, "ChannelState", nodeset.CHANNEL_STATES),
    (67, "ChannelMode", nodeset.CHANNEL_MODES),
    (65, "MachineOperationMode", nodeset.OPERATION_MODES),
)


@dataclass(frozen=True, slots=True)
class Types:
    """Indexes of the namespaces, and node ids by specification."""

    spaces: dict[str, int]

    def node(self, uri: str, number: int) -> ua.NodeId:
        return ua.NodeId(number, self.spaces[uri])

    def tool(self, number: int) -> ua.NodeId:
        """A node of the Machine Tools specification."""
        return self.node(nodeset.MACHINE_TOOL, number)

    def name(self, uri: str, text: str) -> ua.QualifiedName:
        return ua.QualifiedName(text, self.spaces[uri])

    def state(self, uri: str, table: dict[int, str], name: str) -> ua.NodeId:
        """The node of a state, by its name."""
        return self.node(uri, next(number for number, known in table.items() if known == name and number > 5000))


async def add_types(server: Server, space: Space) -> Types:
    """Register the namespaces and make the types."""
    uris = (nodeset.DI, nodeset.MACHINERY, nodeset.MACHINE_TOOL)
    types = Types({uri: await server.register_namespace(uri) for uri in uris})
    for uri, number, name, parent in _TYPES:
        above = ua.NodeId(parent) if isinstance(parent, int) else types.node(*parent)
        await space.object_type(above, types.name(uri, name), node=types.node(uri, number))
    for uri, number, states in _STATES:
        for order, (node, name) in enumerate(states.items(), 1):
            await _state(space, types.node(uri, number), types.name(uri, name), types.node(uri, node), order)
    for number, name, names in _ENUMERATIONS:
        await space.enumeration(types.name(nodeset.MACHINE_TOOL, name), names, node=types.tool(number))
    code = types.name(nodeset.MACHINE_TOOL, "ErrorCode")
    alert = types.tool(nodeset.ALERT_TYPE)
    at = ua.NodeId("AlertType/ErrorCode", alert.NamespaceIndex)
    await space.property(alert, code, lambda: "", kind=ua.VariantType.String, node=at)
    return types


async def _state(space: Space, above: ua.NodeId, name: ua.QualifiedName, node: ua.NodeId, order: int) -> None:
    made = await space.object(above, name, type=ua.NodeId(ua.ObjectIds.StateType), node=node)
    number = ua.NodeId(f"{node.Identifier}/StateNumber", node.NamespaceIndex)
    await space.property(
        made, ua.QualifiedName("StateNumber", 0), lambda: order, kind=ua.VariantType.UInt32, node=number
    )
