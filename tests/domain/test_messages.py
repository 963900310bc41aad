"""Messages of the gateway: round trips, and one error for everything that is no message."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.base.errors import BadValue, MalformedMessage
from cnc.domain.telemetry.events import Event, pack_events, unpack_events
from cnc.domain.telemetry.health import Gap, HealthMessage, SourceHealth, Unobserved, pack_health, unpack_health
from cnc.domain.telemetry.live import LiveFrame, pack_live, unpack_live
from cnc.domain.telemetry.minute import (
    MinuteMessage,
    SourceMinute,
    pack,
    pack_minute_events,
    packed_size,
    unpack,
    unpack_minute_events,
)
from cnc.domain.telemetry.receipt import Answer, Ask, Question, pack_answers, pack_asks, unpack_answers, unpack_asks
from cnc.domain.telemetry.schema import Schema
from tests.domain.strategies import BOOT, EVENTS, ID, MACHINE, MS, SEQ, SOURCE, TEXT

RANGES = st.lists(st.integers(1, 1 << 40), max_size=8, unique=True).map(
    lambda numbers: tuple((number, number) for number in sorted(numbers))
)
PARTS = st.builds(
    SourceMinute,
    source=SOURCE,
    chunk=st.binary(min_size=1, max_size=80),
    events=st.binary(max_size=40),
    schema=st.one_of(st.none(), st.binary(min_size=1, max_size=40)),
)
SOURCES = st.builds(
    SourceHealth,
    source=SOURCE,
    boot=BOOT,
    produced=st.integers(0, 1 << 50),
    produced_at_ms=MS,
    first_at_ms=MS,
    gaps=st.lists(st.builds(Gap, first=st.just(3), last=SEQ.map(lambda n: n + 3), reason=st.just("disk_full"),
                            from_ms=MS, to_ms=MS), max_size=2).map(tuple),
    unobserved=st.lists(st.builds(Unobserved, from_ms=MS, to_ms=MS, why=st.just("not_running")), max_size=2).map(tuple),
)  # fmt: skip

UNPACKERS: dict[str, Callable[[bytes], object]] = {
    "minute": unpack,
    "minute events": unpack_minute_events,
    "events": unpack_events,
    "live": unpack_live,
    "asks": unpack_asks,
    "answers": unpack_answers,
    "health": unpack_health,
    "schema": Schema.parse,
}

#: What a broken or hostile gateway may send as JSON; every one of them once took some parser down.
HOSTILE = [
    b"",
    b"5",
    b"null",
    b"[]",
    b"{}",
    b'{"v":2}',
    b'{"v":true,"sent_ms":1,"events":[]}',
    b'{"v":1,"sent_ms":-1,"events":[],"frames":[],"asks":[],"answers":[]}',
    b'{"v":1,"sent_ms":1e999,"events":[]}',
    b'{"v":1,"sent_ms":NaN,"events":[]}',
    b'{"v":1,"sent_ms":' + b"9" * 5000 + b',"events":[]}',
    b"[" * 100_000,
    b'{"v":1,"id":"\\ud800","asks":[],"answers":[]}',
    b'{"v":1,"id":"a b","asks":[],"answers":[]}',
    b'{"v":1,"sent_ms":1,"events":[1],"frames":[1],"sources":[1],"signals":[1],"id":"a","asks":[1],"answers":[1]}',
    b'{"v":1,"sent_ms":1,"events":[{}],"frames":[{}],"sources":[{}],"signals":[{}],"id":"a","asks":[{}],"answers":[{}]}',
    b"\xff\xfe",
    b'{"v":1' + b" " * (128 * 1024) + b"}",
]


@given(MS, st.lists(PARTS, min_size=1, max_size=5).map(tuple))
def test_a_minute_message_comes_back(sent_ms: int, minutes: tuple[SourceMinute, ...]) -> None:
    packed = pack(MinuteMessage(sent_ms, minutes))
    assert unpack(packed) == MinuteMessage(sent_ms, minutes)
    assert len(packed) == packed_size(minutes)


@given(st.lists(EVENTS, max_size=5))
def test_events_come_back_from_both_lanes(events: list[Event]) -> None:
    assert unpack_events(pack_events(events, sent_ms=5)) == (5, events)
    assert unpack_minute_events(pack_minute_events(events)) == events


@given(st.lists(st.builds(LiveFrame, source=SOURCE, boot=BOOT, seq=SEQ, at_ms=MS,
                          values=st.dictionaries(TEXT, st.one_of(st.none(), TEXT, st.floats(-1e9, 1e9)), max_size=4),
                          quality=st.integers(0, 3)), max_size=3))  # fmt: skip
def test_live_frames_come_back(frames: list[LiveFrame]) -> None:
    assert unpack_live(pack_live(frames, sent_ms=9)) == (9, frames)


@given(ID, st.lists(st.builds(Ask, source=SOURCE, boot=BOOT, first=st.just(3), last=SEQ.map(lambda n: n + 3),
                              from_ms=MS, to_ms=MS), max_size=3))  # fmt: skip
def test_asks_come_back(request_id: str, asks: list[Ask]) -> None:
    assert unpack_asks(pack_asks(request_id, asks)) == Question(request_id, asks)


@given(ID, st.lists(st.builds(Answer, source=SOURCE, boot=BOOT, stored=RANGES, quarantined=RANGES, missing=RANGES,
                              unknown_schemas=st.lists(BOOT, max_size=2).map(tuple)), max_size=3))  # fmt: skip
def test_answers_come_back(request_id: str, answers: list[Answer]) -> None:
    assert unpack_answers(pack_answers(request_id, answers)) == (request_id, answers)


@given(MS, st.lists(SOURCES, max_size=3).map(tuple))
def test_health_comes_back(sent_ms: int, sources: tuple[SourceHealth, ...]) -> None:
    message = HealthMessage(sent_ms, 3, {"focas": "running"}, sources, {"relay": "0.1.0"})
    assert unpack_health(pack_health(message)) == message


def test_a_schema_comes_back_with_its_hash() -> None:
    parsed = Schema.parse(MACHINE.canonical())
    assert parsed == MACHINE
    assert parsed.hash == MACHINE.hash


@pytest.mark.parametrize("name", UNPACKERS)
@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[:24]))
def test_hostile_json_is_malformed(name: str, data: bytes) -> None:
    if name == "minute events" and not data:
        return  # no bytes = no events
    with pytest.raises(MalformedMessage):
        UNPACKERS[name](data)


@pytest.mark.parametrize("name", UNPACKERS)
@given(st.binary(min_size=1, max_size=200))
def test_random_bytes_are_malformed(name: str, data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        UNPACKERS[name](data)


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT),
                    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
                    max_leaves=8),
       st.sampled_from(["sent_ms", "events", "frames", "asks", "answers", "sources", "signals", "id"]))  # fmt: skip
def test_a_field_of_any_shape_is_read_or_malformed(value: object, name: str) -> None:
    document = {"v": 1, "sent_ms": 1, "events": [], "frames": [], "asks": [], "answers": [], "id": "a", name: value}
    data = json.dumps(document).encode()
    for unpacker in UNPACKERS.values():
        try:
            unpacker(data)
        except MalformedMessage:
            continue


@given(st.lists(PARTS, min_size=1, max_size=3).map(tuple), st.data())
def test_a_truncated_or_changed_minute_message_is_malformed(
    minutes: tuple[SourceMinute, ...], data: st.DataObject
) -> None:
    packed = bytearray(pack(MinuteMessage(1, minutes)))
    with pytest.raises(MalformedMessage):
        unpack(bytes(packed[: data.draw(st.integers(0, len(packed) - 1))]))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(MalformedMessage):
        unpack(bytes(packed))


def test_events_that_inflate_beyond_a_megabyte_are_malformed() -> None:
    event = Event("d_0123456789abcdef", "00" * 8, 1, 1, "alarm", {"text": "x" * 1000})
    with pytest.raises(MalformedMessage, match="1 MB"):
        unpack_minute_events(pack_minute_events([event] * 2000))


def test_a_message_beyond_the_limit_of_mqtt_is_refused_when_it_is_made() -> None:
    minute = SourceMinute("d_0123456789abcdef", bytes(60_000))
    with pytest.raises(BadValue, match="131072"):
        pack(MinuteMessage(1, (minute,) * 3))
