"""What marks and closing speak of. Apart from `close`, so that ingest, which only marks, does not load it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DirtyHour:
    """One mark; `token` tells it from a mark that came while it was being worked on."""

    machine: str
    hour_s: int
    token: str
