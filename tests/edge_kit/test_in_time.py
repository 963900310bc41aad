"""Waiting with a limit, in every order of result, limit and cancellation."""

import asyncio
from pathlib import Path

import pytest

from greengrass_components.edge_kit.in_time import in_time

COMPONENTS = Path(__file__).parents[2] / "greengrass_components"


async def test_a_result_in_time_is_the_answer() -> None:
    assert await in_time(1, asyncio.sleep(0, "read")) == "read"


async def test_what_takes_too_long_is_cancelled() -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError):
        await in_time(0.001, never)
    assert never.cancelled()


async def test_a_task_that_is_cancelled_with_its_result_ends_all_the_same() -> None:
    heard = asyncio.Event()
    rounds = 0

    async def listen() -> None:
        nonlocal rounds
        while True:
            await in_time(60, heard.wait())
            heard.clear()
            rounds += 1

    task = asyncio.create_task(listen())
    await asyncio.sleep(0)
    heard.set()
    task.cancel()
    await asyncio.wait([task], timeout=1)
    assert task.cancelled()
    assert rounds == 0


def test_components_wait_in_this_way_only() -> None:
    found = [path.name for path in COMPONENTS.rglob("*.py") if "wait_for(" in path.read_text()]
    assert found == []
