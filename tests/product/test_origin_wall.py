"""One public host: what answers through its front answers nobody who calls past it."""

import asyncio
import json
import os
import signal
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from local_cloud.processes import accepts
from tests.product.running import Product, until

pytestmark = pytest.mark.cloud
BODY = {"query": "{ viewer { tenantName } }"}


class Calls:
    """The same four calls through the front, or at the own names of the APIs."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.origin = product.endpoints["portal"].rstrip("/")
        self.key = {"Authorization": f"Bearer {product.key()}"}
        found = json.loads((product.data / "cloud.json").read_bytes())["resources"]
        apis = [one for one in found if one["type"] == "AWS::ApiGatewayV2::Api"]
        self.names = {one["properties"]["ProtocolType"]: f"{one['physical_id']}.execute-api.localhost" for one in apis}

    async def all(self, *, direct: bool = False, shown: str = "") -> list[int]:
        """Statuses of GraphQL, REST, page and socket; `shown` is what the client says for the secret."""
        sent = self.key | ({"X-Cnc-Origin": shown} if shown else {})
        host = {"Host": self.names["HTTP"]} if direct else {}
        asked: tuple[tuple[str, str, Any], ...] = (
            ("POST", "/graphql", BODY),
            ("GET", "/v1/machines", None),
            ("GET", "/", None),
        )
        async with aiohttp.ClientSession(self.origin, timeout=aiohttp.ClientTimeout(30)) as session:
            statuses = []
            for method, path, body in asked:
                async with session.request(method, path, json=body, headers=sent | host) as answer:
                    statuses.append(answer.status)
            return [*statuses, await self._socket(session, sent, direct=direct)]

    async def _socket(self, session: aiohttp.ClientSession, sent: dict[str, str], *, direct: bool) -> int:
        own = {"Host": self.names["WEBSOCKET"]} if direct else {}
        path = "/live" if direct else "/socket"
        try:
            async with session.ws_connect(path, headers=sent | own, protocols=["graphql-transport-ws"]):
                return 101
        except aiohttp.WSServerHandshakeError as refused:
            return refused.status


OPEN, SHUT = [200, 200, 200, 101], [403] * 4


async def test_a_direct_call_is_refused_also_right_after_a_good_one(product: Product) -> None:
    calls = Calls(product)
    for _ in range(2):
        assert await calls.all() == OPEN
        assert await calls.all(direct=True) == SHUT
    assert await calls.all(direct=True, shown="guess") == SHUT


async def test_what_a_client_sends_for_the_secret_changes_nothing_through_the_front(product: Product) -> None:
    assert await Calls(product).all(shown="guess") == OPEN


async def test_during_a_rotation_both_values_hold_so_that_nobody_waits_for_the_front(product: Product) -> None:
    calls, store = Calls(product), product.aws("secretsmanager")

    def shown_now() -> str:
        return str(store.get_secret_value(SecretId="cnc-local-origin")["SecretString"])

    first = shown_now()
    assert len(first) == 64
    second = token_urlsafe(48)
    assert await calls.all(direct=True, shown=second) == SHUT
    store.put_secret_value(SecretId="cnc-local-origin", SecretString=second)
    assert await calls.all() == OPEN  # the front still shows the first one
    assert await calls.all(direct=True, shown=first) == OPEN
    await open_for(calls, second)  # the functions look again at most every five seconds
    before = product.endpoints["processes"]["http"]
    os.kill(before, signal.SIGTERM)  # the deployment of the front
    until(lambda: product.endpoints["processes"].get("http") not in (None, before), within_s=60, what="a new front")
    until(lambda: accepts(urlsplit(calls.origin).port or 0), within_s=60, what="its port")
    assert await calls.all() == OPEN
    assert await calls.all(direct=True, shown=first) == OPEN


async def open_for(calls: Calls, shown: str) -> None:
    async with asyncio.timeout(60):
        while await calls.all(direct=True, shown=shown) != OPEN:
            await asyncio.sleep(0.5)
