"""Values of the telemetry slice that others may hold: no behaviour."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Quality(IntEnum):
    """Quality of one row. An item that could not be read is None in its column."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    UNAVAILABLE = 3


GOOD: Final = 0
UNAVAILABLE: Final = 3


@dataclass(slots=True)
class Rows:
    """Rows of one source with contiguous seq and an equal period, as columns of scaled integers.

    `columns[i][k]` is signal i of row k divided by the signal's resolution, None = no value; `quality[k]` is that
    of row k. Row k has seq `first_seq + k` and time `t0_ms + k * period_ms`. `boot` has 8 bytes.
    """

    schema_hash: bytes
    boot: bytes
    first_seq: int
    t0_ms: int
    period_ms: int
    columns: list[list[int | None]]
    quality: list[int]
