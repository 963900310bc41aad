"""A machine as 40501-1 and 40001-1 describe it: what is mandatory there, and the options our mapping uses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from asyncua import ua

from greengrass_components.opcua import nodeset
from greengrass_components.opcua.simulator import states
from greengrass_components.opcua.simulator.control import Control
from greengrass_components.opcua.simulator.space import Space, Value
from greengrass_components.opcua.simulator.types import Types

INSTANCES: Final = "urn:cnc-copilot:simulated-machine"
_ADD_IN: Final = ua.ObjectIds.HasAddIn


@dataclass(slots=True)
class MachineTool:
    """Builds one machine below the folder Machines; `own` is the namespace of its instances."""

    space: Space
    types: Types
    control: Control
    own: int
    name: str
    serial: str

    async def build(self) -> ua.NodeId:
        """Answers the node that sends its alerts."""
        types, tool = self.types, nodeset.MACHINE_TOOL
        machines = await self.space.object(
            ua.NodeId(ua.ObjectIds.ObjectsFolder),
            types.name(nodeset.MACHINERY, "Machines"),
            type=ua.NodeId(ua.ObjectIds.FolderType),
            node=types.node(nodeset.MACHINERY, nodeset.MACHINES),
            reference=ua.ObjectIds.Organizes,
        )
        root = await self.space.object(
            machines,
            ua.QualifiedName(self.name, self.own),
            type=types.tool(13),
            node=self._id(""),
            reference=ua.ObjectIds.Organizes,
            events=True,
        )
        await self._identification(root)
        await self._object(root, "Equipment", tool, 12)
        await self._monitoring(await self._object(root, "Monitoring", tool, 14))
        await self._production(await self._object(root, "Production", tool, 21))
        blocks = await self._object(
            root, "MachineryBuildingBlocks", nodeset.MACHINERY, ua.ObjectIds.FolderType, space=0
        )
        await self._building_blocks(blocks)
        notification = await self._object(root, "Notification", tool, 7)
        return await self._object(notification, "Notification/Messages", tool, 38, events=True)

    async def _identification(self, root: ua.NodeId) -> None:
        at = await self._object(root, "Identification", nodeset.DI, 11, reference=_ADD_IN)
        text, plain = ua.VariantType.LocalizedText, ua.VariantType.String
        rows: tuple[tuple[str, Any, ua.VariantType], ...] = (
            ("Manufacturer", ua.LocalizedText("CNC Copilot simulated machines"), text),
            ("Model", ua.LocalizedText(self.name), text),
            ("SerialNumber", self.serial, plain),
            ("ProductInstanceUri", f"urn:cnc-copilot:simulated-machine:{self.serial}", plain),
        )
        for name, value, kind in rows:
            await self.space.property(
                at,
                self.types.name(nodeset.DI, name),
                lambda value=value: value,  # type: ignore[misc]
                kind=kind,
                node=self._id(f"Identification/{name}"),
            )

    async def _monitoring(self, at: ua.NodeId) -> None:
        control, tool = self.control, nodeset.MACHINE_TOOL
        machine = await self._object(at, "Monitoring/MachineTool", tool, 26)
        await self._enumerated(machine, "Monitoring/MachineTool/OperationMode", 65, states.machine_mode)
        await self._percent(machine, "Monitoring/MachineTool/FeedOverride", lambda: control.feed_override_percent)
        channel = await self._object(at, "Monitoring/Channel1", tool, 16)
        await self._named(channel, "Monitoring/Channel1", "Channel 1")
        await self._enumerated(channel, "Monitoring/Channel1/ChannelState", 64, states.channel_state)
        await self._enumerated(channel, "Monitoring/Channel1/ChannelMode", 67, states.channel_mode)
        await self._percent(channel, "Monitoring/Channel1/FeedOverride", lambda: control.feed_override_percent)
        await self._percent(channel, "Monitoring/Channel1/RapidOverride", lambda: control.rapid_override_percent)
        spindle = await self._object(at, "Monitoring/Spindle1", tool, 22)
        await self._named(spindle, "Monitoring/Spindle1", "Spindle 1")
        await self._plain(
            spindle,
            "Monitoring/Spindle1/IsRotating",
            lambda: abs(control.spindles[0].speed_rpm) > 1.0,
            ua.VariantType.Boolean,
        )
        await self._percent(spindle, "Monitoring/Spindle1/Override", lambda: control.spindle_override_percent)

    async def _production(self, at: ua.NodeId) -> None:
        control, tool = self.control, nodeset.MACHINE_TOOL
        program = await self._object(at, "Production/ActiveProgram", tool, 32)
        path = "Production/ActiveProgram"
        name = self.types.name(tool, "Name")
        await self.space.property(
            program, name, lambda: program_name(control), kind=ua.VariantType.String, node=self._id(f"{path}/Name")
        )
        await self.space.property(
            program,
            ua.QualifiedName("NumberInList", 0),
            lambda: 0,
            kind=ua.VariantType.UInt16,
            node=self._id(f"{path}/NumberInList"),
        )
        state = await self._object(program, f"{path}/State", tool, 15)
        await self._state(state, f"{path}/State", tool, nodeset.PROGRAM_STATES, states.program_state)
        statistics = await self._object(at, "Production/Statistics", tool, 20)
        await self._plain(
            statistics,
            "Production/Statistics/PartsProducedInLifetime",
            lambda: control.part_total,
            ua.VariantType.UInt32,
        )

    async def _building_blocks(self, at: ua.NodeId) -> None:
        control, path = self.control, "MachineryBuildingBlocks"
        item = await self._object(at, f"{path}/MachineryItemState", nodeset.MACHINERY, 1002, reference=_ADD_IN)
        table = nodeset.ITEM_STATES
        await self._state(item, f"{path}/MachineryItemState", nodeset.MACHINERY, table, states.item_state)
        mode = await self._object(at, f"{path}/MachineryOperationMode", nodeset.MACHINERY, 1003, reference=_ADD_IN)
        modes = nodeset.MACHINE_TOOL_MODES
        tool = nodeset.MACHINE_TOOL
        await self._state(mode, f"{path}/MachineryOperationMode", tool, modes, states.operation_mode)
        counters = await self._object(at, f"{path}/OperationCounters", nodeset.DI, 1009, reference=_ADD_IN)
        for name, ms in (
            ("PowerOnDuration", lambda: float(control.power_on_ms)),
            ("OperationDuration", lambda: float(control.operating_ms)),
        ):
            await self.space.property(
                counters,
                self.types.name(nodeset.DI, name),
                ms,
                kind=ua.VariantType.Double,
                node=self._id(f"{path}/OperationCounters/{name}"),
                data_type=ua.NodeId(ua.ObjectIds.Duration),
            )

    async def _state(
        self, at: ua.NodeId, path: str, uri: str, table: dict[int, str], name: Callable[[Control], str]
    ) -> None:
        """CurrentState with its Id, as every finite state machine has."""
        current = await self.space.variable(
            at,
            ua.QualifiedName("CurrentState", 0),
            lambda: ua.LocalizedText(name(self.control), "en"),
            kind=ua.VariantType.LocalizedText,
            node=self._id(f"{path}/CurrentState"),
            type=ua.ObjectIds.FiniteStateVariableType,
        )
        await self.space.property(
            current,
            ua.QualifiedName("Id", 0),
            lambda: self.types.state(uri, table, name(self.control)),
            kind=ua.VariantType.NodeId,
            node=self._id(f"{path}/CurrentState/Id"),
        )

    async def _object(
        self,
        parent: ua.NodeId,
        path: str,
        uri: str,
        number: int,
        *,
        reference: int = ua.ObjectIds.HasComponent,
        events: bool = False,
        space: int | None = None,
    ) -> ua.NodeId:
        """`uri` is the namespace of the browse name; types below 1000, and 1003, are of Machine Tools."""
        if space is not None:
            kind = ua.NodeId(number, space)
        elif number < 1000 or number == 1003:
            kind = self.types.tool(number)
        else:
            kind = self.types.node(nodeset.MACHINERY, number)
        name = self.types.name(uri, path.rpartition("/")[2])
        return await self.space.object(parent, name, type=kind, node=self._id(path), reference=reference, events=events)

    async def _enumerated(self, at: ua.NodeId, path: str, number: int, value: Callable[[Control], int]) -> None:
        name = self.types.name(nodeset.MACHINE_TOOL, path.rpartition("/")[2])
        await self.space.variable(
            at,
            name,
            lambda: value(self.control),
            kind=ua.VariantType.Int32,
            node=self._id(path),
            data_type=self.types.tool(number),
        )

    async def _percent(self, at: ua.NodeId, path: str, value: Callable[[], float]) -> None:
        name = self.types.name(nodeset.MACHINE_TOOL, path.rpartition("/")[2])
        await self.space.percent(at, name, lambda: float(value()), node=self._id(path))

    async def _plain(self, at: ua.NodeId, path: str, value: Value, kind: ua.VariantType) -> None:
        name = self.types.name(nodeset.MACHINE_TOOL, path.rpartition("/")[2])
        await self.space.variable(at, name, value, kind=kind, node=self._id(path))

    async def _named(self, at: ua.NodeId, path: str, text: str) -> None:
        name = self.types.name(nodeset.MACHINE_TOOL, "Name")
        await self.space.property(at, name, lambda: text, kind=ua.VariantType.String, node=self._id(f"{path}/Name"))

    def _id(self, path: str) -> ua.NodeId:
        return ua.NodeId(f"{self.name}/{path}" if path else self.name, self.own)


def program_name(control: Control) -> str:
    """The program as people write it."""
    return f"O{control.main_program_number:04d}"
