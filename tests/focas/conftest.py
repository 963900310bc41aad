"""Simulated controls and clients on loopback, closed again after each test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from greengrass_components.focas.client import FocasClient
from greengrass_components.focas.simulator import FocasSimulator, Persona, StandaloneControl
from tests.focas.operator_client import OperatorClient

MakeSimulator = Callable[..., Awaitable[FocasSimulator]]
MakeClient = Callable[[FocasSimulator], Awaitable[FocasClient]]
WAIT_S = 5.0


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def simulate(stack: AsyncExitStack) -> MakeSimulator:
    async def make(control: StandaloneControl | None = None, persona: Persona | None = None) -> FocasSimulator:
        simulator = FocasSimulator(control or StandaloneControl(), persona=persona or Persona())
        return await stack.enter_async_context(simulator)

    return make


@pytest.fixture
def connect(stack: AsyncExitStack) -> MakeClient:
    async def make(simulator: FocasSimulator) -> FocasClient:
        client = await OperatorClient.connect(simulator.host, simulator.port, timeout_s=WAIT_S)
        return await stack.enter_async_context(client)

    return make


@pytest.fixture
async def client(simulate: MakeSimulator, connect: MakeClient) -> FocasClient:
    return await connect(await simulate())
