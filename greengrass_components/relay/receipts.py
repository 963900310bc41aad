"""Asking what is stored. Nothing is ever sent again but what an answer says is missing."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.receipt import Answer, Ask, pack_asks, unpack_answers
from greengrass_components.edge_kit.config import Bootstrap
from greengrass_components.edge_kit.link import Link, LinkError
from greengrass_components.relay.ledger import Ledger
from greengrass_components.relay.marks import Marks
from greengrass_components.relay.outbox import KEPT_FOR_FRESH, Outbox
from greengrass_components.relay.report import Report, Reporter
from greengrass_components.relay.spans import Span, SpanState

log = logging.getLogger(__name__)

#: A message needs this long to be stored; asking earlier would only hear "missing".
SETTLE_S: Final = 5.0
#: Missing rows that were sent less than this ago may still be on their way and are asked for again.
GRACE_S: Final = 20.0
ANSWER_TIMEOUT_S: Final = 10.0
MAX_SPANS_PER_ASK: Final = 240
MAX_SPANS: Final = 1000
MAX_ASKS: Final = 200
#: The store looks through all the time an ask covers.
STEP_MS: Final = 3_600_000


@dataclass(slots=True)
class Receipts:
    """One question at a time; an unanswered one is asked again, later each time."""

    bootstrap: Bootstrap
    link: Link
    marks: Marks
    outbox: Outbox
    reporter: Reporter
    #: The report that is due, to ride with the next question.
    rider: Callable[[], Report | None]
    every_s: float = 300.0
    settle_s: float = SETTLE_S
    grace_s: float = GRACE_S
    answer_timeout_s: float = ANSWER_TIMEOUT_S
    _request: str = ""
    _asked_s: float = 0.0
    _next_s: float = 0.0
    _not_before_s: float = 0.0
    _unanswered: int = 0
    _count: int = 0
    _prefix: str = field(default_factory=lambda: f"r{time.time_ns():x}")

    async def step(self) -> None:
        """Ask when it is time to; call a few times a second."""
        now = time.monotonic()
        if not self.link.connected or now < self._not_before_s or (self._request and not self._given_up(now)):
            return
        if not (now >= self._next_s or self._urgent()):
            return
        asks = list(self._asks(now))
        if not asks:
            if now >= self._next_s:
                self._next_s = now + min(self.every_s, self.settle_s)
            return
        self._count += 1
        self._request, self._asked_s = f"{self._prefix}-{self._count}", now
        self._next_s = now + self.every_s
        report = self.rider()
        question = pack_asks(self._request, asks, report.message if report else None)
        try:
            await self.link.publish(self.bootstrap.up("receipt"), question)
        except LinkError as error:
            log.warning("receipt: %s", error)
        else:
            if report:
                self.reporter.taken(report)

    def answer(self, payload: bytes) -> None:
        """Take an answer. What is stored is stored, whoever asked; "missing" is believed of the last question only."""
        try:
            request, answers = unpack_answers(payload)
        except MalformedMessage as error:
            log.error("receipt: %s", error)
            return
        current = request == self._request
        if current:
            self._request, self._unanswered = "", 0
            self._not_before_s = time.monotonic() + 0.5
        for answer in answers:
            ledger = self.marks.ledgers.find(answer.source, answer.boot)
            if ledger:
                self._take(ledger, answer, current=current)

    def _take(self, ledger: Ledger, answer: Answer, *, current: bool) -> None:
        settled = ledger.settle(stored=answer.stored, quarantined=answer.quarantined)
        unknown = set(answer.unknown_schemas)
        self.marks.schemas |= {span.schema_hash.hex() for span in settled} - unknown
        self.marks.schemas -= unknown
        self.marks.dirty = True
        now = time.monotonic()
        for span in ledger.overlapping(answer.missing) if current else ():
            if span.state == SpanState.UNKNOWN or (span.state == SpanState.SENT and now - span.sent_s > self.grace_s):
                self.outbox.put_unsent(span)

    def _given_up(self, now: float) -> bool:
        """Whether the last question has waited long enough for its answer."""
        wait_s = min(self.answer_timeout_s * 2**self._unanswered, max(self.every_s, self.answer_timeout_s))
        if now - self._asked_s < wait_s:
            return False
        log.warning("receipt: no answer within %.0f s", wait_s)
        self._request = ""
        self._unanswered = min(self._unanswered + 1, 8)
        self._next_s = now
        return True

    def _urgent(self) -> bool:
        """Whether sending, or knowing what to send, waits for an answer."""
        full = self.outbox.places() <= KEPT_FOR_FRESH
        if full or self.outbox.backlog_on_the_way:
            return True
        return any(span.state == SpanState.UNKNOWN for span in self.marks.ledgers.unsettled())

    def _asks(self, now: float) -> Iterator[Ask]:
        spans = asks = 0
        for ledger in list(self.marks.ledgers.of.values()):
            wanted = sorted(ledger.asked_for(before_s=now - self.settle_s), key=lambda span: span.first)
            for run in _runs(wanted):
                if spans + len(run) > MAX_SPANS or asks >= MAX_ASKS:
                    return
                spans, asks = spans + len(run), asks + 1
                first, last = run[0], run[-1]
                times = [span.t0_ms for span in run] + [span.time(span.last) for span in run]
                yield Ask(ledger.source, ledger.boot, first.first, last.last, min(times), max(times))


def _runs(spans: list[Span]) -> Iterator[list[Span]]:
    """Spans whose seqs follow each other, in pieces of a few hours; a step of the clock ends one."""
    run: list[Span] = []
    for span in spans:
        stepped = bool(run) and abs(span.t0_ms - run[-1].time(run[-1].last)) > STEP_MS
        if run and (stepped or span.first != run[-1].last + 1 or len(run) >= MAX_SPANS_PER_ASK):
            yield run
            run = []
        run.append(span)
    if run:
        yield run
