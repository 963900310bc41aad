"""What the ingest use cases ask for. Every store belongs to the tenant that is acted for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.chunk import Header
from cnc.domain.telemetry.extent import Extent
from cnc.domain.telemetry.ranges import Range

#: Gateways with up to this many sources have no pointers to their newest rows, which would cost as much as the rows
#: themselves: their health says which machines to look at.
FEW_SOURCES = 2


class Assignment(NamedTuple):
    """What a gateway may speak for: its site, and the machine of each of its sources."""

    site: str
    machines: Mapping[str, str]


class Assignments(Protocol):
    def of(self, thing: str, *, fresh: bool = False) -> Assignment | None:
        """None for a gateway this tenant does not have. `fresh` reads past what was kept from an earlier call."""
        ...


class NewChunk(NamedTuple):
    """A checked chunk on its way into the store. `skew_ms` is not 0 when its times are far from the ingest clock."""

    machine: str
    source: str
    header: Header
    chunk: bytes
    events: bytes = b""
    skew_ms: int = 0


class Newest(NamedTuple):
    """Where the newest rows of a source are: enough to find their chunk again. `schema` is its hash in hex."""

    machine: str
    boot: str
    first: int
    rows: int
    t0_ms: int
    end_ms: int
    schema: str

    @property
    def order(self) -> tuple[str, int]:
        """What says which of two is newer; time never does."""
        return self.boot, self.first


class Pointers(NamedTuple):
    """Where the newest rows of a gateway are. `whole`: all of its sources are in it.

    `sent_ms` (the gateway's clock) orders messages that overtake each other, `received_ms` heals that clock's steps.
    """

    thing: str
    newest: Mapping[str, Newest]
    whole: bool
    sent_ms: int
    received_ms: int


class Chunks(Protocol):
    def put(self, chunks: Sequence[NewChunk], *, expires_at: datetime, pointers: Pointers | None = None) -> None:
        """Store chunks, each under the key of its rows, and then where the newest are."""
        ...

    def extents(
        self, machine: str, *, from_ms: int, to_ms: int, source: str, boot: str
    ) -> Sequence[tuple[Extent, bytes]]:
        """What a strongly consistent read finds whose chunk starts within the span, with its schema's hash."""
        ...


class Schemas(Protocol):
    def known(self, schema_hash: bytes) -> bool: ...
    def add(self, schema_hash: bytes, canonical: bytes) -> None: ...


class Rows(NamedTuple):
    """Rows by name, as far as a refused message still told them."""

    source: str
    boot: str = ""
    first: int = 0
    last: int = 0
    machine: str = ""


class Refusal(NamedTuple):
    """Why a message, or one source's part of it, was not stored."""

    reason: str
    rows: Rows | None = None


class Quarantine(Protocol):
    def keep(self, payload: bytes, *, thing: str, refusals: Sequence[Refusal], received_ms: int) -> None:
        """Keep the original bytes once, and a row per refusal."""
        ...

    def ranges(self, *, source: str, boot: str, received_from_ms: int) -> Sequence[Range]:
        """Rows of refused chunks, read strongly consistent."""
        ...


class DirtyHours(Protocol):
    def mark(self, hours: Sequence[tuple[str, int]]) -> None:
        """(machine, start of the hour in epoch seconds), to be derived again."""
        ...


class Receipts(Protocol):
    def answer(self, payload: bytes, *, origin: Origin) -> None: ...


class FanOut(Protocol):
    def machine_state(self, machine: str, payload: Mapping[str, object]) -> None: ...
    def live_signals(self, machine: str, payload: Mapping[str, object]) -> None: ...


class Recorded(NamedTuple):
    """What became of one message."""

    stored: int = 0
    refused: int = 0
    late_hours: int = 0
    skewed: int = 0
    refusals: tuple[Refusal, ...] = ()
