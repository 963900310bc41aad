"""Finding machines and what they have, by browsing once per connection."""

from typing import Final

from asyncua import ua

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua import nodeset
from greengrass_components.opcua.driver.companion import Path, Tree
from greengrass_components.opcua.driver.session import RequestRefused, Session

MOST_NODES: Final = 1_500
MOST_DEPTH: Final = 6
#: What signals come from; tool lists, file systems and components may hold thousands of nodes.
BRANCHES: Final = frozenset({"Monitoring", "Production", "Notification", "MachineryBuildingBlocks",
                             "OperationCounters", "Identification"})  # fmt: skip
AVOIDED: Final = frozenset({"ProductionPlan", "JobManagement", "Prognoses", "Stacklight", "MachineryEquipment"})


async def find_machine(session: Session, *, name: str) -> Tree | None:
    """The machine called `name`, or the only one; None where the server knows no companion specification.

    Raises DriverError when there are several and none is named so.
    """
    machines = await _machines(session)
    if not machines:
        return None
    chosen = [machine for machine in machines if machine.BrowseName.Name == name] if name else machines
    if len(chosen) != 1:
        known = ", ".join(str(machine.BrowseName.Name) for machine in machines)
        raise DriverError(f"name {name!r}: the server has the machines {known}: name one of them")
    machine = chosen[0]
    nodes = await _below(session, machine.NodeId)
    events = await _notifier(session, [node for path, node in nodes.items() if path[-1] == "Messages"], machine.NodeId)
    return Tree(str(machine.BrowseName.Name), machine.NodeId, nodes, session.namespaces, events)


async def _machines(session: Session) -> list[ua.ReferenceDescription]:
    if nodeset.MACHINERY not in session.namespaces:
        return []
    folder = ua.NodeId(nodeset.MACHINES, session.namespaces.index(nodeset.MACHINERY))
    try:
        found = await session.browse(folder)
    except RequestRefused:
        return []
    return [row for row in found if row.NodeClass == ua.NodeClass.Object]


async def _below(session: Session, root: ua.NodeId) -> dict[Path, ua.NodeId]:
    """Every node of the branches that matter, by its path; the first of two with one path."""
    found: dict[Path, ua.NodeId] = {}
    waiting: list[tuple[Path, ua.NodeId]] = [((), root)]
    seen = {root}
    while waiting and len(found) < MOST_NODES:
        path, node = waiting.pop(0)
        try:
            rows = await session.browse(node)
        except RequestRefused:
            continue  # one node that may not be browsed hides what is below it, and nothing else
        for row in rows:
            name = str(row.BrowseName.Name)
            if row.NodeId in seen or name in AVOIDED or (not path and name not in BRANCHES):
                continue
            below = (*path, name)
            seen.add(row.NodeId)
            found.setdefault(below, row.NodeId)
            if len(below) < MOST_DEPTH and _has_children(row):
                waiting.append((below, row.NodeId))
    return found


def _has_children(row: ua.ReferenceDescription) -> bool:
    """Objects, and the variables of a state machine, whose Id is what we read."""
    return bool(row.NodeClass == ua.NodeClass.Object or row.BrowseName.Name == "CurrentState")


async def _notifier(session: Session, messages: list[ua.NodeId], machine: ua.NodeId) -> ua.NodeId | None:
    """The nearest node that sends events: the machine's messages, the machine; None = the server itself."""
    for node in (*messages, machine):
        try:
            value = await session.ask(session.client.uaclient.read_attributes([node], ua.AttributeIds.EventNotifier))
        except RequestRefused:
            continue
        bits = value[0].Value.Value if value and value[0].Value is not None else 0
        if isinstance(bits, int) and bits & 1:
            return node
    return None
