"""What is read from one server and what becomes of it: nodes by role, and columns made of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua

from cnc.domain.base.errors import BadValue
from cnc.domain.telemetry.schema import Schema, Signal, Value

#: Values of one tick by role; None for what could not be read.
Raw = Mapping[str, Any]

PROGRAM_NAME = "program.name"
"""Role of the name of the running program: free text, which travels as an event."""


@dataclass(frozen=True, slots=True)
class Column:
    """One signal; a value outside `low`..`high` (in its unit) is physically impossible and never stored."""

    signal: Signal
    value: Callable[[Raw], Value]
    low: float = float("-inf")
    high: float = float("inf")

    def scaled(self, raw: Raw) -> int | None:
        """What a row holds; None when it cannot be made of `raw`, or is not believable."""
        try:
            value = self.value(raw)
            if value is None or (not isinstance(value, str) and not self.low <= value <= self.high):
                return None
            return self.signal.scaled(value)
        except (BadValue, TypeError, ValueError, OverflowError):
            return None  # the server sent another type than the node had at first


@dataclass(frozen=True, slots=True)
class Model:
    """`events` is the node whose alarms are this machine's."""

    nodes: Mapping[str, ua.NodeId] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    events: ua.NodeId = field(default_factory=lambda: ua.NodeId(ua.ObjectIds.Server))

    def with_more(self, other: "Model") -> "Model":
        """This one and what `other` adds; where both have a signal, the other's holds."""
        keys = {column.signal.key for column in other.columns}
        kept = tuple(column for column in self.columns if column.signal.key not in keys)
        return Model({**self.nodes, **other.nodes}, (*kept, *other.columns), self.events)

    @property
    def schema(self) -> Schema:
        """Raises BadValue for no signal, or too many."""
        return Schema(tuple(column.signal for column in self.columns))
