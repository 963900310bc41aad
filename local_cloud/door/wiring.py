"""Puts the door together and starts it: tables first, then the port.

moto takes seconds to load and has one thread of its own, on which the calls for it queue behind its loading; so after a
kill, Lambda and DynamoDB, which do not need it, are back before it is.
"""

import asyncio
import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from local_cloud.cloud import Cloud
from local_cloud.door.app import Door
from local_cloud.door.dynamodb import DynamoDb
from local_cloud.door.forward import Forward
from local_cloud.door.judge import Judge
from local_cloud.door.lambda_api import LambdaApi
from local_cloud.door.meter import Meter
from local_cloud.door.sessions import Sessions
from local_cloud.door.sts import Sts
from local_cloud.engines import tables
from local_cloud.engines.moto_engine import MotoEngine
from local_cloud.lambda_runtime import reload
from local_cloud.lambda_runtime.asynchronous import AsyncInvoker
from local_cloud.lambda_runtime.dispatcher import Dispatcher
from local_cloud.persistence.forget import Scrubber
from local_cloud.process import Closer
from local_cloud.schedules.runner import Schedules
from local_cloud.schedules.sqs_source import SqsSources, send

TRIM_EVERY_S = 10.0
log = logging.getLogger("door")


def _now() -> datetime:
    return datetime.now(UTC)


async def start(cloud: Cloud) -> Closer:
    """Raises what the engines raise; the port opens when all of them answer."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    meter, sessions, scrubber = Meter(), Sessions(cloud), Scrubber(cloud.data)
    judge = Judge(cloud, used=lambda role, ask: meter.used(role, ask.action))
    moto, dynamodb, forward = MotoEngine(cloud), DynamoDb(cloud, meter), Forward(cloud)
    dispatcher = Dispatcher(cloud, sessions, meter)
    invoker = AsyncInvoker(dispatcher, chaos=cloud.chaos, on_failure=lambda *what: send(moto, cloud, *what))
    door = Door(
        sessions=sessions,
        judge=judge,
        sts=Sts(sessions, judge.identities, account=cloud.account, clock=_now),
        dynamodb=dynamodb,
        lambda_api=LambdaApi(dispatcher, invoker),
        forward=forward,
        moto=moto,
        meter=meter,
        scrub=scrubber.scrub,
        clock=_now,
    )
    await tables.ensure(cloud)
    dispatcher.workers.open()
    loading = asyncio.create_task(moto.start())
    loading.add_done_callback(_or_end)
    runner = web.AppRunner(door.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", cloud.ports.aws).start()
    background = [
        asyncio.create_task(one)
        for one in (
            reload.watch(Path(cloud.repository_root), on_change=dispatcher.reload),
            _trim(dispatcher),
            Schedules(cloud, invoke=invoker.accept, clock=_now).run(),
            scrubber.run(),
            SqsSources(cloud, dispatcher=dispatcher, moto=moto).run(),
        )
    ]

    async def close() -> None:
        for task in background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await runner.cleanup()
        await dispatcher.workers.close()
        await dynamodb.close()
        await forward.close()
        moto.close()

    return close


def _or_end(loading: asyncio.Task[None]) -> None:
    """Without moto half of the services would be missing: better no door, and a log that says why."""
    if not loading.cancelled() and loading.exception() is not None:
        log.critical("the resources of the template could not be made", exc_info=loading.exception())
        os._exit(1)


async def _trim(dispatcher: Dispatcher) -> None:
    while True:
        await asyncio.sleep(TRIM_EVERY_S)
        dispatcher.trim()
