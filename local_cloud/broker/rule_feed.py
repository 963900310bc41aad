"""Hands every published message to the rules engine: at least once, over a link that may break at any time."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from local_cloud.broker.faults import Faults, Shaken
from local_cloud.broker.messages import Message
from local_cloud.rules.frames import ACK, Frame

log = logging.getLogger(__name__)
MAX_WAITING_BYTES = 64 * 1024 * 1024
RETRY_S = 0.2


class Feed:
    """Keeps a message until the rules engine acknowledged it and sends it again after a reconnect."""

    def __init__(self, port: int, faults: Faults) -> None:
        self.port = port
        self.number = 0
        self.waiting: OrderedDict[int, bytes] = OrderedDict()
        self.waiting_bytes = 0
        self.writer: asyncio.StreamWriter | None = None
        self.lane: Shaken[bytes] = Shaken(faults, self._write, self._later)

    def put(self, message: Message, *, rule: str | None, client_id: str, received_ms: int, principal: str = "") -> bool:
        if self.waiting_bytes > MAX_WAITING_BYTES:
            return False
        self.number += 1
        frame = Frame(self.number, rule, message.topic, client_id, received_ms, message.payload, principal).encode()
        self.waiting[self.number] = frame
        self.waiting_bytes += len(frame)
        if message.qos:
            self.lane.put(frame)
        else:
            self._write(frame)
        return True

    async def run(self) -> None:
        """Connects for ever; ends when cancelled."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(RETRY_S)
                continue
            try:
                await self._serve(reader, writer)
            except (OSError, asyncio.IncompleteReadError) as lost:
                log.warning("link to the rules engine lost, %d messages wait: %s", len(self.waiting), lost)
            finally:
                self.writer = None
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
            await asyncio.sleep(RETRY_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # No await here: what is published from now on follows what waited.
        for frame in self.waiting.values():
            writer.write(frame)
        self.writer = writer
        while True:
            (number,) = ACK.unpack(await reader.readexactly(ACK.size))
            frame = self.waiting.pop(number, b"")
            self.waiting_bytes -= len(frame)

    def _write(self, frame: bytes) -> None:
        if self.writer is not None and not self.writer.is_closing():
            self.writer.write(frame)

    @staticmethod
    def _later(delay_s: float, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(delay_s, call)
