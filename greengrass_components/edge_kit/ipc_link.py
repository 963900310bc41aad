"""Publish and subscribe through the Greengrass nucleus, over its IPC."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2
from awsiot.greengrasscoreipc.model import QOS, IoTCoreMessage

from greengrass_components.edge_kit.in_time import in_time
from greengrass_components.edge_kit.link import PUBLISH_TIMEOUT_S, LinkError, OnMessage

log = logging.getLogger(__name__)

RETRY_S: Final = 5.0


class IpcLink:
    """Connected = the nucleus answers; it spools what the cloud cannot take, and receipts tell what arrived."""

    def __init__(self, make_client: Callable[[], Any] = GreengrassCoreIPCClientV2) -> None:
        self._make_client = make_client
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None

    async def start(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        self._task = asyncio.create_task(self._connect(topics, on_message, on_connected), name="ipc")

    async def _connect(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()

        def received(event: IoTCoreMessage) -> None:
            message = event.message
            if message is not None:
                loop.call_soon_threadsafe(on_message, message.topic_name or "", bytes(message.payload or b""))

        def subscribe() -> Any:
            client = self._make_client()
            for topic in topics:
                client.subscribe_to_iot_core(
                    topic_name=topic, qos=QOS.AT_LEAST_ONCE, on_stream_event=received, on_stream_error=_log_error
                )
            return client

        while self._client is None:
            try:
                self._client = await asyncio.to_thread(subscribe)
            except Exception as error:  # noqa: BLE001  the client raises whatever its socket and the nucleus raise
                log.warning("the nucleus does not answer: %s", error)
                await asyncio.sleep(RETRY_S)
        on_connected()

    async def publish(self, topic: str, payload: bytes) -> None:
        client = self._client
        if client is None:
            raise LinkError(f"{topic}: not connected")
        future = client.publish_to_iot_core_async(topic_name=topic, qos=QOS.AT_LEAST_ONCE, payload=payload)
        try:
            await in_time(PUBLISH_TIMEOUT_S, asyncio.wrap_future(future))
        except Exception as error:
            raise LinkError(f"{topic}: {error or 'no acknowledgement'}") from error

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.close)


def _log_error(error: Exception) -> bool:
    log.error("subscription stream: %s", error)
    return False
