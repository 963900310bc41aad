"""One row as both sides of the proof see it: what a journal wrote, and what the store answers."""

from typing import NamedTuple


class Boot(NamedTuple):
    """One life of one source; `boot` is 16 hex digits."""

    source: str
    boot: str


class Row(NamedTuple):
    """`values` are the integers of the journal, in the order of the schema."""

    at_ms: int
    quality: int
    values: tuple[int | None, ...]


Lives = dict[Boot, dict[int, Row]]
