"""Answer a gateway's question what of its rows is stored, from strongly consistent reads and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cnc.domain.base.clock import Clock, to_ms
from cnc.domain.base.errors import MalformedMessage
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.extent import Extent
from cnc.domain.telemetry.health import HealthMessage, health_from
from cnc.domain.telemetry.ranges import intersect, merge, subtract
from cnc.domain.telemetry.receipt import Answer, Ask, pack_answers, unpack_asks
from cnc.services.ingest.ports import Assignments, Chunks, Quarantine, Receipts, Refusal, Schemas
from cnc.services.ingest.quarantine import assigned, malformed

#: A chunk starts at most this long before its first row asked for, and steps of the gateway's clock are small.
NEIGHBOURHOOD_MS = 60_000
#: Refused messages are looked for from this long before the rows' own time on.
QUARANTINE_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ReceiptStores:
    assignments: Assignments
    chunks: Chunks
    schemas: Schemas
    quarantine: Quarantine
    receipts: Receipts


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers given, and how long ago the oldest rows began that were asked for and are still missing.

    `health` rode along with the question and is still to be recorded.
    """

    answers: tuple[Answer, ...] = ()
    missing_for_s: float = 0.0
    health: HealthMessage | None = None


def answer_receipt(
    payload: bytes, *, origin: Origin, received_ms: int, stores: ReceiptStores, clock: Clock
) -> Answered:
    """Publish one answer per ask to the gateway that asked.

    A question that cannot be read goes to quarantine and gets no answer: the gateway asks again.
    A source that is not the gateway's is answered like one without any rows.
    """
    try:
        question = unpack_asks(payload)
    except MalformedMessage as error:
        malformed(payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms)
        return Answered()
    asks = question.asks
    sources = [ask.source for ask in asks]
    assignment = assigned(stores.assignments, thing=origin.thing, site=origin.site, sources=sources)
    if isinstance(assignment, Refusal):
        stores.quarantine.keep(payload, thing=origin.thing, refusals=[assignment], received_ms=received_ms)
        return Answered()
    now_ms = to_ms(clock())
    answers = [_answer(ask, machine=assignment.machines.get(ask.source), stores=stores, now_ms=now_ms) for ask in asks]
    stores.receipts.answer(pack_answers(question.request, answers), origin=origin)
    waiting = [ask.from_ms for ask, answer in zip(asks, answers, strict=True) if answer.missing]
    missing_for_s = max(0, now_ms - min(waiting, default=now_ms)) / 1000
    try:
        health = None if question.health is None else health_from(question.health)
    except MalformedMessage as error:
        malformed(payload, error=error, thing=origin.thing, quarantine=stores.quarantine, received_ms=received_ms)
        health = None
    return Answered(tuple(answers), missing_for_s, health)


def _answer(ask: Ask, *, machine: str | None, stores: ReceiptStores, now_ms: int) -> Answer:
    asked = [(ask.first, ask.last)]
    extents = [] if machine is None else _stored(ask, machine=machine, chunks=stores.chunks)
    stored = intersect(asked, merge((extent.first, extent.last) for extent, _ in extents))
    left = subtract(asked, stored)
    quarantined = []
    if left:
        since_ms = max(0, min(ask.from_ms, now_ms) - QUARANTINE_BEFORE // timedelta(milliseconds=1))
        refused = stores.quarantine.ranges(source=ask.source, boot=ask.boot, received_from_ms=since_ms)
        quarantined = intersect(left, refused)
    hashes = dict.fromkeys(schema_hash for _, schema_hash in extents)
    return Answer(
        source=ask.source,
        boot=ask.boot,
        stored=tuple(stored),
        quarantined=tuple(quarantined),
        missing=tuple(subtract(left, quarantined)),
        unknown_schemas=tuple(value.hex() for value in hashes if not stores.schemas.known(value)),
    )


def _stored(ask: Ask, *, machine: str, chunks: Chunks) -> Sequence[tuple[Extent, bytes]]:
    low, high = sorted((ask.from_ms, ask.to_ms))
    return chunks.extents(
        machine,
        from_ms=max(0, low - NEIGHBOURHOOD_MS),
        to_ms=high + NEIGHBOURHOOD_MS,
        source=ask.source,
        boot=ask.boot,
    )
