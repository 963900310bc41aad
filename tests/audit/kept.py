"""A chain and anchors in memory, read by the services as those in tables are."""

from collections.abc import Iterator

from cnc.domain.audit.anchor import SignedAnchor
from cnc.domain.audit.entry import Entry


class KeptChain:
    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    def newest(self) -> Entry | None:
        return self.entries[-1] if self.entries else None

    def at(self, seq: int, /) -> Entry | None:
        return self.entries[seq - 1] if 0 < seq <= len(self.entries) else None

    def all(self, *, first: int = 1) -> Iterator[Entry]:
        return iter(self.entries[first - 1 :])

    def page(self, *, before: int, most: int) -> list[Entry]:
        return self.entries[max(before - 1 - most, 0) : before - 1][::-1]


class KeptAnchors:
    def __init__(self, *signed: SignedAnchor) -> None:
        self.signed = list(signed)

    def some(self, most: int, /) -> list[SignedAnchor]:
        return self.signed[:most]
