"""Minutes in, receipts out: for any order, repetition and loss the answer is what is stored."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.base.clock import from_ms
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.ranges import count, merge
from cnc.domain.telemetry.receipt import Answer, Ask, pack_asks
from cnc.services.ingest.minutes import late_hours, record_minute
from cnc.services.ingest.ports import Recorded
from cnc.services.ingest.receipts import Answered, answer_receipt
from tests.functions.gateway import BOOT, SITE, TENANT, THING, Gateway, source_id
from tests.services.fakes import Floor

T0_MS = 1_795_531_320_000
ORIGIN = Origin.checked(tenant=TENANT, site=SITE, thing=THING)
GATEWAY = Gateway(t0_ms=T0_MS, sent_ms=T0_MS + 61_000)


def send(floor: Floor, payload: bytes, *, at_ms: int = T0_MS + 62_000, held_back: bool = False) -> Recorded:
    return record_minute(
        payload,
        origin=ORIGIN,
        received_ms=at_ms,
        stores=floor.minute,
        clock=lambda: from_ms(at_ms),
        held_back=held_back,
    )


def ask(floor: Floor, *, last: int, number: int = 1) -> Answer:
    (answer,) = asked(floor, last=last, number=number).answers
    return answer


def asked(floor: Floor, *, last: int, number: int = 1) -> Answered:
    asks = [Ask(source_id(number), BOOT.hex(), 1, last, T0_MS, T0_MS + (last - 1) * 1000)]
    return answer_receipt(
        pack_asks("q", asks),
        origin=ORIGIN,
        received_ms=T0_MS,
        stores=floor.receipt,
        clock=lambda: from_ms(T0_MS + 3_600_000),
    )


def minute_message(number: int) -> bytes:
    return GATEWAY.message(GATEWAY.minute(1, first=number * 60 + 1, t0_ms=T0_MS + number * 60_000))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=25), st.integers(1, 600))
def test_the_receipt_is_exactly_what_arrived(arrivals: list[int], last: int) -> None:
    floor = Floor(GATEWAY)
    for number in arrivals:
        send(floor, minute_message(number))
    answer = ask(floor, last=last)
    arrived = merge((number * 60 + 1, min(number * 60 + 60, last)) for number in arrivals)
    assert list(answer.stored) == arrived
    assert count(answer.stored) + count(answer.quarantined) + count(answer.missing) == last


def test_a_store_that_fails_is_not_hidden_and_nothing_points_to_what_is_not_there() -> None:
    floor = Floor(GATEWAY)
    floor.chunks.failure = TimeoutError("the table")
    with pytest.raises(TimeoutError):
        send(floor, GATEWAY.message())
    assert floor.chunks.pointers == []
    assert ask(floor, last=60).missing == ((1, 60),)


def test_pointers_are_whole_when_every_source_of_the_gateway_came() -> None:
    floor = Floor(GATEWAY)
    send(floor, GATEWAY.message())
    send(floor, GATEWAY.message(GATEWAY.minute(1)))
    assert [pointers.whole for pointers in floor.chunks.pointers] == [True, False]


def test_rows_held_back_point_nowhere() -> None:
    floor = Floor(GATEWAY)
    assert send(floor, GATEWAY.message(), held_back=True).stored == 3
    assert floor.chunks.pointers == []


def test_a_gateway_that_only_sends_known_sources_is_never_looked_up_afresh() -> None:
    floor = Floor(GATEWAY)
    send(floor, GATEWAY.message())
    assert floor.assignments.looked == 0
    send(floor, GATEWAY.message(GATEWAY.minute(8)))
    assert floor.assignments.looked == 1


@pytest.mark.parametrize(("after_end", "late"), [(timedelta(minutes=9, seconds=29), 0), (timedelta(minutes=10), 1)])
def test_an_hour_is_dirty_from_when_it_may_have_been_closed(after_end: timedelta, late: int) -> None:
    floor = Floor(GATEWAY)
    send(floor, GATEWAY.message())
    end_ms = (T0_MS // 3_600_000 + 1) * 3_600_000
    marked = late_hours(floor.chunks.stored[:1], now_ms=end_ms + after_end // timedelta(milliseconds=1))
    assert len(marked) == late


def test_a_question_about_a_source_of_another_gateway_finds_nothing() -> None:
    floor = Floor(GATEWAY)
    send(floor, GATEWAY.message())
    assert ask(floor, last=60, number=9).missing == ((1, 60),)


def test_rows_that_stay_missing_grow_old_and_stored_ones_do_not() -> None:
    floor = Floor(GATEWAY)
    assert asked(floor, last=60).missing_for_s == 3600
    send(floor, GATEWAY.message())
    assert asked(floor, last=60).missing_for_s == 0


def test_a_question_of_an_unknown_gateway_gets_no_answer() -> None:
    floor = Floor(GATEWAY)
    floor.assignments.clear()
    answered = answer_receipt(
        pack_asks("q", []), origin=ORIGIN, received_ms=T0_MS, stores=floor.receipt, clock=lambda: from_ms(T0_MS)
    )
    assert (answered.answers, floor.receipts.sent) == ((), [])
    assert floor.quarantine.kept[0][1].reason == "gateway.not_found"


def test_random_bytes_never_stop_ingest() -> None:
    floor, chance = Floor(GATEWAY), random.Random(7)
    whole = GATEWAY.message()
    for _ in range(300):
        at, size = chance.randrange(len(whole)), chance.randrange(1, 20)
        send(floor, whole[:at] + chance.randbytes(size) + whole[at + size :])
    assert len(floor.quarantine.kept) + len(floor.chunks.stored) > 0
    assert send(floor, whole).stored == 3
