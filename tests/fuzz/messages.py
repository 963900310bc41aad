"""JSON of both directions: events, live frames, questions, answers, health, schemas. The first byte chooses one."""

from collections.abc import Callable

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.telemetry.events import pack_events, unpack_events
from cnc.domain.telemetry.health import health_from, pack_health, unpack_health
from cnc.domain.telemetry.live import pack_live, unpack_live
from cnc.domain.telemetry.receipt import pack_answers, pack_asks, unpack_answers, unpack_asks
from cnc.domain.telemetry.schema import Schema
from tests.fuzz.target import Target


def _events(data: bytes) -> None:
    sent_ms, events = unpack_events(data)
    assert unpack_events(pack_events(events, sent_ms=sent_ms)) == (sent_ms, events)


def _live(data: bytes) -> None:
    sent_ms, frames = unpack_live(data)
    assert unpack_live(pack_live(frames, sent_ms=sent_ms)) == (sent_ms, frames)


def _asks(data: bytes) -> None:
    question = unpack_asks(data)
    health = None if question.health is None else health_from(question.health)
    again = unpack_asks(pack_asks(question.request, question.asks, health))
    assert again.asks == question.asks


def _answers(data: bytes) -> None:
    request, answers = unpack_answers(data)
    assert unpack_answers(pack_answers(request, answers)) == (request, answers)


def _health(data: bytes) -> None:
    message = unpack_health(data)
    assert unpack_health(pack_health(message)) == message


def _schema(data: bytes) -> None:
    schema = Schema.parse(data)
    assert Schema.parse(schema.canonical()) == schema


READERS: dict[bytes, Callable[[bytes], None]] = {
    b"e": _events,
    b"l": _live,
    b"q": _asks,
    b"a": _answers,
    b"h": _health,
    b"s": _schema,
}


def parse(data: bytes) -> None:
    READERS.get(data[:1], _events)(data[1:])


_WORDS = """
"v":1 "v":true "sent_ms": "source":"d_0123456789abcdef" "boot":"0123456789abcdef" "seq": "at_ms": "type": [] {}
"data":{} null true -1 0 1e999 9223372036854775807 9223372036854775808 1.5 NaN \\ud800 "" "stored":[[1,2]] "missing":[]
"""

TARGET = Target(
    parse,
    allowed=(MalformedMessage, BadValue),
    words=(*(word.encode() for word in _WORDS.split()), b",", b":", b"[" * 200, b'{"a":' * 100),
    max_size=20_000,
)
