"""What a gateway finds at a site, as a process of its own: Modbus devices of 30 signals, and an MQTT broker.

`python -m benchmarks.edge_site FOLDER DEVICES` prints one JSON line when all of it answers, and ends with its input.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from math import sin
from pathlib import Path
from typing import Any, Final

from greengrass_components.modbus.device_map import DeviceMap, parse_map
from greengrass_components.modbus.simulator import ModbusSimulator
from local_cloud.broker.server import Broker
from tests.local_cloud.broker.support import GATEWAY_POLICY, Iot, make_cloud, resource

TAGS: Final = 30
TENANT, SITE, THING = "t_" + "0" * 16, "s_" + "0" * 16, "g_" + "0" * 16


def device() -> DeviceMap:
    """30 floats in 60 input registers that follow each other."""
    items = "\n".join(
        f'  - {{key: bench.value_{n:02d}, address: {2 * n}, unit: "", range: [-1000, 1000], resolution: 0.01}}'
        for n in range(TAGS)
    )
    head = "v: 1\nname: bench\ntitle: Thirty floats\n"
    defaults = "defaults: {kind: input, type: f32, byte_order: big, word_order: big}\n"
    return parse_map(f"{head}{defaults}items:\n{items}\n", name="bench")


class _Values:
    """A third of the values stands still, as on a real device; the others move with every read."""

    def __init__(self) -> None:
        self._reads = 0

    def __call__(self) -> Mapping[str, float]:
        self._reads += 1
        return {
            f"bench.value_{n:02d}": 100.0 + (n if n % 3 == 0 else 20 * sin(self._reads / 40 + n)) for n in range(TAGS)
        }


async def serve(folder: Path, devices: int) -> None:
    policy = resource("AWS::IoT::Policy", "gateway", {"PolicyDocument": GATEWAY_POLICY})
    broker = Broker(make_cloud(folder, resources=(policy,), rules=1))
    await broker.start()
    iot = await asyncio.to_thread(Iot, broker.control_port)
    made = await asyncio.to_thread(iot.enrol, THING, TENANT, folder)
    async with AsyncExitStack() as stack:
        ports = []
        for _ in range(devices):
            simulator = await stack.enter_async_context(ModbusSimulator(device(), _Values()))
            ports.append(simulator.port)
        found: dict[str, Any] = {"ports": ports, "mqtt": broker.tls_port, "ca": str(broker.cloud.pki.ca_cert)}
        found |= {"cert": str(made.cert), "key": str(made.key)}
        print(json.dumps(found), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    iot.close()
    await broker.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
