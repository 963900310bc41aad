"""CloudFront and API Gateway are two layers: what the front adds is there through it, and nowhere else."""

import aiohttp
import pytest

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import Lambdas

GOOD = {"Authorization": "Bearer good"}
DIRECT = {"Host": "http1.execute-api.localhost"}


async def test_the_front_shows_the_headers_of_its_origin(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    await (await http.post("/graphql", headers=GOOD)).read()
    for event in (lambdas.of("authorizer")[0], lambdas.of("graphql")[0]):
        assert (event["headers"]["x-origin"], event["headers"]["x-plain"]) == ("hush", "as said")


@pytest.mark.parametrize("name", ["X-Origin", "x-origin"])
async def test_what_a_client_sends_under_these_names_does_not_arrive(
    http: aiohttp.ClientSession, lambdas: Lambdas, name: str
) -> None:
    sent = [*GOOD.items(), (name, "guess"), (name, "again")]
    async with http.post("/graphql", headers=sent) as answer:
        assert answer.status == 200
    assert lambdas.of("graphql")[0]["headers"]["x-origin"] == "hush"


async def test_an_api_answers_at_its_own_name_without_them(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    for path in ("/graphql", "/v1/x", "/"):
        method = "POST" if path == "/graphql" else "GET"
        async with http.request(method, path, headers=GOOD | DIRECT) as answer:
            assert answer.status == 200  # nothing of the test's functions asks for the header
    assert len(lambdas.events) > 3
    assert not any("x-origin" in event["headers"] for _, event in lambdas.events)


async def test_at_its_own_name_a_client_shows_what_it_likes(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    await (await http.post("/graphql", headers=GOOD | DIRECT | {"X-Origin": "guess"})).read()
    assert lambdas.of("graphql")[0]["headers"]["x-origin"] == "guess"


async def test_a_socket_meets_both_layers(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    async with http.ws_connect("/socket"):
        pass
    own = {"Host": "sock1.execute-api.localhost"}
    async with http.ws_connect("/live", headers=own):
        pass
    opened = [event["headers"] for event in lambdas.of("socket") if event["requestContext"]["eventType"] == "CONNECT"]
    assert ["x-origin" in headers for headers in opened] == [True, False]
    async with http.get("/socket", headers=own) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("host", ["http1", "http2.execute-api.localhost", "http1.execute-api.evil.example"])
async def test_no_other_name_reaches_an_api(http: aiohttp.ClientSession, lambdas: Lambdas, host: str) -> None:
    async with http.get("/", headers={"Host": host}) as answer:
        assert answer.status == 421
    assert lambdas.events == []


async def test_the_secret_is_read_once_and_never_stands_in_the_settings(
    http: aiohttp.ClientSession, lambdas: Lambdas, server: HttpServer
) -> None:
    for _ in range(3):
        await (await http.get("/")).read()
    assert lambdas.secrets_read == [{"SecretId": "origin"}]
    assert "hush" not in repr(server.cloud)


async def test_without_the_secret_nothing_is_sent_on(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    lambdas.secrets.clear()
    async with http.get("/") as answer:
        assert answer.status == 500
    assert lambdas.events == []
    lambdas.secrets["origin"] = "back"
    async with http.get("/") as answer:
        assert answer.status == 200
