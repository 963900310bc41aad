"""Which rows a stored chunk holds. Apart from `completeness`, so that ingest need not load what it never does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """A stored chunk without its values. `boot` is 16 hex digits."""

    source: str
    boot: str
    first: int
    rows: int
    t0_ms: int
    period_ms: int

    @property
    def last(self) -> int:
        """Seq of the last row."""
        return self.first + self.rows - 1
