"""Agents for these tests: our own core with a small device, and one that says word for word what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.mtconnect.agent import Agent
from greengrass_components.edge_kit.mtconnect.buffer import Observation
from greengrass_components.edge_kit.mtconnect.model import Category, Component, DataItem, Device
from greengrass_components.edge_kit.mtconnect.server import AgentServer
from greengrass_components.edge_kit.pace import wall_ms
from greengrass_components.mtconnect.driver import MtconnectDriver, open_driver

T0 = 1_764_000_000_000


def device(prefix: str = "d1", name: str = "Mill") -> Device:
    def item(tail: str, category: Category, kind: str, sub_type: str = "", units: str = "") -> DataItem:
        return DataItem(f"{prefix}_{tail}", category, kind, sub_type, tail, units)

    sample, event, condition = Category.SAMPLE, Category.EVENT, Category.CONDITION
    path_items = (
        item("exec", event, "EXECUTION"),
        item("mode", event, "CONTROLLER_MODE"),
        item("pgm", event, "PROGRAM"),
        item("parts", event, "PART_COUNT", "ALL"),
        item("motion", condition, "MOTION_PROGRAM"),
    )
    path = Component("Path", f"{prefix}_p", "path", path_items)
    own = (item("estop", event, "EMERGENCY_STOP"), item("sys", condition, "SYSTEM"))
    control = Component("Controller", f"{prefix}_c", "controller", own, (path,))
    x = Component("Linear", f"{prefix}_x", "X", (item("xpos", sample, "POSITION", "ACTUAL", "MILLIMETER"),))
    s = Component(
        "Rotary", f"{prefix}_s", "S", (item("speed", sample, "ROTARY_VELOCITY", "ACTUAL", "REVOLUTION/MINUTE"),)
    )
    axes = Component("Axes", f"{prefix}_a", "base", components=(x, s))
    return Device(prefix, name, f"uuid-{prefix}", (item("avail", event, "AVAILABILITY"),), (axes, control))


@dataclass
class Floor:
    """One agent that can be restarted with a new instance behind the same port; `now` is its clock."""

    devices: tuple[Device, ...]
    size: int = 1000
    version: str = "2.0"
    instance: int = 100
    clock_ms: Callable[[], int] = wall_ms
    agent: Agent = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        if hasattr(self, "agent"):
            self.agent.close()
        self.instance += 1
        self.agent = Agent(
            self.devices, sender="test", instance_id=self.instance, clock_ms=self.clock_ms, size=self.size,
            version=self.version,
        )  # fmt: skip
        for found in self.devices:
            for item in found.all_items():
                level = "UNAVAILABLE" if item.category is Category.CONDITION else ""
                self.agent.add([Observation(item.id, self.clock_ms(), "" if level else "UNAVAILABLE", level)])

    def say(self, item: str, value: str, *, at_ms: int | None = None) -> None:
        self.agent.add([Observation(item, self.clock_ms() if at_ms is None else at_ms, value)])

    def alarm(self, item: str, level: str, code: str = "", text: str = "") -> None:
        self.agent.add([Observation(item, self.clock_ms(), text, level, code)])


@asynccontextmanager
async def serving(floor: Floor, port: int = 0) -> AsyncIterator[AgentServer]:
    async with AgentServer(lambda: floor.agent, port=port) as server:
        yield server


def source(port: int, *, period_ms: int = 1000, **settings: object) -> SourceConfig:
    return SourceConfig("d_" + "0" * 16, "m_" + "0" * 16, "mtconnect", period_ms, True, "127.0.0.1", port, settings)


@asynccontextmanager
async def reading(port: int, **settings: object) -> AsyncIterator[MtconnectDriver]:
    driver = open_driver(source(port, **settings))
    assert isinstance(driver, MtconnectDriver)
    try:
        yield driver
    finally:
        await driver.close()


@asynccontextmanager
async def scripted(answer: Callable[[web.Request], "web.Response"]) -> AsyncIterator[int]:
    """A foreign agent: `answer` is called for every request. Yields its port."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return answer(request)

    application = web.Application()
    application.router.add_get("/{tail:.*}", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    """Poll a condition, and fail by the deadline."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)
