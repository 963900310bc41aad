"""What is told to the meter of the door."""

import asyncio
from typing import Any

from aiohttp import web

from local_cloud.rules.meter import report, units
from tests.local_cloud.gateway.support import serving


def test_a_message_is_billed_per_started_5_kb() -> None:
    assert [units(size) for size in (0, 1, 5120, 5121, 131072)] == [1, 1, 1, 2, 26]


async def test_growth_is_told_once_and_again_when_the_door_was_away() -> None:
    told: list[Any] = []
    enough = asyncio.Event()
    counts = {"messages": 3}

    async def meter(request: web.Request) -> web.Response:
        told.append(await request.json())
        if len(told) == 1:
            return web.Response(status=503)
        counts["messages"] = 5
        if len(told) == 3:
            enough.set()
        return web.Response()

    app = web.Application()
    app.router.add_post("/_meter", meter)
    async with serving(app) as port:
        task = asyncio.create_task(report(f"http://127.0.0.1:{port}", lambda: counts, every_s=0.01))
        await asyncio.wait_for(enough.wait(), 10)
        task.cancel()
    assert told == [{"iot": {"messages": 3}}, {"iot": {"messages": 3}}, {"iot": {"messages": 2}}]
