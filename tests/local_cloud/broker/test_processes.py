"""Broker, rules and http as the processes the supervisor starts: they listen, work together and end on SIGTERM."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

from local_cloud.cloud import Cloud
from tests.local_cloud.broker.support import (
    ACCOUNT,
    GATEWAY_POLICY,
    REGION,
    WAIT_S,
    Iot,
    free_port,
    make_cloud,
    new_client,
    resource,
)
from tests.local_cloud.gateway.support import Lambdas, serving, template

RULE = {
    "Sql": "SELECT encode(*, 'base64') AS payload, topic(2) AS tenant FROM 'cnc/+/+/+/live'",
    "Actions": [{"Lambda": {"FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:live"}}],
}


@asynccontextmanager
async def process(module: str, settings: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"local_cloud.{module}", "--cloud", str(settings), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _accepts(port)
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.wait()


async def _accepts(port: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


def a_cloud(data: Path, *, aws: int) -> Cloud:
    ports = {name: free_port() for name in ("http", "broker_tls", "broker_control", "rules")}
    arn = f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/live"
    resources = (
        resource("AWS::IoT::Policy", "gateway", {"PolicyDocument": GATEWAY_POLICY}),
        resource("AWS::IoT::TopicRule", "live", {"TopicRulePayload": RULE}, arn=arn),
        *template("http://127.0.0.1"),
    )
    return make_cloud(data, resources=resources, aws=aws, **ports)


async def test_a_message_goes_from_a_gateway_to_its_function_even_when_rules_start_later(tmp_path: Path) -> None:
    lambdas = Lambdas({"live": lambda _: None})
    door = web.Application()
    door.router.add_post("/2015-03-31/functions/{name}/invocations", lambdas.invoke)
    async with serving(door) as aws:
        cloud = a_cloud(tmp_path, aws=aws)
        settings = tmp_path / "cloud.json"
        cloud.save(settings)
        async with process("broker", settings, cloud.ports.broker_control):
            iot = await asyncio.to_thread(Iot, cloud.ports.broker_control)
            gateway = await asyncio.to_thread(iot.enrol, "g_1", "t_a", tmp_path)
            iot.close()
            client = new_client(gateway, cloud.pki.ca_cert, cloud.ports.broker_tls)
            await asyncio.wait_for(client.connected.wait(), WAIT_S)
            assert await client.publish("$aws/rules/live/cnc/t_a/s_1/g_1/live", b"\x00\xff") == 0
            async with process("rules", settings, cloud.ports.rules):
                async with asyncio.timeout(WAIT_S):
                    while not lambdas.events:
                        await asyncio.sleep(0.02)
            await client.stop()
    assert lambdas.events == [("live", {"payload": "AP8=", "tenant": "t_a"})]
    assert lambdas.sources == [f"arn:aws:iot:{REGION}:{ACCOUNT}:rule/live"]


async def test_each_process_ends_on_sigterm(tmp_path: Path) -> None:
    cloud = a_cloud(tmp_path, aws=1)
    settings = tmp_path / "cloud.json"
    cloud.save(settings)
    assert json.loads(settings.read_bytes())["version"] == 1
    ports = {"broker": cloud.ports.broker_control, "rules": cloud.ports.rules, "gateway": cloud.ports.http}
    for module, port in ports.items():
        async with process(module, settings, port) as running:
            running.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(running.wait(), WAIT_S) == 0
