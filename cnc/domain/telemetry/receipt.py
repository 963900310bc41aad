"""Receipts: a gateway asks what of its rows is stored; the answer was read back from the store.

Ask: `{"v":1,"id":"…","asks":[{"source","boot","first","last","from_ms","to_ms"}]}`; `from_ms … to_ms` are the times
of rows `first` and `last`, so that the store knows which keys to read. With `health`, a health message rides along:
both are due every five minutes, and one message and one run cost half of two.
Answer: `{"v":1,"id":"…","answers":[{"source","boot","stored","quarantined","missing":[[first,last]…],
"unknown_schemas":["hex"…]}]}`. Together the three lists cover exactly the rows that were asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cnc.domain.base.errors import MalformedMessage
from cnc.domain.telemetry.health import HealthMessage, health_to
from cnc.domain.telemetry.ranges import Range
from cnc.domain.telemetry.wire import dumps, fields, loads

MAX_ASKS: Final = 1000

_HASH: Final = re.compile(r"[0-9a-f]{16}\Z")
_REQUEST: Final = re.compile(r"[0-9A-Za-z_-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Ask:
    """Rows `first … last` of one boot of one source."""

    source: str
    boot: str
    first: int
    last: int
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What of the rows asked for is where; schemas (hash in hex) the store has chunks of but does not know."""

    source: str
    boot: str
    stored: tuple[Range, ...] = ()
    quarantined: tuple[Range, ...] = ()
    missing: tuple[Range, ...] = ()
    unknown_schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`health` is what rode along, its JSON not looked into: a wrong one leaves the asks as they are."""

    request: str
    asks: list[Ask]
    health: Any = None


def pack_asks(request: str, asks: Sequence[Ask], health: HealthMessage | None = None) -> bytes:
    """JSON of the question; `request` is 1-64 of 0-9A-Za-z_- and comes back in the answer."""
    document: dict[str, Any] = {"v": 1, "id": request, "asks": [_ask_to(ask) for ask in asks]}
    if health is not None:
        document["health"] = health_to(health)
    return dumps(document)


def unpack_asks(data: bytes) -> Question:
    """Raises MalformedMessage."""
    document = loads(data)
    message = fields(document)
    asks = [_ask_from(row) for row in message.items("asks", limit=MAX_ASKS)]
    return Question(_request(message.text("id", limit=64)), asks, document.get("health"))


def pack_answers(request: str, answers: Sequence[Answer]) -> bytes:
    """JSON of the answer to `request`."""
    return dumps({"v": 1, "id": request, "answers": [_answer_to(answer) for answer in answers]})


def unpack_answers(data: bytes) -> tuple[str, list[Answer]]:
    """The request id and its answers. Raises MalformedMessage."""
    message = fields(loads(data))
    rows = message.items("answers", limit=MAX_ASKS)
    return _request(message.text("id", limit=64)), [_answer_from(row) for row in rows]


def _request(text: str) -> str:
    if not _REQUEST.match(text):
        raise MalformedMessage(seen=text, expected="an id of 1 to 64 letters, digits, _ or -")
    return text


def _ask_to(ask: Ask) -> dict[str, Any]:
    return {
        "source": ask.source,
        "boot": ask.boot,
        "first": ask.first,
        "last": ask.last,
        "from_ms": ask.from_ms,
        "to_ms": ask.to_ms,
    }


def _ask_from(value: Any) -> Ask:
    row = fields(value)
    first = row.integer("first", 1)
    return Ask(
        source=row.source(),
        boot=row.boot(),
        first=first,
        last=row.integer("last", first),
        from_ms=row.ms("from_ms"),
        to_ms=row.ms("to_ms"),
    )


def _answer_to(answer: Answer) -> dict[str, Any]:
    return {
        "source": answer.source,
        "boot": answer.boot,
        "stored": answer.stored,
        "quarantined": answer.quarantined,
        "missing": answer.missing,
        "unknown_schemas": answer.unknown_schemas,
    }


def _answer_from(value: Any) -> Answer:
    row = fields(value)
    hashes = row.items("unknown_schemas", limit=200)
    for text in hashes:
        if not isinstance(text, str) or not _HASH.match(text):
            raise MalformedMessage(seen=str(text)[:40], expected="a schema hash of 16 hex digits")
    return Answer(
        source=row.source(),
        boot=row.boot(),
        stored=tuple(row.ranges("stored")),
        quarantined=tuple(row.ranges("quarantined")),
        missing=tuple(row.ranges("missing")),
        unknown_schemas=tuple(hashes),
    )
