"""HTTP API, static files and the guard of the one origin, over real sockets."""

import asyncio
import io
import json
import random
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from local_cloud.gateway.app import is_loopback
from local_cloud.gateway.model import Api, Route
from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import Failed, Lambdas

GOOD = {"Authorization": "Bearer good"}


async def test_a_request_reaches_its_function_as_payload_2(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    headers = {**GOOD, "Cookie": "a=1; b=2", "X-Two": "x", "Content-Type": "application/json"}
    async with http.post("/graphql?q=1&q=2", data=b'{"query":"x"}', headers=headers) as answer:
        assert answer.status == 200
    (event,) = lambdas.of("graphql")
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "POST /graphql", "/graphql")
    assert (event["rawQueryString"], event["queryStringParameters"]) == ("q=1&q=2", {"q": "1,2"})
    assert (event["cookies"], event["headers"]["x-two"], event["body"]) == (["a=1", "b=2"], "x", '{"query":"x"}')
    assert event["requestContext"]["authorizer"] == {"lambda": {"tenant": "t_a"}}
    assert event["requestContext"]["http"]["method"] == "POST"
    assert lambdas.sources[-1].endswith(":http1/$default/POST/graphql")


async def test_a_binary_body_comes_as_base64(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    await (await http.post("/v1/upload", data=b"\x00\xff", headers=GOOD)).read()
    (event,) = lambdas.of("rest")
    assert (event["body"], event["isBase64Encoded"]) == ("AP8=", True)


async def test_a_greedy_route_hands_over_the_rest_of_the_path(http: aiohttp.ClientSession) -> None:
    async with http.delete("/v1/hooks/7", headers=GOOD) as answer:
        assert await answer.json() == {"plain": "hooks/7"}


async def test_without_credential_nothing_is_invoked(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    async with http.post("/graphql") as answer:
        assert (answer.status, await answer.json()) == (401, {"message": "Unauthorized"})
    assert lambdas.events == []


async def test_a_wrong_credential_is_forbidden(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    async with http.post("/graphql", headers={"Authorization": "Bearer bad"}) as answer:
        assert (answer.status, await answer.json()) == (403, {"message": "Forbidden"})
    assert lambdas.of("graphql") == []


async def test_an_authorizer_result_is_kept_per_credential_and_for_its_time(
    http: aiohttp.ClientSession, lambdas: Lambdas
) -> None:
    for credential in ("good", "bad", "good", "bad"):
        await (await http.post("/graphql", headers={"Authorization": f"Bearer {credential}"})).read()
    assert len(lambdas.of("authorizer")) == 2


async def test_a_function_that_fails_or_answers_nonsense_is_a_500_without_details(
    http: aiohttp.ClientSession, lambdas: Lambdas
) -> None:
    def fail(_: object) -> None:
        raise Failed

    for function in (fail, lambda _: {"statusCode": "x"}, lambda _: {"statusCode": 200, "headers": {"A": "b\r\nC: d"}}):
        lambdas.functions["graphql"] = function
        async with http.post("/graphql", headers=GOOD) as answer:
            assert (answer.status, await answer.json()) == (500, {"message": "Internal Server Error"})


async def test_a_function_that_takes_too_long_is_a_503(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    await (await http.post("/graphql", headers=GOOD)).read()
    lambdas.delay_s = 5.0
    async with http.get("/v1/slow", headers=GOOD) as answer:
        assert answer.status == 503


async def test_more_than_10_mb_is_refused(http: aiohttp.ClientSession, lambdas: Lambdas) -> None:
    async with http.post("/graphql", data=io.BytesIO(bytes(10 * 1024 * 1024 + 1)), headers=GOOD) as answer:
        assert answer.status == 413
    assert lambdas.of("graphql") == []


async def test_every_other_path_is_the_page(http: aiohttp.ClientSession) -> None:
    for path in ("/", "/machines/m_1", "/callback?code=x"):
        async with http.get(path) as answer:
            assert (answer.status, await answer.text()) == (200, "<p>page</p>")


async def test_assets_come_from_the_built_portal_and_never_from_elsewhere(
    http: aiohttp.ClientSession, server: HttpServer, tmp_path: Path
) -> None:
    assets = tmp_path / "portal" / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "floor-BezbCJpV.js").write_text("hello")
    (assets / "icon.png").write_bytes(b"png")
    async with http.get("/assets/floor-BezbCJpV.js") as answer:
        assert (await answer.text(), answer.headers["Cache-Control"]) == (
            "hello",
            "public, max-age=31536000, immutable",
        )
    async with http.get("/assets/icon.png") as answer:
        assert "immutable" not in answer.headers["Cache-Control"]
    (tmp_path / "portal" / "dist" / "index.html").write_text("of the function")
    async with http.get(URL(f"http://127.0.0.1:{server.port}/assets/../index.html", encoded=True)) as answer:
        assert answer.status == 404
    for path in ("/assets/../../../cloud.json", "/assets/%2e%2e/%2e%2e/%2e%2e/oidc/key.pem", "/assets/none.js"):
        async with http.get(path, headers={"Accept": "*/*"}) as answer:
            assert b"BEGIN" not in await answer.read()
            assert answer.status in (200, 404)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "10.0.0.1", ""])
async def test_a_foreign_host_name_is_refused(http: aiohttp.ClientSession, host: str) -> None:
    async with http.get("/", headers={"Host": host}) as answer:
        assert answer.status in (400, 421)


def test_loopback_names() -> None:
    assert all(is_loopback(host) for host in ("localhost", "localhost:80", "127.0.0.1:8480", "[::1]:8480", "[::1]"))
    assert not any(is_loopback(host) for host in ("a", "a:80", "127.0.0.1.b", ":80", "[::2]"))


async def test_a_person_at_another_name_of_the_host_is_sent_to_the_origin(
    http: aiohttp.ClientSession, server: HttpServer
) -> None:
    headers = {"Host": f"localhost:{server.port}", "Sec-Fetch-Mode": "navigate"}
    async with http.get("/machines?x=1", headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, f"{server.cloud.origin}/machines?x=1")


async def test_garbage_on_the_port_leaves_the_gateway_up(http: aiohttp.ClientSession, server: HttpServer) -> None:
    rng = random.Random(7)
    for size in (1, 17, 300, 9000):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(rng.randbytes(size) + b"\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    async with http.get("/") as answer:
        assert answer.status == 200


def test_a_more_specific_route_wins() -> None:
    keys = ["ANY /{proxy+}", "GET /a/{id}", "GET /a/b", "ANY /a/b", "$default"]
    routes = [_route(key) for key in keys]
    api = Api("a", "s", "arn", tuple(sorted(routes, key=lambda route: route.rank)))
    chosen = {
        path: found[0].key
        for path in ("GET /a/b", "PUT /a/b", "GET /a/c", "GET /x/y")
        if (found := api.find(*path.split()))
    }
    assert chosen == {
        "GET /a/b": "GET /a/b",
        "PUT /a/b": "ANY /a/b",
        "GET /a/c": "GET /a/{id}",
        "GET /x/y": "ANY /{proxy+}",
    }
    assert json.dumps(api.find("GET", "/x/y/z")[1]) == '{"proxy": "x/y/z"}'  # type: ignore[index]


def _route(key: str) -> Route:
    method, _, path = key.partition(" ")
    return Route(key, "f", method=method if path else "", path=tuple(path.strip("/").split("/")) if path else ())
