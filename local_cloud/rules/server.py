"""The rules process: takes frames from the broker, runs rules, acknowledges what was handed on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from local_cloud.rules.frames import ACK, BadFrame, Frame, read_frame

log = logging.getLogger(__name__)
MAX_IN_FLIGHT = 64  # more are not read: the broker keeps them


class RulesServer:
    """Listens on loopback; `handle` is the engine. `port` is known after `start`."""

    def __init__(self, handle: Callable[[Frame], Awaitable[None]]) -> None:
        self.handle = handle
        self.room = asyncio.Semaphore(MAX_IN_FLIGHT)
        self.tasks: set[asyncio.Task[None]] = set()
        self.writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def start(self, port: int) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.server.close()
        for writer in self.writers:
            writer.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while True:
                frame = await read_frame(reader)
                await self.room.acquire()
                task = asyncio.create_task(self._one(frame, writer))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        except BadFrame as bad:
            log.warning("%s", bad)
        except (OSError, asyncio.IncompleteReadError):
            log.info("the broker closed its link")
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _one(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        try:
            await self.handle(frame)
            if not writer.is_closing():
                writer.write(ACK.pack(frame.number))
        except Exception:
            log.exception("message on %s failed", frame.topic)
            writer.write(ACK.pack(frame.number))
        finally:
            self.room.release()
