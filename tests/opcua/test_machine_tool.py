"""The driver against a server with the companion specifications, and what others may find there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from asyncua import Client, ua

from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.opcua import nodeset
from greengrass_components.opcua.driver.driver import OpcUaDriver
from greengrass_components.opcua.simulator.server import OpcUaSimulator

from .machine import GUARD, SERVO, Mill, driver, shown

pytestmark = pytest.mark.asyncio(loop_scope="package")
WITHIN_S = 10.0


@pytest_asyncio.fixture(loop_scope="package")
async def reader(simulator: OpcUaSimulator, mill: Mill) -> AsyncIterator[OpcUaDriver]:
    await simulator.refresh()
    made = driver(simulator.port)
    await made.connect()
    yield made
    await made.close()


async def until(reader: OpcUaDriver, wanted: Callable[[Reading], Any]) -> Reading:
    """The first reading that is as wanted."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        reading = await reader.read(tick_ms=round(time.time() * 1000))
        if wanted(reading):
            return reading
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {WITHIN_S} s: {reading}")


async def test_what_a_machine_tool_tells_arrives_under_our_keys(reader: OpcUaDriver) -> None:
    reading = await reader.read(tick_ms=0)
    assert reading.quality == Quality.GOOD
    assert shown(reader, reading.values) == {
        "controller.execution": "ACTIVE",
        "controller.controller_mode": "AUTOMATIC",
        "controller.functional_mode": "PRODUCTION",
        "path1.x_channel_state": "ACTIVE",
        "path1.path_feedrate.override": 90.0,
        "path1.path_feedrate.rapid_override": 100.0,
        "s1.x_rotating": "YES",
        "s1.rotary_velocity.override": 110.0,
        "controller.equipment_timer.powered": 3600.0,
        "controller.equipment_timer.operating": 1800.0,
        "path1.part_count.all": 4711.0,
    }
    assert reading.facts["program"] == {"name": "O1001", "number": 1001}
    assert reading.facts["part"] == {"count": 4711}
    assert reading.facts["override"] == {"feed": 90.0, "rapid": 100.0, "spindle": 110.0}
    assert reading.facts["state"]["execution"] == "ACTIVE"


async def test_a_change_is_reported_and_unchanged_facts_are_the_same_object(
    reader: OpcUaDriver, simulator: OpcUaSimulator, mill: Mill
) -> None:
    before = await reader.read(tick_ms=0)
    assert (await reader.read(tick_ms=1)).facts is before.facts
    mill.run, mill.feed_override_percent = 2, 50.0
    await simulator.refresh()
    after = await until(reader, lambda reading: reading.facts["override"]["feed"] == 50.0)
    assert after.facts["state"]["execution"] == "INTERRUPTED"


async def test_alarms_come_and_go_as_conditions_do(reader: OpcUaDriver, simulator: OpcUaSimulator, mill: Mill) -> None:
    mill.alarms = [SERVO]
    await simulator.refresh()
    reading = await until(reader, lambda reading: reading.alarms)
    (alarm,) = reading.alarms.values()
    assert {key: alarm[key] for key in ("number", "type", "text")} == {"number": 410, "type": "SV", "text": SERVO.text}
    assert reading.facts["state"]["fault"] is True
    mill.alarms = [GUARD]
    await simulator.refresh()
    reading = await until(reader, lambda reading: [a["number"] for a in reading.alarms.values()] == [1005])
    mill.alarms = []
    await simulator.refresh()
    assert (await until(reader, lambda reading: not reading.alarms)).facts["state"]["fault"] is False


async def test_an_alarm_that_stood_before_is_known_after_connecting_and_one_that_ended_meanwhile_is_gone(
    simulator: OpcUaSimulator, mill: Mill
) -> None:
    mill.alarms = [SERVO]
    await simulator.refresh()
    reader = driver(simulator.port)
    await reader.connect()
    await until(reader, lambda reading: [a["number"] for a in reading.alarms.values()] == [410])
    await reader.close()
    mill.alarms = [GUARD]
    await simulator.refresh()
    await reader.connect()
    await until(reader, lambda reading: [a["number"] for a in reading.alarms.values()] == [1005])
    await reader.close()
    mill.alarms = []
    await simulator.refresh()


async def test_statuses_are_kept_per_item(reader: OpcUaDriver, simulator: OpcUaSimulator) -> None:
    async def report(path: str, status: int) -> None:
        node = ua.NodeId(f"Mill 1/{path}", simulator.server.iserver.isession.aspace and await _own(simulator))
        value = ua.DataValue(Value=ua.Variant(33.0, ua.VariantType.Double), StatusCode=ua.StatusCode(status))
        await simulator.server.write_attribute_value(node, value)

    await report("Monitoring/Channel1/FeedOverride", ua.StatusCodes.UncertainLastUsableValue)
    reading = await until(reader, lambda r: shown(reader, r.values)["path1.path_feedrate.override"] == 33.0)
    assert reading.quality == Quality.UNCERTAIN
    await report("Monitoring/Channel1/FeedOverride", ua.StatusCodes.BadSensorFailure)
    reading = await until(reader, lambda r: shown(reader, r.values)["path1.path_feedrate.override"] is None)
    assert reading.quality == Quality.UNCERTAIN
    assert shown(reader, reading.values)["path1.path_feedrate.rapid_override"] == 100.0
    await report("Monitoring/Channel1/FeedOverride", ua.StatusCodes.Good)
    assert (await until(reader, lambda r: r.quality == Quality.GOOD)).values


async def _own(simulator: OpcUaSimulator) -> int:
    return await simulator.server.get_namespace_index("urn:cnc-copilot:simulated-machine")


@pytest.mark.parametrize("reading", ["subscribe", "read"])
async def test_a_node_map_adds_to_the_companion_specification_or_stands_alone(
    simulator: OpcUaSimulator, mill: Mill, reading: str
) -> None:
    await simulator.refresh()
    both = driver(simulator.port, map="plain_mill", reading=reading)
    alone = driver(simulator.port, map="plain_mill", reading=reading, companion="off")
    for reader in (both, alone):
        await reader.connect()
        row = shown(reader, (await reader.read(tick_ms=0)).values)
        assert row["s1.load"] == 41.5
        assert row["path1.path_feedrate.actual"] == pytest.approx(20.0)
        assert row["controller.emergency_stop"] == "ARMED"
        assert ("s1.x_rotating" in row) is (reader is both)
        await reader.close()


async def test_one_node_that_does_not_exist_spoils_neither_the_others_nor_the_row(simulator: OpcUaSimulator) -> None:
    nodes = """
    v: 1
    defaults: {namespace: "urn:cnc-copilot:plain-machine"}
    items:
      - {key: a.load, node: s=Spindle.Load, range: [0, 100], resolution: 0.1}
      - {key: b.gone, node: s=No.Such.Node, range: [0, 100]}
    """
    for how in ("subscribe", "read"):
        reader = driver(simulator.port, nodes=nodes, companion="off", reading=how)
        await reader.connect()
        reading = await reader.read(tick_ms=0)
        assert list(reading.values) == [415, None]
        assert reading.quality == Quality.UNCERTAIN
        await reader.close()


async def test_an_unknown_machine_and_an_unknown_namespace_are_clear_errors(simulator: OpcUaSimulator) -> None:
    with pytest.raises(DriverError, match="has the machines Mill 1"):
        await driver(simulator.port, name="Mill 9").connect()
    nodes = 'v: 1\nitems:\n  - {key: a.b, node: "nsu=urn:other;s=x", range: [0, 1]}\n'
    with pytest.raises(DriverError, match="urn:other"):
        await driver(simulator.port, nodes=nodes, companion="off").connect()


async def test_any_client_finds_the_machine_by_the_published_names_and_types(simulator: OpcUaSimulator) -> None:
    async with Client(f"opc.tcp://127.0.0.1:{simulator.port}/") as client:
        spaces = await client.get_namespace_array()
        machinery, tool = spaces.index(nodeset.MACHINERY), spaces.index(nodeset.MACHINE_TOOL)
        machines = client.get_node(ua.NodeId(1001, machinery))
        (machine,) = await machines.get_children(nodeclassmask=ua.NodeClass.Object)
        assert await machine.read_type_definition() == ua.NodeId(13, tool)
        mandatory = ("Identification", "Equipment", "Monitoring", "Notification", "Production")
        names = {(await child.read_browse_name()).Name for child in await machine.get_children()}
        assert names >= set(mandatory)
        channel = await machine.get_child([f"{tool}:Monitoring", f"{tool}:Channel1"])
        assert await channel.read_type_definition() == ua.NodeId(16, tool)
        state = await channel.get_child([f"{tool}:ChannelState"])
        assert await state.read_data_type() == ua.NodeId(64, tool)
        values = await (await client.get_node(ua.NodeId(64, tool)).get_child(["0:EnumValues"])).read_value()
        assert [row.DisplayName.Text for row in values] == list(nodeset.CHANNEL_STATES)
        override = await channel.get_child([f"{tool}:FeedOverride"])
        unit = await (await override.get_child(["0:EngineeringUnits"])).read_value()
        assert (await override.read_type_definition()).Identifier == ua.ObjectIds.AnalogUnitRangeType
        assert unit.DisplayName.Text == "%"


async def test_nobody_can_write_to_the_simulated_machine(simulator: OpcUaSimulator) -> None:
    async with Client(f"opc.tcp://127.0.0.1:{simulator.port}/") as client:
        space = await client.get_namespace_index("urn:cnc-copilot:plain-machine")
        with pytest.raises(ua.UaStatusCodeError):
            await client.get_node(ua.NodeId("Feed.Override", space)).write_value(0.0)
