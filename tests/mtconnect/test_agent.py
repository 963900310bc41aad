"""The agent core: its buffer, its ranges, its errors, and its streams, as a client sees them."""

import asyncio
from collections.abc import AsyncIterator
from xml.etree import ElementTree

import aiohttp
import pytest

from greengrass_components.edge_kit.mtconnect.buffer import Buffer, Observation
from greengrass_components.edge_kit.mtconnect.server import AgentServer
from greengrass_components.mtconnect.multipart import Multipart, boundary_of
from greengrass_components.mtconnect.protocol import Streams, parse_devices, parse_streams
from tests.mtconnect.agents import T0, Floor, device, serving

URN = "{urn:mtconnect.org:MTConnect%s:2.0}"


@pytest.fixture
def floor() -> Floor:
    return Floor((device("d1", "Mill"), device("d2", "Lathe")), size=60)


@pytest.fixture
async def server(floor: Floor) -> AsyncIterator[AgentServer]:
    async with serving(floor) as running:
        yield running


async def get(server: AgentServer, path: str) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/{path}") as response,
    ):
        assert response.content_type == "text/xml"
        return response.status, await response.read()


async def streams(server: AgentServer, path: str) -> Streams:
    status, body = await get(server, path)
    assert status == 200, body
    return parse_streams(body)


async def error(server: AgentServer, path: str) -> tuple[int, str]:
    status, body = await get(server, path)
    root = ElementTree.fromstring(body)
    assert root.tag == URN % "Error" + "MTConnectError"
    [found] = root.iter(URN % "Error" + "Error")
    return status, found.attrib["errorCode"]


async def test_the_probe_shows_every_device_with_ids_used_once(server: AgentServer) -> None:
    status, body = await get(server, "probe")
    assert status == 200
    _, devices = parse_devices(body)
    assert [found.name for found in devices] == ["Mill", "Lathe"]
    ids = [element.attrib["id"] for element in ElementTree.fromstring(body).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert (await get(server, ""))[0] == 200


@pytest.mark.parametrize("path", ["Lathe/probe", "uuid-d2/probe", "Lathe"])
async def test_a_device_is_asked_for_by_name_or_uuid(server: AgentServer, path: str) -> None:
    _, devices = parse_devices((await get(server, path))[1])
    assert [found.name for found in devices] == ["Lathe"]


async def test_current_has_one_observation_of_every_item_and_the_sequences(server: AgentServer, floor: Floor) -> None:
    floor.say("d1_exec", "ACTIVE")
    found = await streams(server, "current")
    assert len(found.observations) == len({seen.item for seen in found.observations}) == 20
    assert {seen.item: seen.value for seen in found.observations}["d1_exec"] == "ACTIVE"
    assert (found.header.first_sequence, found.header.last_sequence, found.header.next_sequence) == (1, 21, 22)


async def test_samples_come_from_a_sequence_on_and_say_where_to_go_on(server: AgentServer, floor: Floor) -> None:
    for number in range(10):
        floor.say("d1_parts", str(number))
    first = await streams(server, "sample?from=21&count=4")
    assert [seen.value for seen in first.observations] == ["0", "1", "2", "3"]
    rest = await streams(server, f"sample?from={first.header.next_sequence}&count=50")
    assert [seen.value for seen in rest.observations] == [str(number) for number in range(4, 10)]
    assert rest.header.next_sequence == 31
    assert (await streams(server, "sample?from=31")).observations == ()


async def test_samples_of_a_path_skip_the_others_and_nothing_else(server: AgentServer, floor: Floor) -> None:
    for number in range(12):
        floor.say("d2_parts" if number % 2 else "d1_parts", str(number))
    found = await streams(server, 'Lathe/sample?from=21&count=3&path=//DataItem[@type="PART_COUNT"]')
    assert [seen.value for seen in found.observations] == ["1", "3", "5"]
    found = await streams(server, f"Lathe/sample?from={found.header.next_sequence}&count=3")
    assert [seen.value for seen in found.observations] == ["7", "9", "11"]


async def test_a_count_below_zero_reads_backwards(server: AgentServer, floor: Floor) -> None:
    for number in range(5):
        floor.say("d1_parts", str(number))
    found = await streams(server, "sample?count=-2")
    assert sorted(seen.value for seen in found.observations) == ["3", "4"]
    found = await streams(server, "sample?from=23&count=-2")
    assert sorted(seen.value for seen in found.observations) == ["1", "2"]


async def test_a_window_ends_at_to(server: AgentServer, floor: Floor) -> None:
    for number in range(5):
        floor.say("d1_parts", str(number))
    found = await streams(server, "sample?from=21&to=22")
    assert [seen.value for seen in found.observations] == ["0", "1"]
    assert found.header.next_sequence == 23


async def test_current_at_a_sequence_is_how_it_stood_even_after_the_buffer_went_round(
    server: AgentServer, floor: Floor
) -> None:
    floor.say("d1_exec", "ACTIVE")
    for number in range(100):
        floor.say("d1_parts", str(number))
    header = (await streams(server, "current")).header
    assert header.first_sequence > 30
    found = await streams(server, f"current?at={header.first_sequence + 5}")
    values = {seen.item: seen.value for seen in found.observations}
    assert values["d1_parts"] == str(header.first_sequence + 5 - 22)
    assert values["d1_exec"] == "ACTIVE"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nowhere/probe", 404, "NO_DEVICE"),
        ("Mill/dance", 404, "INVALID_URI"),
        ("sample?from=999", 400, "OUT_OF_RANGE"),
        ("sample?from=0", 400, "OUT_OF_RANGE"),
        ("sample?count=0", 400, "OUT_OF_RANGE"),
        ("sample?count=61", 400, "OUT_OF_RANGE"),
        ("sample?count=many", 400, "INVALID_REQUEST"),
        ("sample?from=1.5", 400, "INVALID_REQUEST"),
        ("sample?from=%D9%A1", 400, "INVALID_REQUEST"),
        ("sample?interval=-1", 400, "OUT_OF_RANGE"),
        ("sample?interval=10&heartbeat=0", 400, "OUT_OF_RANGE"),
        ("sample?interval=10&count=-5", 400, "INVALID_REQUEST"),
        ("current?at=999", 400, "OUT_OF_RANGE"),
        ("current?at=1&interval=10", 400, "INVALID_REQUEST"),
        ("current?path=//Nothing", 400, "INVALID_XPATH"),
        ("current?path=///", 400, "INVALID_XPATH"),
        ("current?path=//DataItem[position()=1]", 400, "INVALID_XPATH"),
        ("asset/T1", 404, "ASSET_NOT_FOUND"),
    ],
)
async def test_a_request_that_cannot_be_answered_has_the_code_of_its_reason(
    server: AgentServer, path: str, status: int, code: str
) -> None:
    assert await error(server, path) == (status, code)


async def test_an_agent_that_reads_only_refuses_to_be_written(server: AgentServer) -> None:
    async with aiohttp.ClientSession() as session:
        for method in ("PUT", "POST", "DELETE"):
            async with session.request(method, f"http://127.0.0.1:{server.port}/Mill", data=b"exec=ACTIVE") as answer:
                assert answer.status == 405
                assert answer.headers["Allow"] == "GET, HEAD"


async def test_there_are_no_assets(server: AgentServer) -> None:
    status, body = await get(server, "assets")
    root = ElementTree.fromstring(body)
    assert (status, root.tag, len(list(root))) == (200, URN % "Assets" + "MTConnectAssets", 2)


async def parts(server: AgentServer, path: str, count: int) -> list[bytes]:
    """The first documents of a stream."""
    found: list[bytes] = []
    async with (
        asyncio.timeout(10),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/{path}") as response,
    ):
        boundary = boundary_of(response.headers["Content-Type"])
        assert boundary
        reader = Multipart(boundary)
        while len(found) < count:
            data = await response.content.readany()
            if not data:
                break
            found += reader.feed(data)
    return found


async def test_a_stream_goes_on_where_it_was_and_beats_when_nothing_happens(server: AgentServer, floor: Floor) -> None:
    reading = asyncio.create_task(parts(server, "sample?interval=0&heartbeat=100&from=21", 4))
    await asyncio.sleep(0)
    floor.say("d1_parts", "1")
    found = [parse_streams(part) for part in await reading]
    seen = [each.value for part in found for each in part.observations]
    assert seen == ["1"]
    assert found[-1].observations == ()
    assert found[-1].header.next_sequence == 22


async def test_a_stream_whose_place_left_the_buffer_ends_with_the_error(floor: Floor) -> None:
    async with (
        serving(floor) as server,
        asyncio.timeout(10),
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}/sample?interval=150&from=1&count=1") as response,
    ):
        await response.content.readany()
        for number in range(200):
            floor.say("d1_parts", str(number))
        rest = await response.content.read()
    assert b"OUT_OF_RANGE" in rest
    assert rest.endswith(b"--\r\n")


@pytest.mark.parametrize("name", ["interval", "frequency"])
async def test_current_streams_at_its_interval(server: AgentServer, name: str) -> None:
    found = await parts(server, f"current?{name}=20&path=//Path", 3)
    of_path = {f"{machine}_{tail}" for machine in ("d1", "d2") for tail in ("exec", "mode", "pgm", "parts", "motion")}
    assert {seen.item for seen in parse_streams(found[2]).observations} == of_path


def test_the_same_value_again_is_no_observation(floor: Floor) -> None:
    before = floor.agent.buffer.next_sequence
    for _ in range(3):
        floor.say("d1_exec", "ACTIVE")
        floor.alarm("d1_sys", "FAULT", "411", "SERVO")
    assert floor.agent.buffer.next_sequence == before + 2
    floor.alarm("d1_sys", "NORMAL", "9999")
    assert floor.agent.buffer.next_sequence == before + 2


def test_conditions_of_one_item_stand_side_by_side_until_each_is_cleared() -> None:
    buffer = Buffer(10)

    def active() -> list[str]:
        return sorted(f"{seen.level} {seen.native_code}".strip() for seen in buffer.now.observations())

    for level, code, expected in (
        ("NORMAL", "", ["NORMAL"]),
        ("FAULT", "1", ["FAULT 1"]),
        ("WARNING", "2", ["FAULT 1", "WARNING 2"]),
        ("FAULT", "2", ["FAULT 1", "FAULT 2"]),
        ("NORMAL", "1", ["FAULT 2"]),
        ("NORMAL", "2", ["NORMAL 2"]),
        ("FAULT", "3", ["FAULT 3"]),
        ("UNAVAILABLE", "", ["UNAVAILABLE"]),
    ):
        buffer.add(Observation("c", T0, "", level, code))
        assert active() == expected
    assert [buffer.state_at(at).conditions["c"].keys() for at in (2, 3, 5)] == [{"1"}, {"1", "2"}, {"2"}]


@pytest.mark.parametrize("version", ["1.2", "1.6", "2.0", "2.4"])
def test_a_namespace_is_that_of_its_version_and_attributes_are_those_it_knows(version: str) -> None:
    agent = Floor((device(),), version=version).agent
    assert f"urn:mtconnect.org:MTConnectDevices:{version}".encode() in agent.probe()
    assert (b"deviceModelChangeTime" in agent.probe()) == (version not in ("1.2", "1.6"))


#: Attributes of the Header in the 2.0 schemas, each of them required (but `version` of its kind).
HEADERS = {
    "probe": {"deviceModelChangeTime", "bufferSize", "assetBufferSize", "assetCount"},
    "current": {"deviceModelChangeTime", "bufferSize", "firstSequence", "lastSequence", "nextSequence"},
    "assets": {"deviceModelChangeTime", "assetBufferSize", "assetCount"},
    "nowhere/probe": {"bufferSize"},
}


@pytest.mark.parametrize("path", HEADERS)
async def test_a_header_has_the_attributes_of_its_schema_and_no_other(server: AgentServer, path: str) -> None:
    root = ElementTree.fromstring((await get(server, path))[1])
    common = {"version", "creationTime", "instanceId", "sender"}
    assert set(root[0].attrib) == common | HEADERS[path]
    assert root[0].attrib["version"].startswith("2.0.")
