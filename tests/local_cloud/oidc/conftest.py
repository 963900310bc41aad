from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from local_cloud.cloud import write_private
from local_cloud.gateway.server import HttpServer
from local_cloud.oidc.keys import open_key
from tests.local_cloud.gateway.support import gateway_cloud, serving
from tests.local_cloud.oidc.support import Browser, CognitoDouble


@pytest.fixture
def pool() -> CognitoDouble:
    return CognitoDouble()


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Made once: the search for primes takes longer than most tests."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    open_key(path)
    return path.read_bytes()


@pytest.fixture
async def server(pool: CognitoDouble, tmp_path: Path, signing_key: bytes) -> AsyncIterator[HttpServer]:
    door = web.Application()
    door.router.add_post("/", pool.handle)
    async with serving(door) as port:
        cloud = gateway_cloud(tmp_path, aws_port=port)
        (cloud.data / "oidc").mkdir(parents=True)
        write_private(cloud.data / "oidc" / "key.pem", signing_key)
        running = HttpServer(cloud)
        await running.start()
        yield running
        await running.close()


@pytest.fixture
async def browser(server: HttpServer) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(session, server.cloud.origin)
