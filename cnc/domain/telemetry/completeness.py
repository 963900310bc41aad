"""The ledger of rows: produced = stored + declared gaps + missing, exactly, for any span of time.

Every seq from 1 to the high-water gets exactly one time, so spans that touch add up:
- a stored row has the time its chunk says;
- a row of a declared gap lies between the gap's two times, evenly;
- a missing row lies between its nearest neighbours with a known time, evenly: stored rows, gaps, row 1 of the
  ledger (`first_at_ms`) and its high-water (`produced`, `produced_at_ms`).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnc.domain.telemetry.extent import Extent
from cnc.domain.telemetry.health import Gap, SourceHealth
from cnc.domain.telemetry.ranges import subtract

__all__ = ["Completeness", "Extent", "completeness"]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Counts of rows; `missing` above 0 is an alarm. `duplicates` = copies of a stored row beyond the first."""

    produced: int = 0
    stored: int = 0
    declared_gaps: int = 0
    missing: int = 0
    duplicates: int = 0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """Times of seqs by two of them: (a, at) and (b, bt); a < b, but for a single row."""

    a: int
    b: int
    at: int
    bt: int

    def time(self, seq: int) -> int:
        if self.a == self.b:
            return self.at
        return self.at + (self.bt - self.at) * (seq - self.a) // (self.b - self.a)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows `first … last`, all on one line; it falls only after a step of the clock."""

    first: int
    last: int
    line: _Line

    @property
    def t_first(self) -> int:
        return self.line.time(self.first)

    @property
    def t_last(self) -> int:
        return self.line.time(self.last)

    def count(self, from_ms: int, to_ms: int) -> int:
        """How many of its rows have a time in [from_ms, to_ms)."""
        falling = self.t_last < self.t_first
        time = self.line.time
        key: Callable[[int], int] = (lambda seq: -time(seq)) if falling else time
        low, high = (1 - to_ms, 1 - from_ms) if falling else (from_ms, to_ms)
        seqs = range(self.first, self.last + 1)
        return bisect_left(seqs, high, key=key) - bisect_left(seqs, low, key=key)


def completeness(extents: Iterable[Extent], ledger: Iterable[SourceHealth], from_ms: int, to_ms: int) -> Completeness:
    """Counts for rows with `from_ms <= time < to_ms`, over all sources and boots given.

    `extents` must hold the chunks that touch the span and, for exact borders, one neighbour before and after it
    of each (source, boot); further ones change nothing. A boot without ledger counts what is stored.
    """
    stored: dict[tuple[str, str], list[Extent]] = defaultdict(list)
    for extent in extents:
        stored[extent.source, extent.boot].append(extent)
    ledgers = {(entry.source, entry.boot): entry for entry in ledger}
    parts = [
        _of_boot(stored.get(boot, []), ledgers.get(boot), from_ms, to_ms)
        for boot in sorted(stored.keys() | ledgers.keys())
    ]
    return Completeness(
        produced=sum(part.produced for part in parts),
        stored=sum(part.stored for part in parts),
        declared_gaps=sum(part.declared_gaps for part in parts),
        missing=sum(part.missing for part in parts),
        duplicates=sum(part.duplicates for part in parts),
        gaps=tuple(gap for part in parts for gap in part.gaps),
    )


def _of_boot(extents: list[Extent], ledger: SourceHealth | None, from_ms: int, to_ms: int) -> Completeness:
    fresh, copies = _stored_pieces(extents)
    gaps = _gap_pieces(ledger.gaps if ledger else (), fresh)
    known = sorted([*fresh, *(piece for piece, _ in gaps)], key=lambda piece: piece.first)
    missing = _missing_pieces(known, ledger)
    stored_count, missing_count, copy_count = (
        sum(piece.count(from_ms, to_ms) for piece in pieces) for pieces in (fresh, missing, copies)
    )
    gap_count = sum(piece.count(from_ms, to_ms) for piece, _ in gaps)
    seen = tuple(gap for piece, gap in gaps if piece.count(from_ms, to_ms))
    produced = stored_count + gap_count + missing_count
    return Completeness(produced, stored_count, gap_count, missing_count, copy_count, seen)


def _stored_pieces(extents: list[Extent]) -> tuple[list[_Piece], list[_Piece]]:
    """The first copy of every row, and the further copies."""
    fresh, copies = [], []
    covered = 0
    for extent in sorted(extents, key=lambda e: (e.first, e.t0_ms, e.rows)):
        line = _Line(extent.first, extent.last, extent.t0_ms, extent.t0_ms + (extent.rows - 1) * extent.period_ms)
        if covered < extent.last:
            fresh.append(_Piece(max(extent.first, covered + 1), extent.last, line))
        if extent.first <= covered:
            copies.append(_Piece(extent.first, min(extent.last, covered), line))
        covered = max(covered, extent.last)
    return fresh, copies


def _gap_pieces(gaps: Sequence[Gap], fresh: list[_Piece]) -> list[tuple[_Piece, Gap]]:
    """What of the declared gaps is not stored after all, every row once."""
    taken = [(piece.first, piece.last) for piece in fresh]
    pieces = []
    for gap in sorted(gaps, key=lambda gap: (gap.first, gap.last)):
        line = _Line(gap.first, gap.last, gap.from_ms, gap.to_ms)
        for first, last in subtract([(gap.first, gap.last)], taken):
            pieces.append((_Piece(first, last, line), gap))
            taken.append((first, last))
    return pieces


def _missing_pieces(known: list[_Piece], ledger: SourceHealth | None) -> list[_Piece]:
    """What lies between the known pieces, below the first and up to the ledger's high-water."""
    missing = [
        _Piece(before.last + 1, after.first - 1, _Line(before.last, after.first, before.t_last, after.t_first))
        for before, after in pairwise(known)
        if after.first > before.last + 1
    ]
    if ledger is None or not ledger.produced:
        return missing
    high, high_ms = ledger.produced, ledger.produced_at_ms
    if not known:
        return [_Piece(1, high, _Line(1, high, ledger.first_at_ms, high_ms))]
    head, tail = known[0], known[-1]
    if head.first > 1:
        missing.append(_Piece(1, head.first - 1, _Line(1, head.first, ledger.first_at_ms, head.t_first)))
    if high > tail.last:
        missing.append(_Piece(tail.last + 1, high, _Line(tail.last, high, tail.t_last, high_ms)))
    return missing
