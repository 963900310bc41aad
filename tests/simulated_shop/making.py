"""Machines for these tests."""

from datetime import UTC, datetime

from simulated_shop.faults import Fault
from simulated_shop.kinds import KINDS
from simulated_shop.machine import Machine
from simulated_shop.spec import MachineSpec

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PROGRAMS = {"mill": (1001, 1002), "lathe": (2001, 2002), "5-axis": (5001,), "replay": (9010, 9009)}


def machine(kind: str = "mill", *, seed: int = 1, name: str = "M", faults: tuple[Fault, ...] = ()) -> Machine:
    return Machine(
        MachineSpec(
            name=name,
            kind=KINDS[kind],
            seed=seed,
            time_zone="Europe/Berlin",
            programs=PROGRAMS[kind],
            commissioned=datetime(2026, 11, 2, 6, tzinfo=UTC),
            faults=faults,
        )
    )
