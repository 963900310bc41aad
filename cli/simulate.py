"""One simulated machine as a process: `python -m cli.simulate --spec FILE.json`.

    {"v": 1,
     "shop": {"name", "kind", "seed", "time_zone", "programs", "commissioned", "faults": []},
     "clock": null | {"since_ms", "started_ms", "speed"},
     "serve": [{"kind": "focas", "host": "127.0.0.1", "port": 18193},
               {"kind": "modbus", "host": "127.0.0.1", "port": 15020, "map": "energy_meter", "unit": 1},
               {"kind": "mtconnect", "host": "127.0.0.1", "port": 15000},
               {"kind": "opcua", "host": "127.0.0.1", "port": 14840, "companion": true}]}

Serves every protocol of the document from one machine, ends on SIGTERM and with its parent, prints errors only.
Here and not in simulated_shop, because it joins the shop with the protocol simulators.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfoNotFoundError

from cnc.domain.base.clock import to_ms
from greengrass_components.modbus.errors import BadMap
from simulated_shop.clock import clock_of
from simulated_shop.control import LiveControl
from simulated_shop.machine import Machine
from simulated_shop.spec import BadSpec, machine_spec

PARENT_LOOK_S: Final = 1.0
Simulator = AbstractAsyncContextManager[Any]


async def serve(document: dict[str, Any], stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises BadSpec, BadMap, or OSError for a port that is taken."""
    if document.get("v") != 1 or not document.get("serve"):
        raise BadSpec(f"simulator document with v {document.get('v')!r}: expected v 1 and something to serve")
    spec = machine_spec(document.get("shop", {}))
    control = LiveControl(Machine(spec), clock_of(document.get("clock")))
    control.snapshot()
    async with contextlib.AsyncExitStack() as stack:
        for row in document["serve"]:
            await stack.enter_async_context(_simulator(row, control, name=spec.name))
        await stop.wait()


def _simulator(row: dict[str, Any], control: LiveControl, *, name: str) -> Simulator:
    host, port = str(row.get("host", "127.0.0.1")), int(row.get("port", 0))
    if row.get("kind") == "focas":
        return _focas(control, host, port, name=name)
    if row.get("kind") == "modbus":
        return _modbus(control, host, port, row)
    if row.get("kind") == "mtconnect":
        return _mtconnect(control, host, port, name=name)
    if row.get("kind") == "opcua":
        return _opcua(control, host, port, name=name, companion=bool(row.get("companion", True)))
    raise BadSpec(f"protocol {row.get('kind')!r}: expected focas, modbus, mtconnect or opcua")


# Each protocol is imported when it is served: a process of one control need not carry the Modbus server.
def _focas(control: LiveControl, host: str, port: int, *, name: str) -> Simulator:
    """The type plate is that of the default persona, its CNC id that of this machine alone."""
    from greengrass_components.focas.simulator import FocasSimulator
    from greengrass_components.focas.simulator.persona import THIRTY_ONE_I

    own = int.from_bytes(sha256(name.encode()).digest()[:4], "big")
    persona = replace(THIRTY_ONE_I, cnc_id=(*THIRTY_ONE_I.cnc_id[:3], own))
    return FocasSimulator(control, host, port, persona=persona)


def _modbus(control: LiveControl, host: str, port: int, row: dict[str, Any]) -> Simulator:
    from greengrass_components.modbus.device_map import load_map
    from greengrass_components.modbus.serial_simulator import SerialSimulator
    from greengrass_components.modbus.simulator import ModbusSimulator
    from simulated_shop.sensors import SENSORS

    name, unit = str(row.get("map")), int(row.get("unit", 1))
    device = load_map(name)
    if name not in SENSORS:
        raise BadSpec(f"device map {name!r}: expected one of {', '.join(SENSORS)}")
    measure = SENSORS[name]
    if row.get("transport") == "rtu_over_tcp":
        return SerialSimulator({unit: (device, lambda: measure(control.snapshot()))}, host, port)
    return ModbusSimulator(device, lambda: measure(control.snapshot()), host, port, unit=unit)


def _mtconnect(control: LiveControl, host: str, port: int, *, name: str) -> Simulator:
    from greengrass_components.mtconnect.simulator import MtconnectSimulator

    return MtconnectSimulator(control, host, port, name=name, clock_ms=lambda: to_ms(control.now))


def _opcua(control: LiveControl, host: str, port: int, *, name: str, companion: bool) -> Simulator:
    from greengrass_components.opcua.simulator.server import OpcUaSimulator

    return OpcUaSimulator(control, host, port, name=name, companion=companion)


def _stop_event() -> asyncio.Event:
    """Set by SIGTERM, by SIGINT, and when the parent of this process has ended."""
    stop, loop, parent = asyncio.Event(), asyncio.get_running_loop(), os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def look() -> None:
        if os.getppid() != parent:
            stop.set()
        elif not stop.is_set():
            loop.call_later(PARENT_LOOK_S, look)

    look()
    return stop


async def _run(document: dict[str, Any]) -> None:
    await serve(document, _stop_event())


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 2 with one sentence for a document that cannot be used or a port that is taken."""
    parser = argparse.ArgumentParser(prog="python -m cli.simulate")
    parser.add_argument("--spec", type=Path, required=True, help="JSON: the machine and what it serves")
    options = parser.parse_args(argv)
    try:
        asyncio.run(_run(json.loads(options.spec.read_text())))
    except (BadSpec, BadMap, OSError, ValueError, KeyError, ZoneInfoNotFoundError) as error:
        print(f"{options.spec}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
