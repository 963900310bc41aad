"""Ids, errors, time, tile states, ranges."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.base.clock import MAX_MS, from_ms, parse_rfc3339, rfc3339, to_ms
from cnc.domain.base.errors import CODES, BadId, BadValue, CncError
from cnc.domain.base.ids import KINDS, boot_counter, check_boot, check_id, new_boot, new_id
from cnc.domain.base.mtconnect import TileState, is_online, tile_state
from cnc.domain.base.tenant import Origin
from cnc.domain.telemetry.ranges import count, intersect, merge, subtract

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def numbers(ranges: list[tuple[int, int]]) -> set[int]:
    return set().union(*(range(first, last + 1) for first, last in ranges))


@given(st.sampled_from(sorted(KINDS)), st.binary(min_size=16, max_size=16))
def test_a_new_id_passes_its_own_check(kind: str, seed: bytes) -> None:
    made = new_id(kind, lambda size: seed[:size])
    assert check_id(kind, made) == made
    assert len(made) == 18


@pytest.mark.parametrize("text", ["", "t_", "T_0123456789abcdef", "t_0123456789abcde", "t_0123456789abcdef\n", None, 5,
                                  "m_0123456789abcdef", "t_0123456789ABCDEF", "t#0123456789abcdef"])  # fmt: skip
def test_what_is_no_tenant_id_is_refused(text: object) -> None:
    with pytest.raises(BadId):
        check_id("t", text)


def test_boots_sort_by_start_order() -> None:
    early, late = new_boot(255, lambda size: b"\xff" * size), new_boot(256, lambda size: b"\x00" * size)
    assert early.hex() < late.hex()
    assert boot_counter(late) == 256
    assert check_boot(late.hex()) == late.hex()


@pytest.mark.parametrize("text", ["", "0" * 15, "0" * 15 + "G", "0" * 16 + "\n", b"0" * 16])
def test_what_is_no_boot_is_refused(text: object) -> None:
    with pytest.raises(BadId):
        check_boot(text)


def test_an_origin_is_checked_as_a_whole() -> None:
    good = {"tenant": "t_" + "0" * 16, "site": "s_" + "0" * 16, "thing": "g_" + "0" * 16}
    assert Origin.checked(**good).thing == good["thing"]
    with pytest.raises(BadId):
        Origin.checked(**{**good, "site": "../x"})


@given(st.integers(0, MAX_MS))
def test_times_come_back(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms
    assert to_ms(parse_rfc3339(rfc3339(ms))) == ms


def test_times_towards_people_have_milliseconds_and_z() -> None:
    assert rfc3339(datetime(2026, 11, 24, 20, 2, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-24T19:02:00.000Z"
    assert parse_rfc3339("2026-11-24T20:02:00+01:00") == datetime(2026, 11, 24, 19, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24",
        "2026-11-24T19:02:00",
        "2026-02-30T19:02:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
        "２026-11-24T19:02:00Z",
        "20261124T190200Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_rfc3339(text)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(BadValue):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001  the naive datetime is what is tested


def test_an_error_says_what_was_seen_and_what_was_expected() -> None:
    error = CncError("machine.not_found", seen="x" * 500, expected="a machine of this tenant", todo="Check the id.")
    assert error.status == 404
    assert len(error.seen) == 120
    assert str(error).endswith("Expected: a machine of this tenant. Check the id.")


def test_every_code_is_a_noun_and_a_reason_with_a_sentence() -> None:
    for code, (status, sentence) in CODES.items():
        assert code.count(".") == 1
        assert 400 <= status < 600
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("inputs", "tile"),
    [
        ({"online": False, "execution": "ACTIVE", "fault": True}, TileState.OFFLINE),
        ({"online": True, "execution": "ACTIVE", "emergency_stop": "TRIGGERED"}, TileState.ALARM),
        ({"online": True, "execution": "ACTIVE", "fault": True}, TileState.ALARM),
        ({"online": True, "execution": "ACTIVE", "functional_mode": "SETUP"}, TileState.SETUP),
        ({"online": True, "execution": "ACTIVE", "controller_mode": "MANUAL_DATA_INPUT"}, TileState.SETUP),
        ({"online": True, "execution": "FEED_HOLD"}, TileState.SETUP),
        ({"online": True, "execution": "INTERRUPTED"}, TileState.SETUP),
        ({"online": True, "execution": "WAIT"}, TileState.BLOCKED),
        ({"online": True, "execution": "ACTIVE"}, TileState.ACTIVE),
        ({"online": True, "execution": "STOPPED"}, TileState.IDLE),
        ({"online": True, "execution": "UNAVAILABLE"}, TileState.IDLE),
    ],
)
def test_the_first_match_makes_the_tile(inputs: dict[str, object], tile: TileState) -> None:
    assert tile_state(**inputs) == tile


def test_three_silent_periods_are_online_and_more_are_not() -> None:
    assert is_online(last_seen_ms=1000, now_ms=4000, period_ms=1000)
    assert not is_online(last_seen_ms=1000, now_ms=4001, period_ms=1000)


@given(PAIRS, PAIRS)
def test_ranges_behave_as_sets(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    assert numbers(merge(a)) == numbers(a)
    assert numbers(subtract(a, b)) == numbers(a) - numbers(b)
    assert numbers(intersect(a, b)) == numbers(a) & numbers(b)
    assert count(a) == len(numbers(a))
    merged = merge(a)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(merged))
