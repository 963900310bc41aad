import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.broker.server import Broker
from tests.local_cloud.broker.support import (
    GATEWAY_POLICY,
    WAIT_S,
    Client,
    Gateway,
    Iot,
    make_cloud,
    new_client,
    resource,
)

Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    policy = resource("AWS::IoT::Policy", "gateway", {"PolicyDocument": GATEWAY_POLICY})
    running = Broker(make_cloud(tmp_path, resources=(policy,), rules=1))
    await running.start()
    yield running
    await running.close()


@pytest.fixture
async def iot(broker: Broker) -> AsyncIterator[Iot]:
    made = await asyncio.to_thread(Iot, broker.control_port)
    yield made
    made.close()


@pytest.fixture
async def gateway(iot: Iot, tmp_path: Path) -> Gateway:
    return await asyncio.to_thread(iot.enrol, "g_1", "t_a", tmp_path)


@pytest.fixture
async def connect(broker: Broker) -> AsyncIterator[Connect]:
    clients: list[Client] = []

    async def make(gateway: Gateway, *, wait: bool = True, **options: Any) -> Client:
        client = new_client(gateway, broker.cloud.pki.ca_cert, broker.tls_port, **options)
        clients.append(client)
        if wait:
            await asyncio.wait_for(client.connected.wait(), WAIT_S)
        return client

    yield make
    for client in clients:
        if not client.stopped.is_set():
            await client.stop()
