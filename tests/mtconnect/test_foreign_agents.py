"""Agents of other people: old and new namespaces, prefixes, no streams, and answers that are none."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.edge_kit.unusable import Unusable
from greengrass_components.mtconnect.driver import MtconnectDriver, open_driver
from greengrass_components.mtconnect.errors import BadDocument
from greengrass_components.mtconnect.items import columns
from greengrass_components.mtconnect.multipart import Multipart, boundary_of
from greengrass_components.mtconnect.protocol import parse_devices, parse_streams, time_ms
from greengrass_components.mtconnect.state import DeviceState
from greengrass_components.mtconnect.xml import parse
from tests.fuzz.target import SEEDS
from tests.mtconnect.agents import T0, reading, scripted, source

OLD_PROBE = (SEEDS / "mtconnect" / "probe").read_bytes()[1:]
HEADER = '<Header creationTime="2026-11-24T10:00:00Z" sender="x" instanceId="%d" version="1.2" bufferSize="100" %s/>'
NEW_PROBE = b"""<?xml version="1.0"?>
<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:2.4">
 <Header creationTime="2026-11-24T10:00:00.123456789Z" sender="x" instanceId="7" version="2.4.0.1" bufferSize="9"
  schemaVersion="2.4" validation="false"/>
 <Devices>
  <Agent id="ag" name="Agent" uuid="a-1" mtconnectVersion="2.4"><DataItems>
   <DataItem id="agav" category="EVENT" type="AVAILABILITY"/></DataItems></Agent>
  <Device id="d" uuid="u-1"><Description>no name</Description><Configuration><Motion/></Configuration><DataItems>
    <DataItem id="av" category="EVENT" type="AVAILABILITY"/>
    <DataItem id="bad" category="EVENT" type="x:SOMETHING"/>
    <DataItem id="hash" category="EVENT" type="ASSET_COUNT" representation="DATA_SET"/></DataItems>
   <Components>
    <Axes id="a"><Components>
     <Linear id="x1" name="X1"><DataItems>
      <DataItem id="p1" category="SAMPLE" type="POSITION" subType="ACTUAL" coordinateSystem="MACHINE"/>
      <DataItem id="p2" category="SAMPLE" type="POSITION" subType="COMMANDED"/>
      <DataItem id="p3" category="SAMPLE" type="LOAD" statistic="MAXIMUM"/>
      <DataItem id="p4" category="SAMPLE" type="LOAD"><Constraints><Value>50</Value></Constraints></DataItem>
      <DataItem id="p5" category="SAMPLE" type="ACCELERATION" representation="TIME_SERIES"/></DataItems></Linear>
     <Rotary id="c1" name="C"><DataItems>
      <DataItem id="v1" category="SAMPLE" type="ROTARY_VELOCITY"/></DataItems></Rotary>
     <Rotary id="b1" name="B"><DataItems><DataItem id="an" category="SAMPLE" type="ANGLE" subType="ACTUAL"/></DataItems>
     </Rotary></Components></Axes>
    <Controller id="k"><Components>
     <Path id="pa1"><DataItems><DataItem id="e1" category="EVENT" type="EXECUTION"/>
      <DataItem id="o1" category="EVENT" type="PATH_FEEDRATE_OVERRIDE"/></DataItems></Path>
     <Path id="pa2"><DataItems><DataItem id="e2" category="EVENT" type="EXECUTION"/></DataItems></Path>
    </Components></Controller>
    <Systems id="sys"><Components><Coolant id="cool" name="Cool 1"><DataItems>
     <DataItem id="t1" category="SAMPLE" type="TEMPERATURE"/><DataItem id="t2" category="SAMPLE" type="TEMPERATURE"/>
    </DataItems></Coolant></Components></Systems>
   </Components></Device>
 </Devices></MTConnectDevices>"""


def keys(document: bytes) -> dict[str, str]:
    [device] = [found for found in parse_devices(document)[1] if not found.is_agent]
    return {column.item.id: column.signal.key for column in columns(device)[0]}


def test_the_oldest_namespace_with_prefixes_is_read() -> None:
    assert keys(OLD_PROBE) == {
        "xp": "x.position.actual",
        "ss": "s1.rotary_velocity.actual",
        "rm": "s1.rotary_mode",
        "ex": "controller.execution",
    }


def test_the_newest_namespace_is_read_and_its_own_agent_is_no_machine() -> None:
    assert keys(NEW_PROBE) == {
        "p1": "x1.position.machine",
        "p2": "x1.position.commanded",
        "p3": "x1.load.maximum",
        "p4": "x1.load",
        "p5": "x1.acceleration",
        "v1": "s1.rotary_velocity.actual",
        "an": "b.angle.actual",
        "e1": "controller.execution",
        "o1": "path1.path_feedrate.override",
        "e2": "path2.execution",
        "t1": "coolant.temperature",
        "t2": "coolant.temperature_2",
    }


def test_a_constant_is_a_value_that_no_stream_sends() -> None:
    device = parse_devices(NEW_PROBE)[1][1]
    state = DeviceState(device, columns(device)[0])
    found = dict(zip(keys(NEW_PROBE).values(), state.reading().values, strict=True))
    assert found["x1.load"] == 500
    assert found["x1.position.machine"] is None


def streams(body: str, *, instance: int = 1, following: int = 9) -> bytes:
    header = HEADER % (instance, f'firstSequence="1" lastSequence="{following - 1}" nextSequence="{following}"')
    return f"<MTConnectStreams>{header}<Streams>{body}</Streams></MTConnectStreams>".encode()


def inside(elements: str) -> str:
    return f'<DeviceStream name="VMC"><ComponentStream component="Linear">{elements}</ComponentStream></DeviceStream>'


def test_the_last_value_of_a_time_series_counts_and_durations_are_left_off() -> None:
    device = parse_devices(NEW_PROBE)[1][1]
    state = DeviceState(device, columns(device)[0])
    body = (
        '<Samples><AccelerationTimeSeries dataItemId="p5" sequence="1" timestamp="t">1 2 3.5</AccelerationTimeSeries>'
        '<Load dataItemId="p3" sequence="2" timestamp="t">40@1.5</Load></Samples>'
    )
    for seen in parse_streams(streams(inside(body))).observations:
        state.take(seen)
    found = dict(zip(keys(NEW_PROBE).values(), state.reading().values, strict=True))
    assert (found["x1.acceleration"], found["x1.load.maximum"]) == (3500, 400)


def test_conditions_are_told_apart_by_condition_id_where_there_is_one() -> None:
    body = (
        '<Condition><Fault dataItemId="sy" sequence="1" timestamp="t" type="SYSTEM" nativeCode="7" conditionId="a"/>'
        '<Fault dataItemId="sy" sequence="2" timestamp="t" type="SYSTEM" nativeCode="7" conditionId="b"/>'
        '<Normal dataItemId="sy" sequence="3" timestamp="t" type="SYSTEM" nativeCode="7" conditionId="a"/></Condition>'
    )
    device = parse_devices(OLD_PROBE)[1][0]
    state = DeviceState(device, columns(device)[0])
    for seen in parse_streams(streams(inside(body))).observations:
        state.take(seen)
    state.reading()
    assert [alarm["number"] for alarm in state.reading().alarms.values()] == [7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T10:00:00Z", 1_795_514_400_000),
        ("2026-11-24T10:00:00.5Z", 1_795_514_400_500),
        ("2026-11-24T10:00:00.123456789Z", 1_795_514_400_123),
        ("2026-11-24T12:00:00+02:00", 1_795_514_400_000),
        ("2026-11-24T10:00:00", 1_795_514_400_000),
        ("2026-13-24T10:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_of_every_agent_are_read(text: str, expected: int | None) -> None:
    assert time_ms(text) == expected


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>404</html>",
        b"<MTConnectStreams/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>" * 70 + b"</a>" * 70,
        b"<a>" + b"x" * (65 << 10) + b"</a>",
        b"<a>&undefined;</a>",
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        streams("").replace(b'nextSequence="9"', b'nextSequence="-9"'),
        streams(inside("<Condition><Broken/></Condition>")),
        streams(inside('<Samples><Load sequence="x"/></Samples>')),
    ],
)
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(BadDocument):
        parse_streams(document)


def test_a_document_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadDocument, match="bytes"):
        parse(b" " * ((16 << 20) + 1))
    with pytest.raises(BadDocument, match="smaller document"):
        parse(b"<a>" + b"<b/>" * 100_001 + b"</a>")


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/x-mixed-replace;boundary=abc", "abc"),
        ('Multipart/X-Mixed-Replace; boundary="a b"', "a b"),
        ("text/xml; charset=utf-8", ""),
        ("multipart/x-mixed-replace", ""),
    ],
)
def test_a_boundary_is_found_however_it_is_written(content_type: str, expected: str) -> None:
    assert boundary_of(content_type) == expected


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    "stream",
    [
        b"--abc\r\nContent-type: text/xml\r\nContent-length: 4\r\n\r\n<a/>\r\n--abc\r\nContent-Length: 4\r\n\r\n<b/>",
        b"\r\n--abc\nContent-length:4\n\n<a/>\n--abc\nContent-length:4\n\n<b/>\n",
        b"--abc\r\nContent-type: text/xml\r\n\r\n<a/>\r\n--abc\r\n\r\n<b/>\r\n--abc--",
    ],
)
def test_parts_are_found_whatever_the_pieces(stream: bytes, size: int) -> None:
    reader = Multipart("abc")
    found = [part for at in range(0, len(stream), size) for part in reader.feed(stream[at : at + size])]
    assert found == [b"<a/>", b"<b/>"]


@pytest.mark.parametrize(
    "data", [b"x" * 9000, b"--abc\r\n" + b"h: v\r\n" * 2000, b"--abc\r\nContent-length: 99999999\r\n\r\n"]
)
def test_a_stream_without_parts_is_refused(data: bytes) -> None:
    with pytest.raises(BadDocument):
        Multipart("abc").feed(data)


def answering(sample: Callable[[web.Request], web.Response]) -> Callable[[web.Request], web.Response]:
    """An agent with the old probe; what it says to `sample` is up to the test."""

    def answer(request: web.Request) -> web.Response:
        path = request.path
        if path.endswith("probe"):
            return web.Response(body=OLD_PROBE, content_type="text/xml")
        if path.endswith("current"):
            body = inside('<Events><Execution dataItemId="ex" sequence="8" timestamp="t">ACTIVE</Execution></Events>')
            return web.Response(body=streams(body), content_type="text/xml")
        return sample(request)

    return answer


async def executions(driver: MtconnectDriver, count: int) -> list[Any]:
    found = []
    for _ in range(count):
        found.append((await driver.read(tick_ms=T0)).facts["state"]["execution"])
        await asyncio.sleep(0.02)
    return found


async def test_an_agent_that_cannot_stream_is_polled_by_sequence() -> None:
    asked: list[str] = []

    def sample(request: web.Request) -> web.Response:
        asked.append(request.query_string)
        at = int(request.query["from"])
        word = "READY" if at > 9 else "STOPPED"
        body = inside(f'<Events><Execution dataItemId="ex" sequence="{at}" timestamp="t">{word}</Execution></Events>')
        return web.Response(body=streams(body, following=at + 1), content_type="text/xml")

    async with scripted(answering(sample)) as port, reading(port, stream=False) as driver:
        await driver.connect()
        assert await executions(driver, 2) == ["STOPPED", "READY"]
        assert [query.split("&")[0] for query in asked] == ["from=9", "from=10"]


async def test_an_agent_that_goes_on_with_what_it_holds_instead_of_refusing_is_found_out() -> None:
    first = 1

    def sample(request: web.Request) -> web.Response:
        at = max(first, int(request.query["from"]))
        header = HEADER % (1, f'firstSequence="{first}" lastSequence="{at}" nextSequence="{at + 1}"')
        moment = "2026-11-24T10:00:01Z" if at < 50 else "2026-11-24T10:01:00Z"
        element = f'<Events><Execution dataItemId="ex" sequence="{at}" timestamp="{moment}">READY</Execution></Events>'
        return web.Response(
            body=f"<MTConnectStreams>{header}<Streams>{inside(element)}</Streams></MTConnectStreams>".encode(),
            content_type="text/xml",
        )

    async with scripted(answering(sample)) as port, reading(port, stream=False) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await driver.close()
        first = 50
        await driver.connect()
        assert [span.why for span in (await driver.read(tick_ms=T0)).unseen] == ["agent_buffer_overrun"]


@pytest.mark.parametrize("status", [400, 404, 501])
async def test_an_agent_that_refuses_to_stream_is_polled(status: int) -> None:
    error = b'<Errors><Error errorCode="UNSUPPORTED">no</Error></Errors>'
    refusal = b'<MTConnectError><Header instanceId="1"/>' + error + b"</MTConnectError>"

    def sample(request: web.Request) -> web.Response:
        if "interval" in request.query:
            return web.Response(body=refusal, status=status, content_type="text/xml")
        return web.Response(body=streams("", following=9), content_type="text/xml")

    async with scripted(answering(sample)) as port, reading(port) as driver:
        await driver.connect()
        assert set(await executions(driver, 8)) == {"ACTIVE"}


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/probe"}), "302"),
        (lambda: web.Response(status=500), "500"),
        (lambda: web.Response(text="<html>not found</html>", status=404), "html"),
        (lambda: web.Response(body=gzip.compress(OLD_PROBE), headers={"Content-Encoding": "gzip"}), "gzip"),
        (lambda: web.Response(body=b"<MTConnectDevices><Header instanceId='1'/></MTConnectDevices>"), "no Devices"),
    ],
)
async def test_an_answer_that_is_no_probe_is_told_as_it_is(response: Callable[[], web.Response], told: str) -> None:
    async with scripted(lambda _: response()) as port, reading(port) as driver:
        with pytest.raises(DriverError, match=told):
            await driver.connect()


async def test_nobody_at_the_address_is_an_error_and_not_a_crash() -> None:
    async with reading(1) as driver:
        with pytest.raises(DriverError, match=r"127\.0\.0\.1:1"):
            await driver.connect()


@pytest.mark.parametrize("settings", [{"device": 5}, {"tls": "yes"}, {"stream": 1}, {"path": ["x"]}])
async def test_settings_that_cannot_be_used_are_told_at_every_connect(settings: dict[str, object]) -> None:
    driver = open_driver(source(5000, **settings))
    assert isinstance(driver, Unusable)
    with pytest.raises(DriverError, match="expected"):
        await driver.connect()
