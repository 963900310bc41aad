"""WebSocket API with the `websockets` client and its management calls."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from local_cloud.gateway.server import HttpServer
from tests.local_cloud.gateway.support import Failed, Lambdas

WAIT_S = 10.0
KEY = {"X-Local-Key": "service-secret"}


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.01)


def url(server: HttpServer, query: str = "") -> str:
    return f"ws://127.0.0.1:{server.port}/socket{query}"


def kinds(lambdas: Lambdas) -> list[str]:
    return [event["requestContext"]["routeKey"] for event in lambdas.of("socket")]


async def test_connect_message_and_disconnect_reach_the_function(server: HttpServer, lambdas: Lambdas) -> None:
    async with connect(url(server, "?ticket=t1")) as client:
        await client.send('{"type":"ping"}')
        await until(lambda: len(lambdas.events) == 2)
    await until(lambda: len(lambdas.events) == 3)
    opened, said, left = lambdas.of("socket")
    assert kinds(lambdas) == ["$connect", "$default", "$disconnect"]
    assert opened["queryStringParameters"] == {"ticket": "t1"}
    assert said["body"] == '{"type":"ping"}'
    assert len({event["requestContext"]["connectionId"] for event in (opened, said, left)}) == 1
    assert lambdas.sources[0].endswith(":sock1/live/$connect")


async def test_the_function_chooses_the_subprotocol(server: HttpServer, lambdas: Lambdas) -> None:
    lambdas.functions["socket"] = lambda _: {
        "statusCode": 200,
        "headers": {"Sec-WebSocket-Protocol": "graphql-transport-ws"},
    }
    async with connect(url(server), subprotocols=["graphql-transport-ws"]) as client:  # type: ignore[list-item]
        assert client.subprotocol == "graphql-transport-ws"


async def test_a_refused_connect_never_opens(server: HttpServer, lambdas: Lambdas) -> None:
    lambdas.functions["socket"] = lambda _: {"statusCode": 401}
    with pytest.raises(InvalidStatus) as refused:
        await connect(url(server))
    assert refused.value.response.status_code == 401
    assert kinds(lambdas) == ["$connect"]


async def test_the_product_can_post_to_a_connection_until_it_is_gone(
    server: HttpServer, lambdas: Lambdas, http: aiohttp.ClientSession
) -> None:
    async with connect(url(server)) as client:
        await client.send("x")
        await until(lambda: len(lambdas.events) == 2)
        path = f"/_connections/{lambdas.of('socket')[0]['requestContext']['connectionId']}"
        async with http.post(path, data=b"hello", headers=KEY) as answer:
            assert answer.status == 200
        assert await asyncio.wait_for(client.recv(), WAIT_S) == "hello"
        async with http.get(path, headers=KEY) as answer:
            assert "connectedAt" in await answer.json()
        async with http.post(path, data=b"x" * (128 * 1024 + 1), headers=KEY) as answer:
            assert answer.status == 413
        async with http.post(path, data=b"x") as answer:
            assert answer.status == 403
        async with http.delete(path, headers=KEY) as answer:
            assert answer.status == 204
    await until(lambda: len(lambdas.events) == 3)
    for method in ("POST", "GET", "DELETE"):
        async with http.request(method, path, data=b"x", headers=KEY) as answer:
            assert answer.status == 410


async def test_a_failing_function_is_told_to_the_client_and_does_not_close(
    server: HttpServer, lambdas: Lambdas
) -> None:
    async with connect(url(server)) as client:

        def fail(_: Any) -> None:
            raise Failed

        lambdas.functions["socket"] = fail
        await client.send("x")
        answer = json.loads(await asyncio.wait_for(client.recv(), WAIT_S))
        assert answer["message"] == "Internal server error"


async def test_a_message_above_32_kb_closes_with_1009(server: HttpServer) -> None:
    async with connect(url(server)) as client:
        await client.send("x" * (33 * 1024))
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), WAIT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


@pytest.mark.parametrize("limit", [{"idle_s": 0.2}, {"life_s": 0.2}])
async def test_an_idle_or_old_connection_is_closed(server: HttpServer, limit: dict[str, float]) -> None:
    for name, value in limit.items():
        setattr(server.sockets, name, value)
    async with connect(url(server)) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(client.recv(), WAIT_S)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001


async def test_a_plain_request_to_the_socket_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.get("/socket") as answer:
        assert answer.status == 403
