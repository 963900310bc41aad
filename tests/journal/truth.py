"""What was really written, and what a drain made of it: rows stored, rows declared lost, and nothing else."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnc.domain.telemetry.chunk import decode
from cnc.domain.telemetry.completeness import Completeness, Extent, completeness
from greengrass_components.edge_kit.journal import SourceJournal
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.reader import Reader
from greengrass_components.relay.rebuild import minutes_of
from greengrass_components.relay.spans import Cut

Life = tuple[str, str]
Row = tuple[int, int, tuple[int | None, ...]]
EVER_MS = 1 << 47


@dataclass
class Truth:
    """Rows by (source, boot) and seq: (time, quality, values)."""

    lives: dict[Life, dict[int, Row]] = field(default_factory=dict)

    def append(self, source: SourceJournal, at_ms: int, values: list[int | None], quality: int = 0) -> None:
        seq = source.append(at_ms, values, quality)
        life = self.lives.setdefault((source.id, source.journal.boot.hex()), {})
        assert seq == len(life) + 1
        life[seq] = (at_ms, quality, tuple(values))


@dataclass
class Drained:
    """What would have arrived: rows as the chunks hold them, and the ledgers of the last health message."""

    marks: Marks
    rows: dict[Life, dict[int, Row]] = field(default_factory=dict)
    extents: list[Extent] = field(default_factory=list)
    events: list[tuple[str, str, int, str]] = field(default_factory=list)
    doubled: int = 0

    def take(self, cut: Cut) -> None:
        """Store what is not stored yet, as a relay does that asks first, and give the receipt."""
        span = cut.span
        if not set(range(span.first, span.last + 1)) <= self.rows.get((span.source, span.boot), {}).keys():
            self._store(cut)
        ledger = self.marks.ledgers.get(span.source, span.boot)
        ledger.settle(stored=[(span.first, span.last)], quarantined=())

    def _store(self, cut: Cut) -> None:
        for minute in minutes_of(cut).minutes:
            rows = decode(minute.chunk)
            boot, count = rows.boot.hex(), len(rows.quality)
            life = self.rows.setdefault((minute.source, boot), {})
            self.extents.append(Extent(minute.source, boot, rows.first_seq, count, rows.t0_ms, rows.period_ms))
            for n, values in enumerate(zip(*rows.columns, strict=True)):
                self.doubled += rows.first_seq + n in life
                life[rows.first_seq + n] = (rows.t0_ms + n * rows.period_ms, rows.quality[n], values)
        self.events += [(event.source, event.boot, event.seq, event.type) for event in cut.events]

    def counts(self, life: Life) -> Completeness:
        ledger = self.marks.ledgers.find(*life)
        extents = [extent for extent in self.extents if (extent.source, extent.boot) == life]
        return completeness(extents, [ledger.health()] if ledger else [], 0, EVER_MS)


def drain(folder: Path, marks: Marks, *, wanted: Iterable[Life], before: Drained | None = None) -> Drained:
    """Read all journals below `folder` to their end and settle every span, the last minutes by force.

    `before` is what an earlier drain has stored.
    """
    drained = replace(deepcopy(before), marks=marks) if before else Drained(marks)
    reader = Reader(folder, marks, drained.take, lambda event: None)
    while reader.poll():
        pass
    reader.force(reader.silent(EVER_MS))
    reader.close()
    for life in wanted:
        marks.ledgers.get(*life)
    return drained


def differences(truth: Truth, drained: Drained, *, may_declare_more: bool = False) -> list[str]:
    """Everything that is not as it must be: produced = stored + declared, and a stored row is the row written."""
    wrong = [] if not drained.doubled else [f"{drained.doubled} rows twice"]
    for life, rows in truth.lives.items():
        stored, counts = drained.rows.get(life, {}), drained.counts(life)
        changed = [seq for seq, row in stored.items() if rows.get(seq) != row]
        enough = counts.produced >= len(rows) if may_declare_more else counts.produced == len(rows)
        if changed or counts.missing or not enough or counts.stored != len(stored):
            wrong.append(
                f"{life}: {len(rows)} written, {counts.produced} produced, {len(stored)} stored, "
                f"{counts.declared_gaps} declared, {counts.missing} missing, changed {changed[:3]}"
            )
    return wrong
