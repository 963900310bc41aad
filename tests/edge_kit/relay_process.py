"""`python -m tests.edge_kit.relay_process SOCKET FOLDER`: a relay whose link ends in the test, to be killed.

Frames both ways: `[ topic length 2b ][ payload length 4b ][ topic ][ payload ]`; the test answers each with 1 byte.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from struct import Struct

from greengrass_components.edge_kit.link import LinkError, OnMessage
from greengrass_components.edge_kit.pace import WallPace
from greengrass_components.edge_kit.runtime import start_logging, stop_on_signals
from greengrass_components.relay import outbox
from greengrass_components.relay.relay import open_relay
from tests.edge_kit.fakes import bootstrap

HEAD = Struct("<HI")


async def read_frame(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    topic, payload = HEAD.unpack(await reader.readexactly(HEAD.size))
    return (await reader.readexactly(topic)).decode(), await reader.readexactly(payload)


def frame(topic: str, payload: bytes) -> bytes:
    return HEAD.pack(len(topic), len(payload)) + topic.encode() + payload


class SocketLink:
    """One connection; publishes are acknowledged by a frame with the topic "ack"."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.connected = False
        self._acks: asyncio.Queue[None] = asyncio.Queue()
        self._turn = asyncio.Lock()

    async def start(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        reader, self._writer = await asyncio.open_unix_connection(self.path)
        self._task = asyncio.create_task(self._receive(reader, on_message))
        self.connected = True
        on_connected()

    async def _receive(self, reader: asyncio.StreamReader, on_message: OnMessage) -> None:
        while True:
            topic, payload = await read_frame(reader)
            if topic == "ack":
                self._acks.put_nowait(None)
            else:
                on_message(topic, payload)

    async def publish(self, topic: str, payload: bytes) -> None:
        async with self._turn:
            self._writer.write(frame(topic, payload))
            try:
                await asyncio.wait_for(self._acks.get(), 5)
            except TimeoutError as error:
                raise LinkError(topic) from error

    async def close(self) -> None:
        self.connected = False
        self._task.cancel()
        self._writer.close()


async def main() -> None:
    start_logging()
    outbox.PAUSE_S = 0.0
    relay = open_relay(bootstrap(Path(sys.argv[2])), link=SocketLink(sys.argv[1]), pace=WallPace())
    relay.receipts.every_s = relay.receipts.settle_s = relay.receipts.grace_s = 0.1
    relay.receipts.answer_timeout_s = 0.5
    relay.health_every_s = 0.2
    await relay.run(stop_on_signals())


if __name__ == "__main__":
    asyncio.run(main())
