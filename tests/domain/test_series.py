"""Signals, rollups, series, state intervals."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.base.errors import BadValue, MalformedChunk, MalformedMessage
from cnc.domain.machines.state import Observation, StateInterval, intervals
from cnc.domain.telemetry.facts import Rows
from cnc.domain.telemetry.rollup import HOUR_MS, decode_rollup, encode_rollup, rollup
from cnc.domain.telemetry.schema import Schema, Signal
from cnc.domain.telemetry.series import from_rollups, grid, resample, text_runs
from tests.domain.strategies import MACHINE

HOUR = 1_700_000_000_000 // HOUR_MS * HOUR_MS
SCHEMAS = {MACHINE.hash: MACHINE}


def minute(number: int, *, load: int | None = 500, execution: int | None = 1, rows: int = 60) -> Rows:
    columns: list[list[int | None]] = [
        [execution] * rows,
        [None if load is None else 1000 * k for k in range(rows)],
        [load] * rows,
        [8000] * rows,
    ]
    return Rows(
        MACHINE.hash, b"\0\0\0\1boot", 1 + 60 * number, HOUR + 60_000 * number, 1000, columns, [0] * rows
    )  # fmt: skip


def test_a_signal_scales_and_comes_back_without_binary_dust() -> None:
    load = MACHINE.signals[2]
    assert load.scaled(0.3) == 3
    assert load.value(3) == 0.3
    assert load.values([1, None, 0]) == [0.1, None, 0.0]
    assert Signal("x.y", "", resolution=60.0).values([2]) == [120.0]


def test_a_text_signal_is_its_index() -> None:
    execution = MACHINE.signals[0]
    assert execution.scaled("ACTIVE") == 1
    assert execution.values([2, None, 9]) == ["STOPPED", None, None]
    with pytest.raises(BadValue, match="READY"):
        execution.scaled("CUTTING")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(BadValue, match="finite"):
        MACHINE.signals[1].scaled(value)


@pytest.mark.parametrize("key", ["", "x", "X.pos", "x.pos actual", "x..y", "x." + "y" * 90])
def test_a_key_has_the_form_of_keys(key: str) -> None:
    with pytest.raises(BadValue):
        Signal(key, "")


def test_a_key_appears_once_in_a_schema() -> None:
    with pytest.raises(BadValue, match="once"):
        Schema((Signal("x.y", ""), Signal("x.y", "")))
    with pytest.raises(MalformedMessage):
        Schema.parse(b'{"v":1,"signals":[["x.y","","text",1.0,[],"",""]]}')


def test_a_rollup_has_mean_minimum_maximum_and_coverage() -> None:
    made = rollup([minute(0), minute(1, load=None, rows=30)], MACHINE, HOUR)
    assert (made.mean[1][0], made.minimum[1][0], made.maximum[1][0]) == (29500, 0, 59000)
    assert made.mean[2][:3] == [500, None, None]
    assert made.mean[0][:3] == [1, 1, None]
    assert made.coverage(2)[:2] == [1.0, 0.0]
    assert made.coverage(3)[:3] == [1.0, 0.5, 0.0]


def test_a_chunk_given_twice_changes_no_rollup() -> None:
    assert rollup([minute(0), minute(0)], MACHINE, HOUR) == rollup([minute(0)], MACHINE, HOUR)


def test_rows_of_another_hour_stay_out_of_a_rollup() -> None:
    early = replace(minute(0), t0_ms=HOUR - 30_000)
    assert rollup([early], MACHINE, HOUR).rows[:2] == [30, 0]


def test_a_rollup_comes_back() -> None:
    made = rollup([minute(k, load=None if k % 7 == 0 else 300 + k) for k in range(0, 60, 2)], MACHINE, HOUR)
    assert decode_rollup(encode_rollup(made)) == made


@given(st.binary(max_size=200), st.integers(0, 200))
def test_what_is_no_rollup_is_malformed(data: bytes, cut: int) -> None:
    whole = encode_rollup(rollup([minute(0)], MACHINE, HOUR))
    for wrong in (data, whole[: min(cut, len(whole) - 1)], whole + b"x"):
        with pytest.raises(MalformedChunk):
            decode_rollup(wrong)


def resampled(chunks: list[Rows], seconds: int, *, first_s: int = 0, last_s: int = 120) -> dict[str, list[object]]:
    keys = ["controller.execution", "x.position.actual", "s1.load", "no.such"]
    found = resample(
        chunks, schemas=SCHEMAS, signals=keys, from_ms=HOUR + first_s * 1000, to_ms=HOUR + last_s * 1000,
        resolution_s=seconds,
    )  # fmt: skip
    assert all(len(column) == len(found.timestamps) for column in found.columns.values())
    return {key: list(column) for key, column in found.columns.items()}


def test_a_series_has_means_of_numbers_and_the_last_text() -> None:
    columns = resampled([minute(0), minute(1, load=None, execution=2)], 60)
    assert columns["x.position.actual"] == [29.5, None]
    assert columns["s1.load"] == [50.0, None]
    assert columns["controller.execution"] == ["ACTIVE", "STOPPED"]
    assert columns["no.such"] == [None, None]


def test_a_series_at_the_period_of_the_rows_is_the_rows() -> None:
    assert resampled([minute(0)], 1, first_s=10, last_s=13)["x.position.actual"] == [10.0, 11.0, 12.0]


def test_a_chunk_given_twice_changes_no_series() -> None:
    assert resampled([minute(0), minute(0)], 7) == resampled([minute(0)], 7)


def test_a_chunk_of_an_unknown_schema_contributes_nothing() -> None:
    assert resampled([replace(minute(0), schema_hash=b"unknown-")], 60)["s1.load"] == [None, None]


def test_a_series_from_rollups_equals_the_one_from_rows_to_half_a_step() -> None:
    made = rollup([minute(0), minute(1)], MACHINE, HOUR)
    found = from_rollups(
        [made], schemas=SCHEMAS, signals=["s1.load", "controller.execution"], from_ms=HOUR, to_ms=HOUR + 180_000,
        resolution_s=60,
    )  # fmt: skip
    assert found.columns == {"s1.load": [50.0, 50.0, None], "controller.execution": ["ACTIVE", "ACTIVE", None]}


@pytest.mark.parametrize(("span_ms", "seconds"), [(0, 60), (-5, 60), (1000, 0), (10**12, 1)])
def test_a_grid_without_steps_or_with_too_many_is_refused(span_ms: int, seconds: int) -> None:
    with pytest.raises(BadValue):
        grid(HOUR, HOUR + span_ms, seconds)


def test_runs_of_texts_become_state_intervals() -> None:
    chunk = minute(0)
    chunk.columns[0] = [0] * 10 + [1] * 20 + [None] * 30
    runs = text_runs(chunk, MACHINE, "controller.execution")
    assert runs == [(HOUR, "READY"), (HOUR + 10_000, "ACTIVE"), (HOUR + 30_000, None)]
    found = intervals([Observation(runs, HOUR + 60_000)], from_ms=HOUR + 5000, to_ms=HOUR + 40_000, join_ms=3000)
    assert found == [
        StateInterval("READY", HOUR + 5000, HOUR + 10_000),
        StateInterval("ACTIVE", HOUR + 10_000, HOUR + 30_000),
        StateInterval("UNAVAILABLE", HOUR + 30_000, HOUR + 40_000),
    ]


def test_equal_states_of_neighbouring_chunks_are_one_interval_and_holes_stay_holes() -> None:
    seen = [Observation([(0, "ACTIVE")], 60), Observation([(61, "ACTIVE")], 120), Observation([(300, "ACTIVE")], 360)]
    found = intervals(seen, from_ms=0, to_ms=1000, join_ms=3)
    assert found == [StateInterval("ACTIVE", 0, 120), StateInterval("ACTIVE", 300, 360)]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50), st.sampled_from(["ACTIVE", "READY", None])),
                max_size=8))  # fmt: skip
def test_intervals_never_overlap_whatever_was_seen(spans: list[tuple[int, int, str | None]]) -> None:
    seen = [Observation([(start, text)], start + length) for start, length, text in spans]
    found = intervals(seen, from_ms=0, to_ms=1000, join_ms=3)
    assert all(left.to_ms <= right.from_ms for left, right in pairwise(found))


@given(st.data())
def test_a_series_is_what_counting_row_by_row_gives(data: st.DataObject) -> None:
    chunks, seq = [], 1
    for _ in range(data.draw(st.integers(0, 4))):
        count = data.draw(st.integers(1, 12))
        values = data.draw(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=count, max_size=count))
        texts = data.draw(st.lists(st.one_of(st.none(), st.integers(0, 2)), min_size=count, max_size=count))
        t0_ms, period_ms = HOUR + data.draw(st.integers(-9000, 20_000)), data.draw(st.sampled_from([500, 1000, 1700]))
        columns = [texts, values, values, values]
        chunks.append(Rows(MACHINE.hash, b"\0\0\0\1boot", seq, t0_ms, period_ms, columns, [0] * count))
        seq += count
    seconds = data.draw(st.sampled_from([1, 2, 5]))
    found = resampled(chunks, seconds, last_s=20)
    for slot in range(20 // seconds):
        inside = [
            (chunk.columns[0][row], chunk.columns[2][row])
            for chunk in chunks
            for row in range(len(chunk.quality))
            if (chunk.t0_ms + row * chunk.period_ms - HOUR) // (seconds * 1000) == slot
        ]
        loads = [load for _, load in inside if load is not None]
        texts = [MACHINE.signals[0].texts[text] for text, _ in inside if text is not None]
        assert found["s1.load"][slot] == (pytest.approx(sum(loads) / len(loads) / 10) if loads else None)
        assert found["controller.execution"][slot] == (texts[-1] if texts else None)


def test_minutes_of_two_rollups_of_one_hour_complete_each_other() -> None:
    first, second = rollup([minute(0)], MACHINE, HOUR), rollup([minute(1, load=300)], MACHINE, HOUR)
    found = from_rollups(
        [first, second], schemas=SCHEMAS, signals=["s1.load"], from_ms=HOUR - 60_000, to_ms=HOUR + 120_000,
        resolution_s=60,
    )  # fmt: skip
    assert found.columns["s1.load"] == [None, 50.0, 30.0]


def test_coarser_steps_weigh_minutes_by_their_rows() -> None:
    made = rollup([minute(0, load=100), minute(1, load=400, rows=30)], MACHINE, HOUR)
    found = from_rollups(
        [made], schemas=SCHEMAS, signals=["s1.load"], from_ms=HOUR, to_ms=HOUR + 120_000, resolution_s=120
    )
    assert found.columns["s1.load"] == [pytest.approx(20.0)]
