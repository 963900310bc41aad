"""Health of a gateway: what its journals produced (the ledger), what they lost, what they did not observe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.wire import Fields, dumps, fields, loads

MAX_SOURCES: Final = 1000
MAX_GAPS: Final = 2000


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows `first … last` that will never arrive, and why; `from_ms … to_ms` are the times of those two rows.

    Reasons: `power_cut`, `disk_full`, `disk_error`, `journal_damaged`, `quarantined`, `not_storable`; more may follow.
    """

    first: int
    last: int
    reason: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Unobserved:
    """Time in which no row was made, and why (`not_running`, `clock_step`, `suspended`, `events_lost`)."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Ledger of one boot of one source.

    `produced` = highest seq that is durable, `produced_at_ms` the time of that row, `first_at_ms` that of row 1;
    while `produced` is 0 both are the time at which the boot began.
    """

    source: str
    boot: str
    produced: int
    produced_at_ms: int
    first_at_ms: int
    gaps: tuple[Gap, ...] = ()
    unobserved: tuple[Unobserved, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthMessage:
    """`components` maps a component to its state (`running`, `waiting`, `failing`, `stopped`)."""

    sent_ms: int
    config_version: int
    components: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[SourceHealth, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def pack_health(message: HealthMessage) -> bytes:
    """JSON of the edge_health channel."""
    return dumps(health_to(message))


def unpack_health(data: bytes) -> HealthMessage:
    """Raises MalformedMessage."""
    return health_from(loads(data))


def health_to(message: HealthMessage) -> dict[str, Any]:
    """The JSON object of a health message."""
    return {
        "v": 1,
        "sent_ms": message.sent_ms,
        "config_version": message.config_version,
        "components": dict(message.components),
        "versions": dict(message.versions),
        "sources": [source_health_to(source) for source in message.sources],
    }


def health_from(document: Any) -> HealthMessage:
    """Raises MalformedMessage."""
    message = fields(document)
    if message.of.get("v") != 1:
        raise MalformedMessage(seen=str(message.of.get("v"))[:40], expected='"v": 1')
    return HealthMessage(
        sent_ms=message.ms("sent_ms"),
        config_version=message.integer("config_version"),
        components=_texts(message, "components"),
        sources=tuple(source_health_from(row) for row in message.items("sources", limit=MAX_SOURCES)),
        versions=_texts(message, "versions"),
    )


def gaps_to(gaps: Sequence[Gap]) -> list[list[Any]]:
    """Gaps as JSON rows `[first, last, reason, from_ms, to_ms]`."""
    return [[gap.first, gap.last, gap.reason, gap.from_ms, gap.to_ms] for gap in gaps]


def gaps_from(rows: list[Any]) -> tuple[Gap, ...]:
    """Raises MalformedMessage."""
    gaps = []
    for item in rows:
        row = _row(item, ("first", "last", "reason", "from_ms", "to_ms"))
        first = row.integer("first", 1)
        gap = Gap(first, row.integer("last", first), row.text("reason", limit=40), row.ms("from_ms"), row.ms("to_ms"))
        gaps.append(gap)
    return tuple(gaps)


def unobserved_to(spans: Sequence[Unobserved]) -> list[list[Any]]:
    """Spans as JSON rows `[from_ms, to_ms, why]`."""
    return [[span.from_ms, span.to_ms, span.why] for span in spans]


def unobserved_from(rows: list[Any]) -> tuple[Unobserved, ...]:
    """Raises MalformedMessage."""
    spans = []
    for item in rows:
        row = _row(item, ("from_ms", "to_ms", "why"))
        spans.append(Unobserved(row.ms("from_ms"), row.ms("to_ms"), row.text("why", limit=40)))
    return tuple(spans)


def source_health_to(source: SourceHealth) -> dict[str, Any]:
    """The JSON object of one ledger."""
    return {
        "source": source.source,
        "boot": source.boot,
        "produced": source.produced,
        "produced_at_ms": source.produced_at_ms,
        "first_at_ms": source.first_at_ms,
        "gaps": gaps_to(source.gaps),
        "unobserved": unobserved_to(source.unobserved),
    }


def source_health_from(value: Any) -> SourceHealth:
    """Raises MalformedMessage."""
    row = fields(value)
    return SourceHealth(
        source=row.source(),
        boot=row.boot(),
        produced=row.integer("produced"),
        produced_at_ms=row.ms("produced_at_ms"),
        first_at_ms=row.ms("first_at_ms"),
        gaps=gaps_from(row.items("gaps", limit=MAX_GAPS)),
        unobserved=unobserved_from(row.items("unobserved", limit=MAX_GAPS)),
    )


def _row(item: Any, names: tuple[str, ...]) -> Fields:
    if not isinstance(item, list) or len(item) != len(names):
        raise MalformedMessage(seen=str(item)[:40], expected=f"[{', '.join(names)}]")
    return fields(dict(zip(names, item, strict=True)))


def _texts(message: Fields, name: str) -> dict[str, str]:
    texts = message.flat(name, limit=100)
    if not all(isinstance(text, str) for text in texts.values()):
        raise MalformedMessage(seen=f"{name}: {str(texts)[:40]}", expected="texts")
    return texts
