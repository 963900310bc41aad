"""The way to the cloud and back: one Protocol, two implementations (`mqtt_link`, `ipc_link`)."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from greengrass_components.edge_kit.config import Bootstrap

#: How long a QoS 1 publish may wait for its acknowledgement.
PUBLISH_TIMEOUT_S: Final = 20.0

#: Called with topic and payload, in the event loop of the process.
OnMessage = Callable[[str, bytes], None]


class LinkError(Exception):
    """A message was refused or not acknowledged in time; it may have arrived nevertheless."""


class Link(Protocol):
    """Reconnects by itself for as long as it is open."""

    @property
    def connected(self) -> bool:
        """Whether a publish has a chance now."""

    async def start(self, topics: Sequence[str], on_message: OnMessage, on_connected: Callable[[], None]) -> None:
        """Begin connecting; subscribe to `topics` at QoS 1 after every connect, then call `on_connected`."""

    async def publish(self, topic: str, payload: bytes) -> None:
        """QoS 1: returns when the broker has it. Raises LinkError."""

    async def close(self) -> None:
        """Disconnect, within seconds."""


def open_link(bootstrap: Bootstrap) -> Link:
    """The implementation the bootstrap names; its library is imported only then."""
    if bootstrap.link == "ipc":
        from greengrass_components.edge_kit.ipc_link import IpcLink

        return IpcLink()
    from greengrass_components.edge_kit.mqtt_link import MqttLink

    return MqttLink(bootstrap)
