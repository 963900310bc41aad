"""What a gateway finds at a site, as a process of its own: Modbus devices of 30 signals, and an MQTT broker.

`python -m benchmarks.edge_site FOLDER DEVICES` prints one JSON line when all of it answers; to each line of its input
it says what minute messages brought so far (`rows`, `messages`, `bytes`), and it ends with its input.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from math import sin
from pathlib import Path
from typing import Any

from benchmarks.edge_map import SITE, TAGS, TENANT, THING, device
from cnc.domain.telemetry.chunk import Header
from cnc.domain.telemetry.minute import unpack
from cnc.domain.telemetry.receipt import Answer, pack_answers, unpack_asks
from greengrass_components.modbus.simulator import ModbusSimulator
from local_cloud.broker.messages import Message
from local_cloud.broker.server import Broker
from tests.local_cloud.broker.support import GATEWAY_POLICY, Iot, make_cloud, resource


class _Values:
    """A third of the values stands still, as on a real device; the others move with every read."""

    def __init__(self) -> None:
        self._reads = 0

    def __call__(self) -> Mapping[str, float]:
        self._reads += 1
        return {
            f"bench.value_{n:02d}": 100.0 + (n if n % 3 == 0 else 20 * sin(self._reads / 40 + n)) for n in range(TAGS)
        }


class _Store:
    """Takes the place of rules, functions and table: counts the rows of minute messages, and says all are stored."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.counted = {"rows": 0, "messages": 0, "bytes": 0}

    def put(self, message: Message, *, rule: str | None, **_about: Any) -> bool:
        if rule in ("telemetry_minute", "telemetry_backlog"):
            chunks = [Header.peek(minute.chunk) for minute in unpack(message.payload).minutes]
            self.counted["rows"] += sum(chunk.rows for chunk in chunks)
            self.counted["messages"] += 1
            self.counted["bytes"] += len(message.payload)
        elif rule == "receipt":
            asyncio.get_running_loop().call_soon(self._answer, message.payload)
        return True

    def _answer(self, question: bytes) -> None:
        asked = unpack_asks(question)
        answers = [Answer(ask.source, ask.boot, stored=((ask.first, ask.last),)) for ask in asked.asks]
        payload = pack_answers(asked.request, answers)
        self._broker.router.deliver(Message(f"cnc/{TENANT}/{SITE}/{THING}/receipt", payload))


async def serve(folder: Path, devices: int) -> None:
    policy = resource("AWS::IoT::Policy", "gateway", {"PolicyDocument": GATEWAY_POLICY})
    broker = Broker(make_cloud(folder, resources=(policy,), rules=1))
    broker.router.rules = store = _Store(broker)
    await broker.start()
    iot = await asyncio.to_thread(Iot, broker.control_port)
    made = await asyncio.to_thread(iot.enrol, THING, TENANT, folder)
    async with AsyncExitStack() as stack:
        ports, held = [], device()
        for _ in range(devices):
            simulator = await stack.enter_async_context(ModbusSimulator(held, _Values()))
            ports.append(simulator.port)
        found: dict[str, Any] = {"ports": ports, "mqtt": broker.tls_port, "ca": str(broker.cloud.pki.ca_cert)}
        found |= {"cert": str(made.cert), "key": str(made.key)}
        print(json.dumps(found), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(store.counted), flush=True)
    iot.close()
    await broker.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
