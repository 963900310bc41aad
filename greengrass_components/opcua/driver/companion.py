"""A machine tool by its companion specification: which nodes it has, and the signals made of them.

Machines stand in the folder Machines of 40001-1. What 40501-1 defines is optional in large part, so everything is
taken from what browsing found; a name the specification does not have is the maker's and is left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asyncua import ua

from cnc.domain.base.mtconnect import ControllerMode, Execution, FunctionalMode
from cnc.domain.telemetry.schema import Signal
from greengrass_components.opcua import nodeset
from greengrass_components.opcua.driver import state
from greengrass_components.opcua.driver.model import PROGRAM_NAME, Column, Model, Raw

MOST_OVERRIDE: Final = 300.0
FOREVER_S: Final = 2**31 * 60.0
MOST_PARTS: Final = 999_999_999.0
Path = tuple[str, ...]
_ROTATING: Final = ("NO", "YES")
_STATES: Final = tuple(name.upper() for name in nodeset.CHANNEL_STATES)


@dataclass(frozen=True, slots=True)
class Tree:
    """What browsing found below one machine, by path of browse names, in the order of the server."""

    name: str
    root: ua.NodeId
    nodes: Mapping[Path, ua.NodeId]
    namespaces: Sequence[str]
    events: ua.NodeId | None = None

    def children(self, path: Path) -> Iterator[str]:
        """Names directly below `path`."""
        return (found[-1] for found in self.nodes if len(found) == len(path) + 1 and found[:-1] == path)

    def first(self, *paths: str) -> ua.NodeId | None:
        """The first of some paths (`a/b/c`) that exists."""
        return next((self.nodes[found] for path in paths if (found := tuple(path.split("/"))) in self.nodes), None)


def model_of(tree: Tree) -> Model:
    """The signals of a machine tool. Without any, `columns` is empty."""
    channels = [name for name in tree.children(("Monitoring",)) if ("Monitoring", name, "ChannelState") in tree.nodes]
    spindles = [name for name in tree.children(("Monitoring",)) if ("Monitoring", name, "IsRotating") in tree.nodes]
    nodes: dict[str, ua.NodeId] = {}
    columns: list[Column] = []
    _add_machine(tree, nodes)
    for number, name in enumerate(channels, 1):
        _add_channel(tree, f"Monitoring/{name}", number, nodes, columns)
    for number, name in enumerate(spindles, 1):
        _add_spindle(tree, f"Monitoring/{name}", number, nodes, columns)
    if not channels:
        _add_number(tree, "Monitoring/MachineTool/FeedOverride", OVERRIDE_1, nodes, columns)
    for paths, signal, factor, high in _COUNTERS:
        _add_number(tree, paths, signal, nodes, columns, factor=factor, high=high)
    if nodes.keys() & _STATE_ROLES:
        columns[:0] = _state_columns(len(channels), tree.namespaces)
    return Model(nodes, tuple(columns), tree.events or ua.NodeId(ua.ObjectIds.Server))


OVERRIDE_1: Final = Signal("path1.path_feedrate.override", "PERCENT", native_name="FeedOverride")
_COUNTERS: Final = (
    (
        "MachineryBuildingBlocks/OperationCounters/PowerOnDuration|OperationCounters/PowerOnDuration"
        "|Monitoring/MachineTool/OperationCounters/PowerOnDuration",
        Signal("controller.equipment_timer.powered", "SECOND", native_name="PowerOnDuration", native_unit="ms"),
        0.001,
        FOREVER_S,
    ),
    (
        "MachineryBuildingBlocks/OperationCounters/OperationDuration|OperationCounters/OperationDuration"
        "|Monitoring/MachineTool/OperationCounters/OperationDuration",
        Signal("controller.equipment_timer.operating", "SECOND", native_name="OperationDuration", native_unit="ms"),
        0.001,
        FOREVER_S,
    ),
    (
        "Production/Statistics/PartsProducedInLifetime",
        Signal("path1.part_count.all", "COUNT", native_name="PartsProducedInLifetime"),
        1.0,
        MOST_PARTS,
    ),
)
_STATE_NODES: Final = {
    "item": "MachineryBuildingBlocks/MachineryItemState|Monitoring/MachineTool/MachineryItemState"
    "|Monitoring/Status/MachineryItemState",
    "operation": "MachineryBuildingBlocks/MachineryOperationMode|Monitoring/MachineTool/MachineryOperationMode"
    "|Monitoring/Status/OperationMode",
    "program": "Production/ActiveProgram/State",
}
_STATE_ROLES: Final = {"item.id", "operation.id", "program.id", "item.text", "operation.text", "program.text",
                       "machine.mode", "channel1.state"}  # fmt: skip


def _add_machine(tree: Tree, nodes: dict[str, ua.NodeId]) -> None:
    """State machines tell their state twice: as the id of a node of the specification, and as a text."""
    for role, paths in _STATE_NODES.items():
        for suffix, end in (("id", "CurrentState/Id"), ("text", "CurrentState")):
            node = tree.first(*(f"{path}/{end}" for path in paths.split("|")))
            if node is not None:
                nodes[f"{role}.{suffix}"] = node
    for role, path in (
        ("machine.mode", "Monitoring/MachineTool/OperationMode"),
        (PROGRAM_NAME, "Production/ActiveProgram/Name"),
    ):
        node = tree.first(path)
        if node is not None:
            nodes[role] = node


def _add_channel(tree: Tree, at: str, number: int, nodes: dict[str, ua.NodeId], columns: list[Column]) -> None:
    for role, name in (("state", "ChannelState"), ("mode", "ChannelMode")):
        node = tree.first(f"{at}/{name}")
        if node is not None:
            nodes[f"channel{number}.{role}"] = node
    signal = Signal(f"path{number}.x_channel_state", "", "text", texts=_STATES, native_name="ChannelState")
    columns.append(Column(signal, lambda raw: _nth(_STATES, raw[f"channel{number}.state"])))
    for name, subtype in (("FeedOverride", "override"), ("RapidOverride", "rapid_override")):
        override = Signal(f"path{number}.path_feedrate.{subtype}", "PERCENT", native_name=name)
        _add_number(tree, f"{at}/{name}", override, nodes, columns)


def _add_spindle(tree: Tree, at: str, number: int, nodes: dict[str, ua.NodeId], columns: list[Column]) -> None:
    key = f"s{number}.x_rotating"
    nodes[key] = tree.nodes[(*at.split("/"), "IsRotating")]
    signal = Signal(key, "", "text", texts=_ROTATING, native_name="IsRotating")
    columns.append(Column(signal, lambda raw: _nth(_ROTATING, raw[key])))
    override = Signal(f"s{number}.rotary_velocity.override", "PERCENT", native_name="Override")
    _add_number(tree, f"{at}/Override", override, nodes, columns)


def _add_number(
    tree: Tree,
    paths: str,
    signal: Signal,
    nodes: dict[str, ua.NodeId],
    columns: list[Column],
    *,
    factor: float = 1.0,
    high: float = MOST_OVERRIDE,
) -> None:
    node = tree.first(*paths.split("|"))
    if node is None:
        return
    nodes[signal.key] = node
    columns.append(Column(signal, lambda raw: _times(raw[signal.key], factor), 0.0, high))


def _state_columns(channels: int, namespaces: Sequence[str]) -> list[Column]:
    def texts(key: str, words: type[Execution] | type[ControllerMode] | type[FunctionalMode]) -> Signal:
        return Signal(f"controller.{key}", "", "text", texts=tuple(str(word) for word in words))

    def reported(raw: Raw) -> state.Reported:
        return _reported(raw, channels=channels, namespaces=namespaces)

    return [
        Column(texts("execution", Execution), lambda raw: str(state.execution(reported(raw)))),
        Column(texts("controller_mode", ControllerMode), lambda raw: str(state.controller_mode(reported(raw)))),
        Column(texts("functional_mode", FunctionalMode), lambda raw: str(state.functional_mode(reported(raw)))),
    ]


def _reported(raw: Raw, *, channels: int, namespaces: Sequence[str]) -> state.Reported:
    def known(role: str, *tables: tuple[str, Mapping[int, str]]) -> str:
        return _state_name(raw.get(f"{role}.id"), raw.get(f"{role}.text"), namespaces, tables)

    modes = ((nodeset.MACHINERY, nodeset.MACHINERY_MODES), (nodeset.MACHINE_TOOL, nodeset.MACHINE_TOOL_MODES))
    return state.Reported(
        channels=[
            state.Channel(
                state=_nth(nodeset.CHANNEL_STATES, raw.get(f"channel{number}.state")) or "",
                mode=_nth(nodeset.CHANNEL_MODES, raw.get(f"channel{number}.mode")) or "",
                feed_override_percent=_times(raw.get(f"path{number}.path_feedrate.override"), 1.0),
            )
            for number in range(1, channels + 1)
        ],
        program=known("program", (nodeset.MACHINE_TOOL, nodeset.PROGRAM_STATES)),
        item=known("item", (nodeset.MACHINERY, nodeset.ITEM_STATES)),
        operation=known("operation", *modes),
        machine_mode=_nth(nodeset.OPERATION_MODES, raw.get("machine.mode")) or "",
    )


def _state_name(
    node: Any, text: Any, namespaces: Sequence[str], tables: Sequence[tuple[str, Mapping[int, str]]]
) -> str:
    """The name of a state: by its node of the specification, else by the text, which is English where it is known."""
    if isinstance(node, ua.NodeId) and node.NamespaceIndex < len(namespaces):
        for uri, table in tables:
            if namespaces[node.NamespaceIndex] == uri and node.Identifier in table:
                return table[int(str(node.Identifier))]
    shown = getattr(text, "Text", text)
    plain = str(shown or "").replace(" ", "")
    return plain if any(plain in table.values() for _, table in tables) else ""


def _nth(names: Sequence[str], number: Any) -> str | None:
    return names[number] if isinstance(number, int) and 0 <= number < len(names) else None


def _times(value: Any, factor: float) -> float | None:
    """A number of the server; texts and lists of a maker's own type are not one."""
    return value * factor if isinstance(value, int | float) and not isinstance(value, bool) else None
