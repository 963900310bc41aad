"""Diagnosis of devices that are not there, silent, or something else than was thought."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from greengrass_components.edge_kit.diagnosis import modbus, mtconnect, opcua
from greengrass_components.edge_kit.diagnosis.elsewho import who_else
from greengrass_components.edge_kit.diagnosis.network import check_route
from greengrass_components.edge_kit.diagnosis.probe import ProtocolProbe, Target, diagnose, guess
from greengrass_components.edge_kit.diagnosis.report import EXIT_CODES, Layer, Report, Verdict
from greengrass_components.edge_kit.diagnosis.scan import MOST_ADDRESSES, BadScan, addresses, scan
from greengrass_components.edge_kit.diagnosis.stream import speaker
from tests.edge_kit.peers import (
    Behave,
    closes_at_once,
    filtered,
    free_port,
    peer,
    resets,
    says,
    says_nothing,
    tls_server,
)

PROBES = (modbus.PROBE, mtconnect.PROBE, opcua.PROBE)
SHORT_S, LONG_S = 0.3, 10.0  # for peers that stay silent, for peers that answer
AT_MS = 1_795_000_000_000
AGENT = b'<MTConnectDevices><Device id="d1" uuid="u" name="VMC-3Axis"/><Device name="TC42"/></MTConnectDevices>'


def http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def look(probe: ProtocolProbe, port: int, host: str = "127.0.0.1", **options: object) -> Report:
    timeout_s = LONG_S if "timeout_s" not in options else SHORT_S
    return await diagnose(Target(host, port, timeout_s, dict(options)), probe, at_ms=AT_MS)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.protocol)
async def test_a_closed_port_says_where_it_is_opened(probe: ProtocolProbe) -> None:
    report = await look(probe, free_port())
    assert report.failure is not None
    assert (report.failure.layer, report.exit_code) == (Layer.PORT, 12)
    assert "refuses port" in report.failure.seen
    assert str(probe.service.port) in report.failure.todo


async def test_a_port_that_swallows_packets_is_told_from_a_closed_one() -> None:
    with filtered() as port:
        report = await look(modbus.PROBE, port, timeout_s=SHORT_S)
    assert report.failure is not None
    assert report.failure.layer is Layer.PORT
    assert "did not answer within 0.3 s" in report.failure.seen
    assert "firewall" in report.failure.todo


async def test_a_name_without_address() -> None:
    report = await look(modbus.PROBE, 502, "x" * 70 + ".example")
    assert report.failure is not None
    assert (report.failure.layer, report.exit_code) == (Layer.NAME, 10)
    assert [finding.layer for finding in report.findings] == [Layer.NAME]


def test_a_way_that_does_not_exist() -> None:
    found, own = check_route("255.255.255.255", 502)
    assert (found.layer, found.verdict, own) == (Layer.ROUTE, Verdict.FAILED, "")
    assert "address in the network of the machine" in found.todo


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.protocol)
@pytest.mark.parametrize(
    ("behave", "seen"),
    [(closes_at_once, "after 0 bytes"), (resets, "after 0 bytes"), (says(b"\0", then_close=False), "bytes came (00)"),
     (says(b"\xa1" * 5), "after 5 bytes (a1a1a1a1a1)")],
    ids=["closes", "resets", "half", "cut"],
)  # fmt: skip
async def test_a_peer_that_breaks_off_fails_the_handshake(probe: ProtocolProbe, behave: Behave, seen: str) -> None:
    async with peer(behave) as port:
        report = await look(probe, port, timeout_s=SHORT_S)
    assert report.failure is not None
    assert (report.failure.layer, report.exit_code) == (Layer.HANDSHAKE, 13)
    assert seen in report.failure.seen
    assert report.failure.todo


async def test_a_silent_modbus_device_is_asked_for_its_unit_number() -> None:
    async with peer(says_nothing) as port:
        report = await look(modbus.PROBE, port, unit=7, timeout_s=SHORT_S)
    assert report.failure is not None
    assert "nothing came within 0.3 s" in report.failure.seen
    assert "7 was asked" in report.failure.todo


@pytest.mark.parametrize("probe", [modbus.PROBE, opcua.PROBE], ids=lambda probe: probe.protocol)
async def test_a_web_server_is_named(probe: ProtocolProbe) -> None:
    async with peer(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        report = await look(probe, port)
    assert report.failure is not None
    assert report.failure.seen.startswith("a web server answered: 'HTTP/1.1 400")


async def test_a_web_server_is_no_mtconnect_agent() -> None:
    async with peer(says(http(b"<html>hello</html>"))) as port:
        report = await look(mtconnect.PROBE, port)
    assert report.failure is not None
    assert report.failure.layer is Layer.HANDSHAKE


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.protocol)
async def test_a_tls_server_is_named(probe: ProtocolProbe, tmp_path: Path) -> None:
    async with peer(says_nothing, tls=tls_server(tmp_path)) as port:
        report = await look(probe, port)
    assert report.failure is not None
    assert (report.failure.layer, report.failure.name) == (Layer.HANDSHAKE, "other service")
    assert report.failure.seen.startswith("a TLS server answered")


async def answers_requests(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A web server as they are: patient with everything until a request is whole."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.0 200 OK\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("probe", [modbus.PROBE, opcua.PROBE], ids=lambda probe: probe.protocol)
async def test_a_web_server_that_waits_for_a_request_is_named_too(probe: ProtocolProbe) -> None:
    async with peer(answers_requests) as port:
        report = await look(probe, port, timeout_s=SHORT_S)
    assert report.failure is not None
    assert report.failure.seen == "a web server answered: 'HTTP/1.0 200 OK'"


async def test_nobody_known_stays_unnamed() -> None:
    async with peer(says_nothing) as port:
        assert await who_else("127.0.0.1", port, timeout_s=SHORT_S) == ("", b"")
    assert await who_else("127.0.0.1", free_port(), timeout_s=LONG_S) == ("", b"")


def test_who_speaks_is_known_by_the_first_bytes() -> None:
    assert speaker(bytes.fromhex("15030300020246")) == "a TLS server"
    assert speaker(b"SSH-2.0-OpenSSH_9\r\n") == "an SSH server"
    assert speaker(b"") == speaker(b"\0\1\2") == ""


# -- Modbus --


def answers_modbus(function_body: Callable[[int], bytes]) -> Behave:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(12):
            transaction, _, _, unit, function = struct.unpack_from(">HHHBB", request)
            body = function_body(function)
            writer.write(struct.pack(">HHHB", transaction, 0, len(body) + 1, unit) + body)
            await writer.drain()

    return behave


async def test_a_modbus_device_shows_its_registers() -> None:
    async with peer(answers_modbus(lambda function: bytes((function, 2, 1, 44)))) as port:
        report = await look(modbus.PROBE, port)
    assert report.failure is None
    assert [finding.seen for finding in report.findings[-2:]] == ["register 0 reads 300"] * 2


async def test_a_refused_register_is_still_a_device() -> None:
    async with peer(answers_modbus(lambda function: bytes((function | 0x80, 2)))) as port:
        report = await look(modbus.PROBE, port)
    assert report.exit_code == 0
    assert "exception 2 (no such register)" in report.findings[-1].seen


async def test_nobody_behind_a_modbus_gateway_is_a_failure() -> None:
    async with peer(answers_modbus(lambda function: bytes((function | 0x80, 11)))) as port:
        report = await look(modbus.PROBE, port, unit=9)
    assert report.exit_code == EXIT_CODES[Layer.FUNCTION]
    assert report.failure is not None
    assert "unit 9" in report.failure.todo


# -- MTConnect and OPC UA --


async def test_an_agent_lists_its_devices() -> None:
    async with peer(says(http(AGENT))) as port:
        report = await look(mtconnect.PROBE, port)
    assert report.failure is None
    assert report.facts["devices"] == ["TC42", "VMC-3Axis"]


@pytest.mark.parametrize("body", [b"<MTConnectError/>", b"<MTConnectDevices></MTConnectDevices>"])
async def test_an_agent_without_devices_is_a_session_failure(body: bytes) -> None:
    async with peer(says(http(body))) as port:
        report = await look(mtconnect.PROBE, port)
    assert report.exit_code == 14


async def test_an_opc_ua_server_acknowledges() -> None:
    async with peer(says(b"ACKF" + struct.pack("<6I", 28, 0, 65536, 65536, 0, 0))) as port:
        report = await look(opcua.PROBE, port)
    assert report.failure is None
    assert "buffers 65536 and 65536 bytes" in report.findings[-1].seen


async def test_an_opc_ua_server_that_refuses_tells_why() -> None:
    why = b"no such endpoint"
    answer = b"ERRF" + struct.pack("<IIi", 16 + len(why), 0x80830000, len(why)) + why
    async with peer(says(answer)) as port:
        report = await look(opcua.PROBE, port)
    assert report.exit_code == 14
    assert report.failure is not None
    assert report.failure.seen == "refused with 0x80830000 no such endpoint"


# -- guessing and scanning --


async def test_the_protocol_is_found_by_asking() -> None:
    async with peer(says(http(AGENT))) as port:
        report = await guess(Target("127.0.0.1", port, LONG_S), PROBES, at_ms=AT_MS)
    assert (report.protocol, report.exit_code) == ("mtconnect", 0)


async def test_nothing_known_says_what_every_protocol_met() -> None:
    async with peer(says(b"220 ftp ready\r\n")) as port:
        report = await guess(Target("127.0.0.1", port, LONG_S), PROBES, at_ms=AT_MS)
    assert report.protocol == "unknown"
    assert set(report.facts["tried"]) == {"modbus", "mtconnect", "opcua"}
    assert report.document()["ok"] is False


def test_a_scan_names_its_addresses() -> None:
    assert addresses("10.0.0.0/29") == [f"10.0.0.{n}" for n in range(1, 7)]
    assert addresses("10.0.0.5-10.0.0.7") == ["10.0.0.5", "10.0.0.6", "10.0.0.7"]
    assert addresses("10.0.0.9") == ["10.0.0.9"]


@pytest.mark.parametrize("text", ["", "10.0.0.0/8", "mill3", "10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "1-2-3"])
def test_a_scan_of_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadScan, match="expected such as"):
        addresses(text)
    assert MOST_ADDRESSES == 1024


async def test_a_scan_reports_who_answered_and_nobody_else() -> None:
    async with peer(answers_modbus(lambda function: bytes((function, 2, 0, 1)))) as port:
        target = Target("", port, LONG_S)
        found = [r async for r in scan(addresses("127.0.0.1-127.0.0.4"), PROBES, target=target, at_ms=AT_MS)]
    assert [(report.host, report.protocol) for report in found] == [("127.0.0.1", "modbus")]
