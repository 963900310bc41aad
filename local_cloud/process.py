"""The entry of every Python process of the local cloud: `--cloud FILE`, ready when it listens, gone on SIGTERM."""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from local_cloud.cloud import Cloud

Closer = Callable[[], Awaitable[None]]


def cloud_argument() -> Cloud:
    """The settings file named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cloud", required=True, type=Path, help="cloud.json written by the supervisor")
    return Cloud.load(parser.parse_args().cloud)


def run(main: Callable[[Cloud], Awaitable[Closer | None]]) -> None:
    """Start `main`, wait for SIGTERM or SIGINT, then await the closer it returned, if any."""
    asyncio.run(_until_signal(main, cloud_argument()))


async def _until_signal(main: Callable[[Cloud], Awaitable[Closer | None]], cloud: Cloud) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    close = await main(cloud)
    await stop.wait()
    if close is not None:
        await close()
