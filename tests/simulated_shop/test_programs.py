import itertools

import pytest

from simulated_shop.nc.steps import StepKind
from simulated_shop.programs.catalog import PROGRAMS, steps_of
from simulated_shop.recipe import recipe_of
from simulated_shop.replay import BadRecording, read_rows, recorded_timeline
from simulated_shop.timeline import program_timeline


@pytest.mark.parametrize("number", PROGRAMS)
def test_a_program_runs_to_its_end_and_cuts_with_all_its_tools(number: int) -> None:
    steps = steps_of(number)
    assert steps[-1].kind is StepKind.END
    assert {step.tool for step in steps if step.cuts} == {tool.number for tool in PROGRAMS[number].tools}


@pytest.mark.parametrize("number", PROGRAMS)
def test_steps_join_without_a_jump(number: int) -> None:
    steps = steps_of(number)
    assert all(before.end == after.start for before, after in itertools.pairwise(steps))


@pytest.mark.parametrize("number", PROGRAMS)
def test_a_lower_feed_override_takes_longer_and_needs_less_power(number: int) -> None:
    slow, fast = program_timeline(number, 80), program_timeline(number, 110)
    assert slow.duration_s > fast.duration_s
    assert slow.mean_heat < fast.mean_heat


@pytest.mark.parametrize("number", [*PROGRAMS, 9009, 9010])
def test_the_sums_of_a_pass_only_grow(number: int) -> None:
    timeline = recipe_of(number).timeline(100)
    sums = [timeline.progress(timeline.duration_s * part / 200) for part in range(201)]
    assert [s.cut_s for s in sums] == sorted(s.cut_s for s in sums)
    assert [s.cut_ws for s in sums] == sorted(s.cut_ws for s in sums)


def test_the_distance_to_go_and_the_position_add_up_to_the_end_of_the_block() -> None:
    timeline = program_timeline(1001, 100)
    moments = [timeline.moment(second / 4) for second in range(160)]
    feeding = [m for m in moments if m.kind is StepKind.FEED and m.line == 7]
    ends = {round(m.machine[0] + m.distance[0], 6) for m in feeding}
    assert len(feeding) > 3
    assert ends == {130.0 - 402.5}


def test_a_replay_passes_through_the_recorded_positions() -> None:
    moment = recorded_timeline(10).moment(0.0)
    after = recorded_timeline(10).moment(0.1)
    assert moment.machine == (198.0, 158.0, 119.0)
    assert after.loads is not None


def test_a_replay_cuts_wax_with_little_power() -> None:
    timeline = recorded_timeline(9)
    powers = [timeline.moment(second / 10).cut_w for second in range(int(timeline.duration_s * 10))]
    assert 50 < max(powers) < 500


def test_a_recording_with_a_column_missing_names_it() -> None:
    with pytest.raises(BadRecording, match="nc_line"):
        read_rows("x_mm,y_mm\n1,2\n")
