"""What a driver must offer to be polled. One driver object = one source = one connection to one device.

A component's `__main__` is three lines:

    from greengrass_components.edge_kit.runtime import main
    from greengrass_components.focas.driver import open_driver
    main("focas", open_driver)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from cnc.domain.telemetry.facts import GOOD
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit.config import SourceConfig


class DriverError(Exception):
    """The device could not be reached or answered nonsense: this tick is unread, the connection is made anew."""


#: Facts by event type (`state`, `program`, `part`, `tool`, `override`), each the whole data of that event.
Facts = Mapping[str, Mapping[str, Any]]
#: Active alarms by a key that stays the same while one is active; each the data of an `alarm` event without `active`.
Alarms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A span of which the device lost what happened in it, and why (at most 40 characters)."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(slots=True)
class Reading:
    """One tick of one source.

    `values` are scaled integers in the order of the schema, None = could not be read. `facts` and `alarms` become
    events when they differ from the tick before; a driver that hands back the same object costs nothing. `unseen` is
    declared as not observed.
    """

    values: Sequence[int | None]
    quality: int = GOOD
    facts: Facts = field(default_factory=dict)
    alarms: Alarms = field(default_factory=dict)
    unseen: Sequence[Unseen] = ()


class Driver(Protocol):
    """All methods may raise DriverError or OSError; anything they wait for is cut off by the poll loop."""

    @property
    def schema(self) -> Schema | None:
        """The signals; None until the first `connect` when only the device knows them."""

    async def connect(self) -> Schema:
        """Open the connection and say what can be read."""

    async def read(self, *, tick_ms: int) -> Reading:
        """Everything, once, in as few requests as the device allows. `tick_ms` is the time of the row."""

    async def close(self) -> None:
        """Let go of the connection; may be called at any time, twice, and must not raise."""


@runtime_checkable
class Recovering(Protocol):
    """A driver whose device remembers: ticks that cannot be read wait, for at most 10 minutes, for its `recover`."""

    def recover(self, ticks: Sequence[int], *, now_ms: int) -> Sequence[Reading | None]:
        """After a connect and before the next `read`: one reading for each missed tick, None where none is known."""


OpenDriver = Callable[[SourceConfig], Driver]
