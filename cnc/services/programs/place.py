"""Which gateway and which source of it write to a machine."""

import json
from dataclasses import dataclass

from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.services.programs.ports import Shop
from cnc.services.shop import Machine

#: The component that has a write gate.
WRITING_COMPONENT = "focas"


@dataclass(frozen=True, slots=True)
class Control:
    """One control of a machine, and the gateway that is its only door."""

    machine: Machine
    site: str
    thing: str
    source: str
    path: int


def known_machine(machine: str, *, shop: Shop) -> Machine:
    """Raises CncError `machine.not_found`."""
    found = shop.machine(check_id("m", machine))
    if found is None:
        raise CncError("machine.not_found", todo="Take the id from `machines`.")
    return found


def control_of(machine: str, *, shop: Shop) -> Control:
    """Raises CncError `machine.not_found`, `gateway.not_found`, `source.not_found`."""
    found = known_machine(machine, shop=shop)
    gateway = shop.gateway(found.gateway) if found.gateway else None
    if gateway is None:
        raise CncError("gateway.not_found", todo="Give the machine's sources to a gateway first.")
    for source in json.loads(gateway.document)["sources"]:
        if source["machine"] == machine and source["component"] == WRITING_COMPONENT:
            return Control(found, gateway.site, gateway.id, source["id"], int(source.get("path", 1)))
    raise CncError(
        "source.not_found", expected=f"a {WRITING_COMPONENT} source of the machine", todo="Connect its control first."
    )
