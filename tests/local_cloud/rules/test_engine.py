"""Frames in, actions out: with failures, retries and the broker's feed in front."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from local_cloud.broker.faults import Faults
from local_cloud.broker.messages import Message
from local_cloud.broker.rule_feed import Feed
from local_cloud.rules.actions import ActionFailed
from local_cloud.rules.context import Context
from local_cloud.rules.engine import Engine, Rule
from local_cloud.rules.frames import Frame
from local_cloud.rules.server import RulesServer
from local_cloud.rules.sql import parse

WAIT_S = 10.0


@dataclass
class Recording:
    """An action that fails with each of `failures` first."""

    failures: list[Exception] = field(default_factory=list)
    payloads: list[Any] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, payload: bytes, context: Context) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.payloads.append(json.loads(payload))
        self.changed.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.payloads) < count:
                self.changed.clear()
                await self.changed.wait()


def engine(action: Recording, error: Recording | None = None) -> Engine:
    live = Rule("live", parse("SELECT encode(*, 'base64') AS payload FROM 'cnc/+'"), [action], error)
    return Engine([live], "123456789012", retry_s=(0.0, 0.0))


def frame(topic: str = "cnc/a", *, rule: str | None = None) -> Frame:
    return Frame(1, rule, topic, "g_1", 5, b"\x01")


async def test_a_rule_runs_for_its_topic_and_for_basic_ingest_that_names_it() -> None:
    action = Recording()
    under_test = engine(action)
    for one in (frame(), frame(rule="live"), frame(rule="other"), frame("other/a")):
        await under_test.handle(one)
    assert action.payloads == [{"payload": "AQ=="}] * 2


async def test_a_rule_without_from_runs_by_basic_ingest_only() -> None:
    action = Recording()
    ask = Rule("ask", parse("SELECT encode(*, 'base64') AS payload WHERE topic(1) = 'cnc'"), [action], None)
    for one in (frame(), frame(rule="ask"), frame("other/a", rule="ask")):
        await Engine([ask], "123456789012").handle(one)
    assert action.payloads == [{"payload": "AQ=="}]


@pytest.mark.parametrize("channel", ["receipt", "config", "cmd"])
async def test_what_goes_down_to_a_gateway_runs_no_rule_of_the_product(channel: str) -> None:
    action = Recording()
    files = sorted(Path("iot_rules").glob("*/rule.sql"))
    rules = [Rule(path.parent.name, parse(path.read_text()), [action], None) for path in files]
    assert len(rules) >= 6
    down = "cnc/t_0000000000000001/s_0000000000000001/g_0000000000000001/" + channel
    await Engine(rules, "123456789012").handle(frame(down))
    assert action.payloads == []


async def test_a_refused_action_goes_to_the_error_action_with_the_original_bytes() -> None:
    error = Recording()
    action = Recording([ActionFailed("LambdaAction", "arn:f", "throttled")])
    await engine(action, error).handle(frame())
    (report,) = error.payloads
    assert base64.b64decode(report["base64OriginalPayload"]) == b"\x01"
    assert report["failures"] == [
        {"failedAction": "LambdaAction", "failedResource": "arn:f", "errorMessage": "throttled"}
    ]


async def test_an_unreachable_door_is_tried_again() -> None:
    action = Recording([aiohttp.ClientConnectionError("down"), TimeoutError()])
    await engine(action).handle(frame())
    assert len(action.payloads) == 1


async def test_a_door_that_stays_away_ends_in_the_error_action() -> None:
    error = Recording()
    await engine(Recording([TimeoutError()] * 3), error).handle(frame())
    assert len(error.payloads) == 1


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    made = Feed(0, Faults())
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()


async def test_messages_wait_for_a_rules_engine_that_restarts(feed: Feed) -> None:
    action = Recording()
    feed.put(Message("cnc/a", b"1", qos=1), rule=None, client_id="g_1", received_ms=1)
    server = RulesServer(engine(action).handle)
    await server.start(0)
    feed.port = server.port
    await action.until(1)
    await server.close()
    feed.put(Message("cnc/a", b"2", qos=1), rule=None, client_id="g_1", received_ms=1)
    again = RulesServer(engine(action).handle)
    await again.start(server.port)
    await action.until(2)
    assert action.payloads[-1] == {"payload": "Mg=="}
    await again.close()


async def test_garbage_on_the_port_harms_nobody(feed: Feed) -> None:
    action = Recording()
    server = RulesServer(engine(action).handle)
    await server.start(0)
    for garbage in (b"\xff" * 64, b"\x00\x00\x00\x05\x00\x03{}!", b"GET / HTTP/1.1\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(garbage)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        writer.close()
        await writer.wait_closed()
    feed.port = server.port
    feed.put(Message("cnc/a", b"1"), rule="live", client_id="g_1", received_ms=1)
    await action.until(1)
    await server.close()


async def test_qos_1_may_arrive_twice_and_in_another_order_by_seed() -> None:
    seen: list[list[Any]] = []
    for _ in range(2):
        action = Recording()
        server = RulesServer(engine(action).handle)
        await server.start(0)
        made = Feed(server.port, Faults(seed=3, repeat=0.3, reorder=0.3))
        task = asyncio.create_task(made.run())
        for number in range(40):
            made.put(Message("cnc/a", b"%d" % number, qos=1), rule=None, client_id="g_1", received_ms=1)
        await action.until(41)
        seen.append([base64.b64decode(p["payload"]) for p in action.payloads])
        task.cancel()
        await server.close()
    assert {int(one) for one in seen[0]} == set(range(40))
