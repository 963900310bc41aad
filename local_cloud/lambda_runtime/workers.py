"""The dispatcher's line to the zygote: orders workers, hears of their end, connects again when the zygote restarts."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from local_cloud.cloud import Cloud

RECONNECT_S = 0.2


class Workers:
    """`on_ended(name)` is called for every worker that ended, whatever ended it."""

    def __init__(self, cloud: Cloud, *, on_ended: Callable[[str], None]) -> None:
        self._cloud = cloud
        self._on_ended = on_ended
        self._writer: asyncio.StreamWriter | None = None
        self._connected = asyncio.Event()
        self._alive: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        self._task = asyncio.create_task(self._keep_connected())

    async def start(self, name: str, *, environment: dict[str, str], paths: list[str], log: str) -> None:
        """Order a worker. Raises TimeoutError when the zygote does not come up."""
        async with asyncio.timeout(30):
            await self._connected.wait()
        self._alive.add(name)
        self._send({"start": name, "environment": environment, "paths": paths, "log": log})

    def kill(self, name: str) -> None:
        self._send({"kill": name})

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _send(self, order: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps(order).encode() + b"\n")

    async def _keep_connected(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._one_connection()
            self._lost()
            await asyncio.sleep(RECONNECT_S)

    async def _one_connection(self) -> None:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._cloud.ports.zygote)
        self._send({"key": self._cloud.service_credentials.secret_access_key})
        self._connected.set()
        while line := await reader.readline():
            self._end(json.loads(line)["ended"])

    def _lost(self) -> None:
        self._connected.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for name in list(self._alive):
            self._end(name)

    def _end(self, name: str) -> None:
        if name in self._alive:
            self._alive.discard(name)
            self._on_ended(name)
