from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import gateway_cloud, serving
from tests.local_cloud.oidc.support import Browser, CognitoDouble


@pytest.fixture
def pool() -> CognitoDouble:
    return CognitoDouble()


@pytest.fixture
async def server(pool: CognitoDouble, tmp_path: Path) -> AsyncIterator[HttpServer]:
    door = web.Application()
    door.router.add_post("/", pool.handle)
    async with serving(door) as port:
        running = HttpServer(gateway_cloud(tmp_path, aws_port=port))
        await running.start()
        yield running
        await running.close()


@pytest.fixture
async def browser(server: HttpServer) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(session, server.cloud.origin)
