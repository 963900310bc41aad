"""A cable between a gateway and the broker that can be cut: TCP, in a thread of its own."""

import asyncio
import contextlib
import os
import random
import re
import signal
import threading
import time
import tomllib
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tests.product.running import Product, until


class Cable:
    """Forwards 127.0.0.1:`port` to `target`; while it is cut, living connections are dead and new ones refused."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.connections = 0
        self._cut = False
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    def cut(self) -> None:
        self._call(self._cut_now())

    def mend(self) -> None:
        self._cut = False

    def _call(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _cut_now(self) -> None:
        self._cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.connections += 1
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _close(self) -> None:
        await self._cut_now()
        assert self._server
        self._server.close()
        await asyncio.sleep(0.1)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either side ends; then the other side of the pair ends too."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()


@contextmanager
def cable(target: int) -> Iterator[Cable]:
    made = Cable(target)
    thread = threading.Thread(target=made._loop.run_forever, name="cable", daemon=True)
    thread.start()
    made._call(made._open())
    try:
        yield made
    finally:
        made._call(made._close())
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(10)
        made._loop.close()


def lead_relay_through(product: Product, through: Cable, *, folder: str) -> None:
    """Let the relay of one gateway start again, connecting through the cable."""
    bootstrap = product.data / "edge" / folder / "bootstrap.toml"
    text = bootstrap.read_text()
    bootstrap.write_text(re.sub(r"(?m)^port = \d+$", f"port = {through.port}", text))
    thing = tomllib.loads(text)["thing"]
    os.kill(product.endpoints["processes"][f"edge:{thing}:relay"], signal.SIGKILL)


def cut(link: Cable, *, times: int, longest_s: float, draw: random.Random) -> None:
    """Cut and mend; between two cuts there is time to connect again, and not always to send everything."""
    for _ in range(times):
        connections = link.connections
        link.cut()
        time.sleep(draw.uniform(longest_s / 3, longest_s))
        link.mend()
        until(lambda seen=connections: link.connections > seen, within_s=60, what="the relay connected again")
        time.sleep(draw.uniform(0, longest_s / 2))
