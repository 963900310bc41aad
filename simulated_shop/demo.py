"""The demo shops as plain data: tenants, sites, cells, machines, what is connected to them, and who works there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

SEED = 20_267
COMMISSIONED = "2026-01-05T06:00:00+00:00"


@dataclass(frozen=True, slots=True)
class DemoUser:
    email: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class DemoSource:
    """One connection. `map` names a device map and is empty for a control."""

    component: str
    map: str = ""
    period_ms: int = 1_000


@dataclass(frozen=True, slots=True)
class DemoMachine:
    """One machine. `kind` is that of the simulation; `shown_kind` what people call it."""

    name: str
    kind: str
    model: str
    cell: str
    programs: tuple[int, ...]
    part_target: int
    """Parts a shift should make."""
    sources: tuple[DemoSource, ...]

    @property
    def shown_kind(self) -> str:
        return "mill" if self.kind == "replay" else self.kind


@dataclass(frozen=True, slots=True)
class DemoShop:
    """One tenant with one site. Cells are those its machines name."""

    tenant: str
    site: str
    time_zone: str
    seed: int
    machines: tuple[DemoMachine, ...]
    users: tuple[DemoUser, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(machine.cell for machine in self.machines))


_FOCAS = DemoSource("focas")
_MTCONNECT = DemoSource("mtconnect")
_METER = DemoSource("modbus", "energy_meter")
_SENSOR = DemoSource("modbus", "vibration_sensor")
_MILLING, _TURNING = "Milling cell", "Turning cell"

NORTHWIND = DemoShop(
    tenant="Northwind Precision",
    site="Plant Rotterdam",
    time_zone="Europe/Amsterdam",
    seed=SEED,
    machines=(
        DemoMachine("Mill 1", "mill", "VMC 850", _MILLING, (1001, 1002), 125, (_FOCAS, _METER, _SENSOR)),
        DemoMachine("Mill 2", "mill", "VMC 1050", _MILLING, (1002, 1001), 125, (_FOCAS,)),
        DemoMachine("Five-Axis 1", "5-axis", "U500", _MILLING, (5001,), 175, (_FOCAS, _METER)),
        DemoMachine("Wax Mill", "replay", "Test-bed mill, replayed", _MILLING, (9010, 9009), 310, (_FOCAS,)),
        DemoMachine("Lathe 1", "lathe", "TC 42", _TURNING, (2001, 2002), 380, (_FOCAS, _SENSOR)),
        DemoMachine("Lathe 2", "lathe", "TC 65", _TURNING, (2002, 2001), 380, (_FOCAS,)),
    ),
    users=(
        DemoUser("owner@northwind.example", "Nora Vink", "owner"),
        DemoUser("supervisor@northwind.example", "Sam de Wit", "supervisor"),
        DemoUser("operator@northwind.example", "Omar Bakker", "operator"),
        DemoUser("maintenance@northwind.example", "Mia Visser", "maintenance"),
        DemoUser("viewer@northwind.example", "Hall screen", "viewer"),
    ),
)

ALDER = DemoShop(
    tenant="Alder Tooling",
    site="Werk Solingen",
    time_zone="Europe/Berlin",
    seed=SEED + 1,
    machines=(
        DemoMachine("Alder Mill", "mill", "DM 600", "Tool shop", (1001,), 110, (_FOCAS, _METER)),
        DemoMachine("Alder Lathe", "lathe", "CT 40", "Tool shop", (2001,), 350, (_FOCAS,)),
    ),
    users=(
        DemoUser("owner@alder.example", "Arne Lindholm", "owner"),
        DemoUser("operator@alder.example", "Pia Kern", "operator"),
    ),
)

DEMO: tuple[DemoShop, ...] = (NORTHWIND, ALDER)
_KINDS = (
    ("Mill", "mill", "VMC 850", (1001, 1002), 125),
    ("Lathe", "lathe", "TC 42", (2001, 2002), 380),
    ("Five-Axis", "5-axis", "U500", (5001,), 175),
)


def many(count: int, *, seed: int = SEED) -> tuple[DemoShop, ...]:
    """The demo shops with `count` machines in all: Northwind has at least one, Alder up to its two of the others.

    Machines beyond the six of the demo are drawn from a seed, in cells of ten, the first of which has a control that
    speaks MTConnect. Raises ValueError below 1.
    """
    if count < 1:
        raise ValueError(f"{count} machines: expected at least 1")
    alder = replace(ALDER, machines=ALDER.machines[: count - 1])
    wanted = count - len(alder.machines)
    random = Random(seed)
    machines = list(NORTHWIND.machines[:wanted])
    for number in range(len(machines) + 1, wanted + 1):
        name, kind, model, programs, target = random.choices(_KINDS, weights=(4, 4, 2))[0]
        extra = random.choices(((), (_METER,), (_SENSOR,)), weights=(8, 1, 1))[0]
        line, place = divmod(number - 7, 10)
        sources = (_FOCAS if place else _MTCONNECT, *extra)
        machines.append(DemoMachine(f"{name} {number:03d}", kind, model, f"Line {line + 1}", programs, target, sources))
    northwind = DemoShop(NORTHWIND.tenant, NORTHWIND.site, NORTHWIND.time_zone, seed, tuple(machines), NORTHWIND.users)
    return (northwind, alder)


def shop_document(machine: DemoMachine, shop: DemoShop, *, commissioned: str = COMMISSIONED) -> dict[str, Any]:
    """The `shop` part of a simulator's document (`simulated_shop.spec.machine_spec` reads it)."""
    return {
        "name": machine.name,
        "kind": machine.kind,
        "seed": shop.seed,
        "time_zone": shop.time_zone,
        "programs": list(machine.programs),
        "commissioned": commissioned,
        "faults": [],
    }


def simulator_document(
    machine: DemoMachine, shop: DemoShop, *, ports: Sequence[int], clock: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The document of `python -m cli.simulate`: one port for each source, in their order.

    `clock` is a time-lapse (`since_ms`, `started_ms`, `speed`) or None for wall time.
    """
    served = [
        {"kind": source.component, "host": "127.0.0.1", "port": port, **({"map": source.map} if source.map else {})}
        for source, port in zip(machine.sources, ports, strict=True)
    ]
    return {"v": 1, "shop": shop_document(machine, shop), "clock": clock, "serve": served}
