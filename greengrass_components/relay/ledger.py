"""The ledger of one boot of one source: what it produced, what has a receipt, what is lost and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.telemetry.health import Gap, SourceHealth, Unobserved
from cnc.domain.telemetry.ranges import Ranges, covers, intersect, merge, subtract, touches
from greengrass_components.relay.spans import Span, SpanState

#: How often a boot that is over and settled is still reported; health has no receipt.
LAST_REPORTS: Final = 20
MAX_DECLARED: Final = 1000


@dataclass(slots=True)
class Ledger:
    """`produced` counts rows offered for sending; `read` the rows seen in the journal, which is ahead by a minute."""

    source: str
    boot: str
    first_at_ms: int = 0
    produced: int = 0
    produced_at_ms: int = 0
    read: int = 0
    read_at_ms: int = 0
    stored: Ranges = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unobserved: list[Unobserved] = field(default_factory=list)
    spans: dict[int, Span] = field(default_factory=dict)
    reports_left: int = LAST_REPORTS

    def note_row(self, seq: int, at_ms: int, period_ms: int) -> None:
        """A row was read from the journal. A jump of seq that nothing declares is a gap: damage of the journal."""
        if seq <= self.read:
            return
        if self.read == 0 and not self.first_at_ms:
            self.first_at_ms = max(0, at_ms - (seq - 1) * period_ms)
        if seq > self.read + 1:
            for first, last in subtract([(self.read + 1, seq - 1)], self._settled()):
                times = [max(0, at_ms - (seq - lost) * period_ms) for lost in (first, last)]
                self.declare(Gap(first, last, "journal_damaged", *times))
        self.read, self.read_at_ms = seq, at_ms

    def note_end(self, last: int, at_ms: int, period_ms: int, reason: str) -> None:
        """The boot is over and had rows up to `last`: what was not read of it by now is lost."""
        if last <= self.read:
            return
        if not self.first_at_ms:
            self.first_at_ms = max(0, at_ms - (last - 1) * period_ms)
        for first, until in subtract([(self.read + 1, last)], self._settled()):
            times = [max(0, at_ms - (last - seq) * period_ms) for seq in (first, until)]
            self.declare(Gap(first, until, reason, *times))
        self.read, self.read_at_ms = last, at_ms

    def declare(self, gap: Gap) -> None:
        """Note a gap once."""
        if gap in self.gaps:
            return
        self.gaps.append(gap)
        if gap.last > self.produced and gap.last > self.read:
            self.produced, self.produced_at_ms = gap.last, gap.to_ms
        self.reports_left = LAST_REPORTS

    def declare_unobserved(self, span: Unobserved) -> None:
        """Note a span once; only the newest thousand are kept."""
        if span not in self.unobserved:
            self.unobserved = [*self.unobserved, span][-MAX_DECLARED:]

    def offer(self, span: Span) -> None:
        """Rows up to the end of `span` count as produced from now on."""
        if span.last > self.produced:
            self.produced, self.produced_at_ms = span.last, span.time(span.last)
            self.reports_left = LAST_REPORTS

    def is_settled(self, span: Span) -> bool:
        """Whether no row of the span needs a receipt any more."""
        return covers(span.first, span.last, self._settled())

    def doubt(self, span: Span) -> None:
        """Forget receipts: the store may have been restored from a backup."""
        self.stored = subtract(self.stored, [(span.first, span.last)])

    def split(self, span: Span, pieces: Iterable[Span]) -> None:
        """Only the rows of `pieces` are left of a span; the others are declared as lost."""
        del self.spans[span.first]
        span.state = SpanState.SETTLED
        pieces = list(pieces)
        for first, last in subtract([(span.first, span.last)], [(piece.first, piece.last) for piece in pieces]):
            self.declare(Gap(first, last, "journal_damaged", span.time(first), span.time(last)))
        self.spans |= {piece.first: piece for piece in pieces}

    def settle(self, *, stored: Iterable[tuple[int, int]], quarantined: Iterable[tuple[int, int]]) -> list[Span]:
        """Take an answer; the spans that need no further one. Quarantined rows become declared gaps."""
        stored, quarantined = list(stored), list(quarantined)
        self.stored = merge([*self.stored, *stored])
        for span in self.overlapping(quarantined):
            for first, last in intersect([(span.first, span.last)], quarantined):
                self.declare(Gap(first, last, "quarantined", span.time(first), span.time(last)))
        settled = self._settled()
        done = [span for span in self.overlapping([*stored, *quarantined]) if covers(span.first, span.last, settled)]
        for span in done:
            del self.spans[span.first]
            span.state = SpanState.SETTLED
        return done

    def overlapping(self, ranges: Iterable[tuple[int, int]]) -> list[Span]:
        """Spans without receipt that have a row in `ranges`."""
        wanted = merge(ranges)
        return [span for span in self.spans.values() if touches(span.first, span.last, wanted)] if wanted else []

    def asked_for(self, *, before_s: float) -> Iterator[Span]:
        """Spans only a receipt can tell of, sent before `before_s`."""
        for span in self.spans.values():
            if span.state == SpanState.UNKNOWN or (span.state == SpanState.SENT and span.sent_s < before_s):
                yield span

    def health(self) -> SourceHealth:
        """What a health message says."""
        at_ms = self.produced_at_ms or self.first_at_ms
        return SourceHealth(
            self.source,
            self.boot,
            self.produced,
            at_ms,
            self.first_at_ms or at_ms,
            tuple(self.gaps[-MAX_DECLARED:]),
            tuple(self.unobserved),
        )

    def _settled(self) -> Ranges:
        """Rows that are stored or declared as lost."""
        return merge([*self.stored, *((gap.first, gap.last) for gap in self.gaps)])


@dataclass(slots=True)
class Ledgers:
    """All ledgers of a gateway, by (source, boot)."""

    of: dict[tuple[str, str], Ledger] = field(default_factory=dict)

    def get(self, source: str, boot: str) -> Ledger:
        """The ledger, begun when there is none."""
        key = (source, boot)
        found = self.of.get(key)
        if found is None:
            found = self.of[key] = Ledger(source, boot)
        return found

    def find(self, source: str, boot: str) -> Ledger | None:
        return self.of.get((source, boot))

    def newest_boots(self) -> dict[str, str]:
        """The newest boot of every source."""
        newest: dict[str, str] = {}
        for source, boot in self.of:
            newest[source] = max(newest.get(source, ""), boot)
        return newest

    def reportable(self) -> list[Ledger]:
        """Ledgers a health message must hold: current, unsettled, or not reported often enough since they changed."""
        newest = self.newest_boots()
        return [
            ledger
            for (source, boot), ledger in self.of.items()
            if boot == newest[source] or ledger.spans or ledger.reports_left > 0
        ]

    def reported(self, ledgers: Iterable[Ledger]) -> None:
        """Note that a health message was taken by the broker; forget boots that are over for good."""
        newest = self.newest_boots()
        for ledger in ledgers:
            ledger.reports_left -= 1
            over = ledger.boot != newest[ledger.source] and not ledger.spans and ledger.reports_left <= 0
            if over and ledger.produced >= ledger.read:
                self.of.pop((ledger.source, ledger.boot), None)  # two reports may be on the way at once

    def unsettled(self) -> Iterator[Span]:
        """All spans without receipt."""
        for ledger in self.of.values():
            yield from ledger.spans.values()
