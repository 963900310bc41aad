from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import Lambdas, gateway_cloud, serving


def allow_good(event: dict[str, Any]) -> dict[str, Any]:
    good = event["headers"]["authorization"] == "Bearer good"
    return {"isAuthorized": good, "context": {"tenant": "t_a"} if good else {}}


@pytest.fixture
def lambdas() -> Lambdas:
    made = Lambdas(secrets={"origin": "hush"})
    made.functions = {
        "authorizer": allow_good,
        "graphql": lambda event: {"statusCode": 200, "body": "{}", "headers": {"Content-Type": "application/json"}},
        "rest": lambda event: {"plain": event["pathParameters"]["proxy"]},
        "page": lambda event: {"statusCode": 200, "body": "<p>page</p>", "headers": {"Content-Type": "text/html"}},
        "socket": lambda event: {"statusCode": 200},
    }
    return made


@pytest.fixture
async def server(lambdas: Lambdas, tmp_path: Path) -> AsyncIterator[HttpServer]:
    door = web.Application(client_max_size=20_000_000)
    door.router.add_post("/2015-03-31/functions/{name}/invocations", lambdas.invoke)
    door.router.add_post("/", lambdas.secret)
    async with serving(door) as port:
        running = HttpServer(gateway_cloud(tmp_path, aws_port=port))
        await running.start()
        yield running
        await running.close()


@pytest.fixture
async def http(server: HttpServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield session
