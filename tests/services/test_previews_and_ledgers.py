"""Previews and ledgers end the same whatever order, repetition or race their messages come in."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.telemetry.events import Event
from cnc.domain.telemetry.health import Gap, SourceHealth
from cnc.services.ingest.alarms import apply_alarm
from cnc.services.ingest.health import merged_ledger
from cnc.services.ingest.previews import apply_preview
from cnc.services.machine_preview import empty, merged, preview
from tests.services.fakes import Alarms, Previews

SOURCE, MACHINE, BOOT = "d_0000000000000001", "m_0000000000000001", "0000000100000000"
STATE = {"availability": "AVAILABLE", "execution": "ACTIVE", "emergency_stop": "ARMED", "fault": False}


def event(seq: int, kind: str = "state", *, boot: str = BOOT, **data: object) -> Event:
    return Event(SOURCE, boot, seq, 1_000_000 + seq * 1000, kind, data)


EVENTS = [
    event(1, **STATE),
    event(2, "program", name="O1"),
    event(3, "part", count=1),
    event(4, **{**STATE, "execution": "FEED_HOLD"}),
    event(1, boot="0000000200000000", **{**STATE, "execution": "READY"}),
]


def test_every_order_of_events_ends_in_the_same_tile() -> None:
    ends = set()
    for order in permutations(EVENTS):
        document = empty()
        for one in order:
            document, _ = merged(document, [one])
        seen = preview(document)
        ends.add((seen.execution, seen.program, seen.part_count))
    assert ends == {("READY", "O1", 1)}


def test_a_control_that_cannot_be_reached_is_offline() -> None:
    document, _ = merged(empty(), [event(1, **{**STATE, "availability": "UNAVAILABLE"})])
    assert preview(document).tile(online=True) == "OFFLINE"


@pytest.mark.parametrize(
    ("changed", "tile"),
    [
        ({}, "ACTIVE"),
        ({"fault": True}, "ALARM"),
        ({"emergency_stop": "TRIGGERED"}, "ALARM"),
        ({"controller_mode": "MANUAL"}, "SETUP"),
        ({"execution": "WAIT"}, "BLOCKED"),
        ({"execution": "READY"}, "IDLE"),
        ({"execution": 5, "fault": "yes"}, "IDLE"),
    ],
)
def test_tile_inputs_make_the_tile(changed: dict[str, object], tile: str) -> None:
    document, _ = merged(empty(), [event(1, **{**STATE, **changed})])
    assert preview(document).tile(online=True) == tile


def test_events_of_a_newer_gateway_are_passed_over() -> None:
    assert merged(empty(), [event(1, "pallet", number=4)]) == (empty(), False)


def test_writers_at_once_lose_no_event() -> None:
    previews = Previews(others=3)
    document = apply_preview(MACHINE, [event(4, **STATE)], thing="g", previews=previews)
    assert document is not None
    assert previews.documents[MACHINE].document == document


def test_a_race_that_does_not_end_is_given_up() -> None:
    assert apply_preview(MACHINE, [event(4, **STATE)], thing="g", previews=Previews(others=99)) is None


def alarm(seq: int, *, active: bool) -> Event:
    return event(seq, "alarm", number=10, type="servo", axis="X", text="OVERLOAD", active=active)


def test_every_order_of_alarm_events_ends_in_the_same_state() -> None:
    said = [alarm(1, active=True), alarm(5, active=False), alarm(9, active=True), alarm(12, active=False)]
    ends = set()
    for order in permutations(said):
        alarms = Alarms()
        for one in order:
            apply_alarm(one, machine=MACHINE, alarms=alarms)
        (held,) = alarms.values()
        ends.add((held.active, held.seq, held.cleared_ms))
    assert ends == {(False, 12, 1_012_000)}


def test_an_alarm_told_again_keeps_the_time_it_was_raised() -> None:
    alarms = Alarms()
    for seq in (1, 2, 3):
        apply_alarm(alarm(seq, active=True), machine=MACHINE, alarms=alarms)
    (held,) = alarms.values()
    assert (held.raised_ms, held.active) == (1_001_000, True)


LEDGERS = st.builds(
    SourceHealth,
    source=st.just(SOURCE),
    boot=st.just(BOOT),
    produced=st.integers(1, 1000),
    produced_at_ms=st.just(5),
    first_at_ms=st.just(1),
    gaps=st.lists(
        st.builds(
            Gap,
            first=st.integers(1, 5),
            last=st.integers(6, 9),
            reason=st.just("power_cut"),
            from_ms=st.just(1),
            to_ms=st.just(2),
        ),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LEDGERS, min_size=1, max_size=4))
def test_ledgers_merge_the_same_in_every_order_and_any_number_of_times(entries: list[SourceHealth]) -> None:
    def folded(order: list[SourceHealth]) -> SourceHealth | None:
        held = None
        for entry in order:
            held = merged_ledger(held, entry)
        return held

    assert folded(entries) == folded(entries[::-1]) == folded(entries + entries)
