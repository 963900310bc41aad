"""A span: the rows of one future chunk, and where in the journal they lie."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from cnc.domain.telemetry.events import Event
from greengrass_components.edge_kit.records import Values

MINUTE_MS: Final = 60_000


class SpanState(IntEnum):
    """What the relay knows of the rows of a span that has no receipt yet."""

    FRESH = 0  # its minute has just ended; waits for the send phase
    UNSENT = 1  # never sent, or the store says that it is missing
    SENT = 2  # sent; whether it arrived only a receipt tells
    UNKNOWN = 3  # from before this process began: ask first
    SETTLED = 4  # has its receipt, or is declared as lost


class Place(NamedTuple):
    """A record in a journal: segment file name and offset; sorts in the order of writing."""

    segment: str
    offset: int


@dataclass(slots=True, eq=False)
class Span:
    """Rows `first … last` of one minute: contiguous seqs, equal period, one schema, so one chunk, whenever rebuilt.

    `after` = last seq of the span before it: events in (after, last] belong to this one. Records lie in
    [start, end) of the component's journal under `number`.
    """

    component: str
    source: str
    boot: str
    number: int
    schema_hash: bytes
    first: int
    last: int
    t0_ms: int
    period_ms: int
    after: int
    start: Place
    end: Place
    state: SpanState = SpanState.FRESH
    sent_s: float = 0.0

    @property
    def rows(self) -> int:
        return self.last - self.first + 1

    def time(self, seq: int) -> int:
        return self.t0_ms + (seq - self.first) * self.period_ms


@dataclass(slots=True, eq=False)
class Cut:
    """A span with its rows at hand."""

    span: Span
    values: list[Values]
    quality: list[int]
    events: list[Event] = field(default_factory=list)
