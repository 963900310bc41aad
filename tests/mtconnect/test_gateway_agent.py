"""MTConnect out: what the drivers write is what an MTConnect client of the shop reads, when it is switched on."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cnc.domain.telemetry.facts import UNAVAILABLE
from cnc.domain.telemetry.schema import Schema, Signal
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.journal import Journal
from greengrass_components.edge_kit.mqtt_link import MqttLink
from greengrass_components.edge_kit.mtconnect.machine import About, MachineDevice
from greengrass_components.edge_kit.output import OutputProcess
from greengrass_components.edge_kit.runtime import ConfigFile
from greengrass_components.edge_kit.status import read_status
from greengrass_components.mtconnect.client import AgentClient
from greengrass_components.mtconnect.protocol import Streams, parse_devices, parse_streams
from greengrass_components.mtconnect_agent.gateway_agent import GatewayAgent
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.report import Reporter
from tests.edge_kit.fakes import T0, HandPace, bootstrap, eventually, open_journal
from tests.sparkplug.broker import free_port

CONTROL, METER = "d_" + "1" * 16, "d_" + "2" * 16
MACHINE = "m_" + "7" * 16
CONTROL_SCHEMA = Schema(
    (
        Signal("controller.execution", "", "text", texts=("READY", "ACTIVE", "UNAVAILABLE")),
        Signal("x.position.actual", "MILLIMETER", resolution=0.001),
        Signal("x.position.relative", "MILLIMETER", resolution=0.001),
        Signal("s1.rotary_velocity.actual", "REVOLUTION/MINUTE"),
        Signal("path1.path_feedrate.actual", "MILLIMETER/SECOND", resolution=1 / 60),
        Signal("path1.x_motion", "", "text", texts=("NONE", "MOTION")),
    )
)
METER_SCHEMA = Schema((Signal("electric.voltage_ac.l1", "VOLT", resolution=0.1), Signal("electric.wattage", "WATT")))
STATE = {
    "availability": "AVAILABLE", "execution": "ACTIVE", "controller_mode": "AUTOMATIC", "functional_mode": "PRODUCTION",
    "emergency_stop": "ARMED", "fault": False,
}  # fmt: skip


def configure(made: Bootstrap, *, version: int = 1, **settings: Any) -> None:
    rows = [
        {"id": source, "machine": MACHINE, "component": "test", "period_ms": 1000, "host": "x", "port": 1}
        for source in (CONTROL, METER)
    ]
    document = {
        "v": 1, "version": version, "tenant": made.tenant, "site": made.site, "thing": made.thing, "sources": rows,
        "outputs": {"mtconnect_agent": settings},
    }  # fmt: skip
    fresh = made.config_path.with_suffix(".new")
    fresh.write_text(json.dumps(document))
    fresh.replace(made.config_path)


class Shop:
    """Two sources of one machine in one journal."""

    def __init__(self, journal: Journal) -> None:
        self.control = journal.source(CONTROL, schema=CONTROL_SCHEMA, period_ms=1000)
        self.meter = journal.source(METER, schema=METER_SCHEMA, period_ms=1000)
        self.at_ms = T0

    def row(self, *values: int | None, quality: int = 0) -> None:
        self.at_ms += 1000
        self.control.append(self.at_ms, values, quality)
        self.meter.append(self.at_ms, (2301, 4000), 0)

    def event(self, kind: str, data: dict[str, Any]) -> None:
        self.control.event(self.at_ms, kind, data)


@asynccontextmanager
async def running(made: Bootstrap) -> AsyncIterator[OutputProcess]:
    process, stop = OutputProcess("mtconnect_agent", made, GatewayAgent, ConfigFile(made.config_path)), asyncio.Event()
    task = asyncio.create_task(process.run(stop))
    try:
        yield process
    finally:
        stop.set()
        await task


@pytest.fixture
def made(tmp_path: Path) -> Bootstrap:
    return bootstrap(tmp_path)


@pytest.fixture
def shop(made: Bootstrap) -> Shop:
    return Shop(open_journal(made, HandPace()))


@asynccontextmanager
async def client(port: int) -> AsyncIterator[AgentClient]:
    found = AgentClient(f"http://127.0.0.1:{port}")
    await found.open()
    try:
        yield found
    finally:
        await found.close()


async def current(reader: AgentClient, path: str = "current") -> dict[str, str]:
    found = parse_streams(await reader.get(path, {}))
    return {seen.item.partition(".")[2]: seen.level or seen.value for seen in found.observations}


async def until(read: Callable[[], Any], true: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(15):
        while True:
            found = await read()
            if true(found):
                return found
            await asyncio.sleep(0.05)


def status_of(made: Bootstrap) -> str:
    """What the component says of itself, "" before it does."""
    found = read_status(made.data / "output" / "mtconnect_agent")
    return f"{found.state} {found.sources['output']}".strip() if found else ""


async def test_nothing_listens_until_the_document_says_so(made: Bootstrap, shop: Shop) -> None:
    shop.row(1, 0, 0, 0, 0, 0)
    configure(made)
    async with running(made) as process:
        await eventually(lambda: status_of(made) == "off")
        assert process._output is None
        port = free_port()
        configure(made, version=2, enabled=True, port=port)
        await eventually(lambda: status_of(made) == "running")
        configure(made, version=3, enabled=False, port=port)
        await eventually(lambda: status_of(made) == "off")
        with pytest.raises(OSError, match=r"refused|Connect"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_health_tells_how_an_output_does(made: Bootstrap, shop: Shop) -> None:
    reporter = Reporter(made, MqttLink(made), HandPace(), Marks())

    def told() -> str:
        report = reporter.rider()
        return report.message.components.get("mtconnect_agent", "") if report else ""

    shop.row(1, 0, 0, 0, 0, 0)
    configure(made)
    async with running(made):
        await eventually(lambda: told() == "off")
        configure(made, version=2, enabled=True, port="any")
        await eventually(lambda: told() == "failing")
        configure(made, version=3, enabled=True, port=free_port())
        await eventually(lambda: told() == "running")
    assert told() == "stopped"


async def test_rows_and_events_of_all_sources_are_one_device(made: Bootstrap, shop: Shop) -> None:
    port = free_port()
    configure(made, enabled=True, port=port, names={MACHINE: "Mill 1"})
    shop.row(1, 12_500, 1, 8000, 6000, 1)
    shop.event("state", STATE)
    shop.event("program", {"name": "O0042", "number": 42})
    shop.event("alarm", {"number": 411, "type": "SV", "text": "EXCESS ERROR", "axis": "X", "active": True})
    async with running(made), client(port) as reader:
        await eventually(lambda: status_of(made).startswith("running"))
        _, [device] = parse_devices(await reader.get("probe", {}))
        assert (device.name, device.uuid) == ("Mill_1", f"cnc-copilot.{MACHINE}")
        kinds = {item.type: item.kind for item in device.items}
        assert kinds["EXECUTION"] == "Path"
        assert kinds["POSITION"] == "Linear"
        assert kinds["VOLTAGE_AC"] == "Electric"
        assert not any("relative" in item.id or "x_motion" in item.id for item in device.items)
        found = await current(reader)
        assert found["availability"] == "AVAILABLE"
        assert found["controller.execution"] == "ACTIVE"
        assert found["x.position.actual"] == "12.5"
        assert found["path1.path_feedrate.actual"] == "100"
        assert found["electric.voltage_ac.l1"] == "230.1"
        assert found["path1.program"] == "O0042"
        assert found["x.actuator_condition"] == "FAULT"
        assert found["controller.system_condition"] == "NORMAL"
        shop.event("alarm", {"number": 411, "type": "SV", "text": "EXCESS ERROR", "axis": "X", "active": False})
        shop.row(0, 13_000, 1, 0, 0, 0)
        found = await until(lambda: current(reader), lambda seen: seen["x.position.actual"] == "13")
        assert found["controller.execution"] == "READY"
        assert found["x.actuator_condition"] == "NORMAL"


async def test_a_machine_that_falls_silent_is_unavailable_and_its_alarms_are_known_when_it_is_back(
    made: Bootstrap, shop: Shop
) -> None:
    port = free_port()
    configure(made, enabled=True, port=port)
    shop.row(1, 0, 0, 0, 0, 0)
    shop.event("state", STATE)
    shop.event("alarm", {"number": 1005, "type": "EX", "text": "COOLANT", "axis": "", "active": True})
    async with running(made), client(port) as reader:
        await eventually(lambda: status_of(made).startswith("running"))
        assert (await current(reader))["controller.logic_program_condition"] == "FAULT"
        shop.row(None, None, None, None, None, None, quality=UNAVAILABLE)
        shop.event("state", {**dict.fromkeys(STATE, "UNAVAILABLE"), "fault": False})
        found = await until(lambda: current(reader), lambda seen: seen["availability"] == "UNAVAILABLE")
        assert found["controller.execution"] == "UNAVAILABLE"
        assert found["controller.logic_program_condition"] == "UNAVAILABLE"
        assert found["electric.wattage"] == "4000"
        shop.row(1, 0, 0, 0, 0, 0)
        shop.event("state", STATE)
        found = await until(lambda: current(reader), lambda seen: seen["availability"] == "AVAILABLE")
        assert found["controller.logic_program_condition"] == "FAULT"


async def test_a_client_that_streams_sees_every_row(made: Bootstrap, shop: Shop) -> None:
    port = free_port()
    configure(made, enabled=True, port=port)
    shop.row(1, 0, 0, 0, 0, 0)
    async with running(made), client(port) as reader:
        await eventually(lambda: status_of(made).startswith("running"))
        start = parse_streams(await reader.get("current", {})).header.next_sequence
        seen: list[str] = []

        async def listen() -> None:
            path = '//DataItem[@type="ROTARY_VELOCITY"]'
            query = {"from": start, "interval": 10, "heartbeat": 1000, "path": path, "count": 100}
            async for part in reader.stream("sample", query, silence_s=10):
                found: Streams = parse_streams(part)
                seen.extend(each.value for each in found.observations)

        task = asyncio.create_task(listen())
        for speed in range(1, 31):
            shop.row(1, 0, 0, speed, 0, 0)
            await asyncio.sleep(0.005)
        await eventually(lambda: len(seen) >= 30)
        task.cancel()
        await asyncio.wait([task])
        assert seen == [str(speed) for speed in range(1, 31)]


async def test_new_signals_make_a_new_instance(made: Bootstrap, shop: Shop) -> None:
    port = free_port()
    configure(made, enabled=True, port=port)
    shop.row(1, 0, 0, 0, 0, 0)
    async with running(made), client(port) as reader:
        await eventually(lambda: status_of(made).startswith("running"))
        before, _ = parse_devices(await reader.get("probe", {}))
        wider = Schema((*METER_SCHEMA.signals, Signal("electric.frequency", "HERTZ", resolution=0.01)))
        shop.meter = shop.meter.journal.source(METER, schema=wider, period_ms=1000)
        shop.meter.append(shop.at_ms + 1000, (2302, 1, 5001), 0)

        async def frequency() -> str:
            try:
                return (await current(reader)).get("electric.frequency", "")
            except Exception:  # noqa: BLE001  between the two instances nothing listens
                return ""

        assert await until(frequency, lambda value: value == "50.01")
        after, _ = parse_devices(await reader.get("probe", {}))
        assert after.instance_id > before.instance_id


def test_whatever_signals_a_machine_has_its_ids_are_unique() -> None:
    keys = (
        "s1.rotary_mode", "s1.load", "axes.load", "systems.load", "controller.execution", "path2.execution",
        "path1.program", "availability.load", "electric.wattage", "x.position.actual", "x.angle.actual", "device.load",
        "controller.system_condition", "path1.line", "sensor.velocity.root_mean_square", "sensor.velocity.maximum",
    )  # fmt: skip
    schema = Schema(tuple(Signal(key, "") for key in keys))
    made = MachineDevice(About("m", "M", "u"), {"d_1": schema, "d_2": schema})
    ids = [item.id for item in made.device.all_items()]
    assert len(ids) == len(set(ids))
    assert len(list(made.begin(T0))) == len(ids)


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"port": "5000"}, "whole number"), ({"host": 5}, "text"), ({"port": 1, "host": "192.0.2.1"}, "")],
)
async def test_settings_that_cannot_be_used_are_said_in_the_status(
    made: Bootstrap, shop: Shop, settings: dict[str, Any], told: str
) -> None:
    shop.row(1, 0, 0, 0, 0, 0)
    configure(made, enabled=True, **settings)
    async with running(made):
        await eventually(lambda: status_of(made).startswith("failed") and told in status_of(made))
