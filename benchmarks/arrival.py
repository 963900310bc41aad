"""From a row at the control to a WebSocket client: the event lane and the live lane, p95.

A row has the time of its tick at the gateway; the client notes when a message with it arrives. Gateway, cloud and
client share this machine's clock.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import ceil
from pathlib import Path
from typing import Any

import websockets

from benchmarks.figures import Figure
from cnc.domain.base.clock import parse_rfc3339
from tests.product.running import Product, Refused, running, until

STATES = "subscription { machineState { machineId execution at } }"
LIVE = "subscription($id: ID!) { liveSignals(machineId: $id) { machineId at columns } }"
WATCH = "mutation($id: ID!) { watchMachine(id: $id) }"
FOR_S = 120.0
RENEW_S = 20.0
LIMIT_S = 2.0
Took = list[float]


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "--machines", "8") as product:
        until(lambda: live_tile(product), within_s=120, what="a live tile")
        return measure(product)


def live_tile(product: Product) -> bool:
    """Whether a machine shows its state; an answer that is refused while everything starts is none."""
    try:
        return any(machine["lastSeen"] for machine in product.machines())
    except Refused:
        return False


def measure(product: Product, *, for_s: float = FOR_S) -> list[Figure]:
    """Listen for so long to all machines of the first tenant, and to two of them live."""
    machines = [machine["id"] for machine in product.machines()][:2]
    states, live = asyncio.run(_listen(product, machines, for_s))
    return [
        _figure("event lane, row to WebSocket client, p95", states, for_s),
        _figure(f"live lane of {len(machines)} machines, p95", live, for_s),
    ]


def _figure(what: str, took: Took, for_s: float) -> Figure:
    if not took:
        return Figure("arrival", what, float("inf"), "s", LIMIT_S, note=f"nothing arrived within {for_s:.0f} s")
    ordered = sorted(took)
    p95 = ordered[ceil(len(ordered) * 0.95) - 1]
    median = ordered[len(ordered) // 2]
    return Figure("arrival", what, p95, "s", LIMIT_S, note=f"{len(took)} messages, median {median:.2f} s")


async def _listen(product: Product, machines: list[str], for_s: float) -> tuple[Took, Took]:
    states: Took = []
    live: Took = []
    listeners = [
        subscription(product, STATES, {}, "machineState", states),
        *(subscription(product, LIVE, {"id": machine}, "liveSignals", live) for machine in machines),
        keep_watched(product, machines),
    ]
    tasks = [asyncio.ensure_future(listener) for listener in listeners]
    await asyncio.wait(tasks, timeout=for_s, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return states, live


async def keep_watched(product: Product, machines: list[str]) -> None:
    while True:
        for machine in machines:
            await asyncio.to_thread(product.graphql, WATCH, id=machine)
        await asyncio.sleep(RENEW_S)


async def subscription(product: Product, text: str, variables: dict[str, Any], field: str, took: Took) -> None:
    """The first answers tell the present, not what just happened: they are left out; so is what was told before."""
    known: set[tuple[str, float]] = set()
    shown = {"authorization": f"Bearer {product.key()}"}
    connect: Callable[..., Any] = websockets.connect
    async with connect(
        product.endpoints["graphql_ws"],
        subprotocols=["graphql-transport-ws"],
        additional_headers={"Authorization": shown["authorization"]},
        open_timeout=60,
    ) as socket:
        await _say(socket.send, {"type": "connection_init", "payload": shown})
        await socket.recv()
        started = time.time()
        payload = {"query": text, "variables": variables}
        await _say(socket.send, {"id": "1", "type": "subscribe", "payload": payload})
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "ping":
                await _say(socket.send, {"type": "pong"})
            elif message["type"] != "next":
                raise RuntimeError(f"{field}: {message}")
            else:
                told = message["payload"]["data"][field]
                at = parse_rfc3339(told["at"]).timestamp()
                if at > started and (told["machineId"], at) not in known:
                    took.append(time.time() - at)
                known.add((told["machineId"], at))


async def _say(send: Callable[[str], Awaitable[None]], message: dict[str, Any]) -> None:
    with suppress(asyncio.CancelledError):
        await send(json.dumps(message))
