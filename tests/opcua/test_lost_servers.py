"""Servers that are gone, refuse, or end what they agreed to."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from greengrass_components.edge_kit.config import SourceConfig
from greengrass_components.edge_kit.driver import DriverError
from greengrass_components.opcua.driver.driver import OpcUaDriver, open_driver
from greengrass_components.opcua.simulator.server import OpcUaSimulator
from tests.modbus.devices import proxy

from .machine import Mill, driver, shown

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def fails(reader: OpcUaDriver) -> str:
    """What a reading loop is told when it can no longer read."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            await reader.read(tick_ms=0)
        except DriverError as error:
            return str(error)
        await asyncio.sleep(0.02)
    raise AssertionError("the loss was not seen")


async def test_a_server_that_is_gone_is_an_error_and_found_again(simulator: OpcUaSimulator) -> None:
    async with proxy(simulator.port, lambda data: data) as port:
        reader = driver(port, map="plain_mill", companion="off")
        await reader.connect()
        assert (await reader.read(tick_ms=0)).quality == 0
    assert await fails(reader)
    await reader.close()
    with pytest.raises(DriverError, match="nothing listens there"):
        await reader.connect()
    reader = driver(simulator.port, map="plain_mill", companion="off")
    await reader.connect()
    assert (await reader.read(tick_ms=0)).quality == 0
    await reader.close()


async def test_a_user_is_let_in_with_the_right_password_alone(
    simulator: OpcUaSimulator, users: dict[str, str], tmp_path: Path
) -> None:
    users["gateway"] = "right"
    try:
        with pytest.raises(DriverError, match="check the user's name and password"):
            await driver(simulator.port, **_signed_in(tmp_path, "wrong")).connect()
        reader = driver(simulator.port, **_signed_in(tmp_path, "right"))
        await reader.connect()
        assert (await reader.read(tick_ms=0)).quality == 0
        await reader.close()
    finally:
        users.clear()


def _signed_in(folder: Path, password: str) -> dict[str, Any]:
    file = folder / password
    file.write_text(password + "\n")
    return {"user": {"name": "gateway", "password_file": str(file)}}


async def test_a_session_the_server_forgot_is_an_error(simulator: OpcUaSimulator) -> None:
    reader = driver(simulator.port, reading="read", map="plain_mill")
    await reader.connect()
    client = reader._session.client
    await client.uaclient.session.close_session(True)
    assert "Bad" in await fails(reader)
    await reader.close()
    await reader.connect()
    assert shown(reader, (await reader.read(tick_ms=0)).values)["s1.load"] == 41.5
    await reader.close()


async def test_a_port_that_is_no_opc_ua_server_is_an_error_in_time() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DriverError, match=f"127.0.0.1:{port}"):
        await driver(port).connect()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"companion": "off"}, "a map or nodes beside it"),
        ({"user": {"name": "x", "password": "secret"}}, "password_file"),
        ({"security": {"policy": "Basic128"}}, "Basic256Sha256"),
        ({"map": "teapot"}, "plain_mill"),
        ({"sampling_ms": 0}, "from 10"),
        ({"unit": 1}, "only companion"),
    ],
)
async def test_settings_that_cannot_be_used_are_said_at_every_connect(
    settings: dict[str, object], message: str
) -> None:
    reader = open_driver(SourceConfig("d_0", "m_0", "opcua", 1000, True, "127.0.0.1", 1, settings))
    for _ in range(2):
        with pytest.raises(DriverError, match=message):
            await reader.connect()


async def test_a_missing_certificate_file_is_named(simulator: OpcUaSimulator) -> None:
    security = {"certificate": "/nowhere/cert.der", "private_key": "/nowhere/key.pem", "server_certificate": "/n/s.der"}
    with pytest.raises(DriverError, match=r"/n/s\.der"):
        await driver(simulator.port, security=security).connect()


async def test_a_signed_and_encrypted_connection_reads_the_same(
    simulator: OpcUaSimulator, own_certificate: tuple[Path, Path], mill: Mill
) -> None:
    await simulator.refresh()
    certificate, key = own_certificate
    assert key.stat().st_mode & 0o077 == 0
    security = {"policy": "Basic256Sha256", "certificate": str(certificate), "private_key": str(key)}
    reader = driver(simulator.port, security=security)
    await reader.connect()
    assert shown(reader, (await reader.read(tick_ms=0)).values)["controller.execution"] == "ACTIVE"
    await reader.close()
