from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from local_cloud.cloud import write_private
from local_cloud.gateway.server import HttpServer
from local_cloud.oidc.keys import open_key
from tests.local_cloud.broker.support import free_port
from tests.local_cloud.gateway.support import POOL, gateway_cloud, serving
from tests.local_cloud.oidc.support import CognitoDouble
from tests.sso.peers.running import Certified, Peers, certified, running
from tests.sso.travelling import ENTITY_ID, Traveller


@pytest.fixture(scope="session")
def saml_key() -> Certified:
    return certified()


@pytest.fixture(scope="session")
def front_port() -> int:
    """The providers know our addresses before we run."""
    return free_port()


@pytest.fixture(scope="session")
def peers(front_port: int, saml_key: Certified) -> Iterator[Peers]:
    issuer = f"http://127.0.0.1:{front_port}/oidc/{POOL}"
    with running(
        redirect=f"{issuer}/oauth2/idpresponse",
        receiver=f"{issuer}/saml2/idpresponse",
        entity_id=ENTITY_ID,
        saml_key=saml_key,
    ) as started:
        yield started


@pytest.fixture
def pool() -> CognitoDouble:
    return CognitoDouble()


@pytest.fixture(scope="session")
def front_key(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("front") / "key.pem"
    open_key(path)
    return path.read_bytes()


@pytest.fixture
async def server(pool: CognitoDouble, tmp_path: Path, front_port: int, front_key: bytes) -> AsyncIterator[HttpServer]:
    door = web.Application()
    door.router.add_post("/", pool.handle)
    async with serving(door) as port:
        made = gateway_cloud(tmp_path, aws_port=port)
        origin = f"http://127.0.0.1:{front_port}"
        resources = tuple(
            replace(one, properties={**one.properties, "CallbackURLs": [f"{origin}/callback"]})
            if one.type == "AWS::Cognito::UserPoolClient"
            else one
            for one in made.resources
        )
        cloud = replace(
            made,
            origin=origin,
            ports=replace(made.ports, http=front_port),
            resources=resources,
            loopback_providers=True,
        )
        (cloud.data / "oidc").mkdir(parents=True)
        write_private(cloud.data / "oidc" / "key.pem", front_key)
        started = HttpServer(cloud)
        await started.start()
        yield started
        await started.close()


@pytest.fixture
async def traveller(server: HttpServer) -> AsyncIterator[Traveller]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Traveller(session, server.cloud.origin)


from tests.api.tenants import *  # noqa: E402, F403
from tests.cloud.fixtures import dynamodb_url  # noqa: E402, F401
