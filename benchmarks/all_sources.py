"""An hour of the demo shop over all of its sources, controls, meters and sensors, as they are polled."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from benchmarks.readings import BOOT, DAY, ROWS, Minute, minutes
from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.schema import Schema
from greengrass_components.modbus.device_map import load_map
from simulated_shop.demo import DemoMachine, DemoShop, many, shop_document
from simulated_shop.machine import Machine
from simulated_shop.sensors import SENSORS
from simulated_shop.spec import machine_spec

HOUR_MINUTES = 60
#: The six machines of the first demo shop, which `readings` reads too.
MACHINES = 6
SourceMinutes = list[tuple[Rows, Schema, tuple[Event, ...]]]


def hours() -> Iterator[SourceMinutes]:
    """Per source the minutes from 09:00 to 10:00; controls with every signal they show and with their events."""
    shops = [(shop, machine) for shop in many(MACHINES + 2) for machine in shop.machines][:MACHINES]
    read = minutes(MACHINES, HOUR_MINUTES, together=True)
    for number, (shop, machine) in enumerate(shops):
        for source in machine.sources:
            if source.component == "modbus":
                yield _measured(shop, machine, source.map)
            else:
                yield _shown(read[number * HOUR_MINUTES : (number + 1) * HOUR_MINUTES])


def _shown(read: Sequence[Minute]) -> SourceMinutes:
    return [(minute.whole, minute.whole_schema, minute.events) for minute in read]


def _measured(shop: DemoShop, machine: DemoMachine, name: str) -> SourceMinutes:
    """A device beside the control, by its map; the values are rounded to its resolutions as the driver does."""
    schema, values_at = load_map(name).schema, SENSORS[name]
    life = Machine(machine_spec(shop_document(machine, shop)))
    found: SourceMinutes = []
    for minute in range(HOUR_MINUTES):
        start = DAY + timedelta(hours=9, minutes=minute)
        rows = [values_at(life.at(start + timedelta(seconds=second))) for second in range(ROWS)]
        columns = [
            [int(row[signal.key]) if signal.kind == "text" else signal.scaled(row[signal.key]) for row in rows]
            for signal in schema.signals
        ]
        t0_ms = int(start.timestamp() * 1000)
        found.append((Rows(schema.hash, BOOT, ROWS * minute + 1, t0_ms, 1000, columns, [0] * ROWS), schema, ()))
    return found
