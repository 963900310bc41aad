"""Messages, operations and openings of sockets are counted like requests."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from cnc.domain.rates.plans import PLANS, plan_of
from tests.api.events import LambdaContext, socket
from tests.api.tenants import Shop


class Post:
    """What is sent to connections, and which were ended."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.ended: list[str] = []

    def __call__(self, _connection: str, message: bytes, /) -> bool:
        self.sent.append(json.loads(message))
        return True

    def end(self, connection: str, /) -> None:
        self.ended.append(connection)


@pytest.fixture
def module(cold: Callable[[str], ModuleType]) -> ModuleType:
    return cold("graphql_ws")


@pytest.fixture
def post(module: ModuleType) -> Post:
    post = Post()
    object.__setattr__(module.door, "post", post)
    return post


def ask(module: ModuleType, event: dict[str, Any]) -> int:
    status: int = module.lambda_handler(event, LambdaContext())["statusCode"]
    return status


def opened(module: ModuleType, shop: Shop, connection: str) -> None:
    assert ask(module, socket("CONNECT", connection, authorization=f"Bearer {shop.secret}")) == 200
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {shop.secret}"}}
    assert ask(module, socket("MESSAGE", connection, body=init)) == 200


def test_a_connection_that_floods_is_told_and_closed(module: ModuleType, post: Post, ours: Shop) -> None:
    opened(module, ours, "flood=")
    module.rates.limiter.plan_of = lambda _: plan_of("roomy connection=5")
    ping = socket("MESSAGE", "flood=", body={"type": "ping"})
    for _ in range(12):
        ask(module, ping)
    last = post.sent[-1]
    assert (last["type"], last["payload"][0]["extensions"]["code"]) == ("error", "limit.rate")
    assert "flood=" in post.ended
    assert sum(one["type"] == "pong" for one in post.sent) >= 4


def test_an_operation_too_many_is_refused_and_the_connection_stays(module: ModuleType, post: Post, ours: Shop) -> None:
    opened(module, ours, "busy=")
    module.rates.limiter.plan_of = lambda _: plan_of("roomy credential=3")
    for number in range(8):
        body = {"id": f"o{number}", "type": "subscribe", "payload": {"query": "{ sites { id } }"}}
        ask(module, socket("MESSAGE", "busy=", body=body))
    refused = [one for one in post.sent if one["type"] == "error"]
    assert {one["payload"][0]["extensions"]["code"] for one in refused} == {"limit.rate"}
    assert all(one["id"].startswith("o") for one in refused)
    assert post.ended == []


def test_opening_sockets_costs_points(module: ModuleType, ours: Shop) -> None:
    module.rates.limiter.plan_of = lambda _: PLANS["trial"]
    statuses = [
        ask(module, socket("CONNECT", f"n{number}=", authorization=f"Bearer {ours.secret}")) for number in range(45)
    ]
    assert statuses[0] == 200
    assert 429 in statuses


def test_many_wrong_keys_at_the_socket_are_few_reads(module: ModuleType) -> None:
    statuses = [
        ask(module, socket("CONNECT", "w=", authorization=f"Bearer cnc_read_{number:043d}")) for number in range(200)
    ]
    assert statuses[0] == 401
    assert statuses.count(429) > 100
