import itertools
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from simulated_shop.activity import Activity
from simulated_shop.faults import Fault, FaultKind
from simulated_shop.machine import Machine
from simulated_shop.sensors import energy_meter
from simulated_shop.snapshot import Snapshot

from .making import PROGRAMS, START, machine

DAY = timedelta(days=1)
POWERS = ("wattage", "volt_ampere", "volt_ampere_reactive")


def over(found: Machine, *, hours: float, step_s: float = 5.0) -> list[Snapshot]:
    count = int(hours * 3_600 / step_s)
    return [found.at(START + timedelta(seconds=step_s * number)) for number in range(count)]


@pytest.mark.parametrize("kind", PROGRAMS)
def test_two_machines_of_one_seed_live_the_same_life(kind: str) -> None:
    instants = [START + timedelta(hours=7.3 * number) for number in range(12)]
    one, other = machine(kind), machine(kind)
    backwards = [other.at(instant) for instant in reversed(instants)]
    assert [one.at(instant) for instant in instants] == backwards[::-1]


def test_another_process_continues_at_the_same_point() -> None:
    code = (
        "from tests.simulated_shop.making import START, machine\n"
        "from datetime import timedelta\n"
        "print(repr(machine('5-axis').at(START + timedelta(seconds=4321.5))))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.strip() == repr(machine("5-axis").at(START + timedelta(seconds=4321.5)))


def test_another_seed_and_another_name_live_another_life() -> None:
    lives = [
        [s.activity for s in m.stretches(START, START + DAY)]
        for m in (machine(seed=1), machine(seed=2), machine(name="N"))
    ]
    assert lives[0] != lives[1]
    assert lives[0] != lives[2]


@pytest.mark.parametrize("kind", PROGRAMS)
def test_stretches_leave_no_hole(kind: str) -> None:
    stretches = list(machine(kind).stretches(START, START + 2 * DAY))
    assert stretches[0].start == START
    assert stretches[-1].end == START + 2 * DAY
    assert all(before.end == after.start for before, after in itertools.pairwise(stretches))


def test_axes_never_move_faster_than_rapid_while_a_program_runs() -> None:
    found = machine("mill")
    snapshots = over(found, hours=0.3, step_s=0.1)
    for before, after in itertools.pairwise(snapshots):
        if before.activity is after.activity is Activity.CUTTING and before.cycle_ms < after.cycle_ms:
            moved = [abs(b.machine - a.machine) for a, b in zip(before.axes, after.axes, strict=True)]
            assert max(moved) <= 30_000 / 60 * 0.1 + 1e-6


def test_parts_count_up_by_one_and_the_total_never_falls() -> None:
    snapshots = over(machine("lathe"), hours=30, step_s=20)
    counts = [s.part_count for s in snapshots]
    totals = [s.part_total for s in snapshots]
    assert all(after - before in (0, 1) or after == 0 for before, after in itertools.pairwise(counts))
    assert totals == sorted(totals)
    assert totals[-1] - totals[0] > 500


def test_meters_and_timers_only_grow_across_the_end_of_a_day() -> None:
    snapshots = over(machine("mill"), hours=50, step_s=60)
    for series in (
        [s.surroundings.energy_ws for s in snapshots],
        [s.operating_ms for s in snapshots],
        [s.cutting_ms for s in snapshots],
        [s.power_on_ms for s in snapshots],
    ):
        assert series == sorted(series)


def test_the_energy_meter_agrees_with_the_power() -> None:
    snapshots = over(machine("mill"), hours=1, step_s=1)
    metered = snapshots[-1].surroundings.energy_ws - snapshots[0].surroundings.energy_ws
    summed = sum(s.surroundings.power_w for s in snapshots[:-1])
    assert metered == pytest.approx(summed, rel=0.02)


def test_phases_of_the_energy_meter_add_up_to_its_totals() -> None:
    for snapshot in over(machine("mill"), hours=1, step_s=60):
        values = energy_meter(snapshot)
        of = {name: [values[f"electric.{name}.l{at}"] for at in (1, 2, 3)] for name in POWERS}
        for name in POWERS:
            assert sum(of[name]) == pytest.approx(values[f"electric.{name}"])
        for watt, apparent, reactive in zip(*of.values(), strict=True):
            assert apparent**2 == pytest.approx(watt**2 + reactive**2)


def test_temperatures_change_slowly_across_the_end_of_a_day() -> None:
    warm = [s.spindles[0].temperature_c for s in over(machine("lathe"), hours=26, step_s=10)]
    assert max(abs(b - a) for a, b in itertools.pairwise(warm)) < 0.6
    assert max(warm) - min(warm) > 8


def test_tools_wear_while_cutting_and_are_changed_when_worn() -> None:
    snapshots = over(machine("lathe"), hours=20, step_s=10)
    wear = [s.tools[0].used for s in snapshots if s.program_number == 2001]
    rising = sum(after > before for before, after in itertools.pairwise(wear))
    fallen = [before for before, after in itertools.pairwise(wear) if after < before - 0.3]
    assert rising > 100
    assert any(limit >= 0.86 for limit in fallen)


def test_a_worn_tool_loads_the_spindle_more() -> None:
    healthy = machine("mill")
    worn = machine("mill", faults=(Fault(FaultKind.TOOL_WEARS, START - timedelta(hours=20), 9.0),))

    def mean(found: Machine) -> float:
        loads = [s.spindles[0].load_percent / s.feed_mm_min for s in over(found, hours=6, step_s=15) if s.feed_mm_min]
        return sum(loads) / len(loads)

    assert mean(worn) > mean(healthy)


def test_stops_have_causes_and_alarms_come_and_go() -> None:
    stretches = list(machine("mill").stretches(START, START + 6 * DAY))
    seen = {s.activity for s in stretches}
    assert seen >= {
        Activity.CUTTING,
        Activity.LOADING,
        Activity.FEED_HOLD,
        Activity.OPTIONAL_STOP,
        Activity.PROGRAM_STOP,
        Activity.OVERRIDE_ZERO,
        Activity.ALARM,
        Activity.RECOVERING,
        Activity.WAITING_MATERIAL,
        Activity.BREAK,
        Activity.TOOL_CHANGE,
        Activity.SETUP_MOVES,
        Activity.SETUP_MDI,
    }
    assert all((s.alarm is not None) == (s.activity in (Activity.ALARM, Activity.EMERGENCY)) for s in stretches)


def test_an_emergency_stop_is_shown_as_one() -> None:
    machines = (machine("lathe", seed=seed) for seed in range(20))
    found, stop = next(
        (one, stretch)
        for one in machines
        for stretch in one.stretches(START, START + 2 * DAY)
        if stretch.activity is Activity.EMERGENCY
    )
    snapshot = found.at(stop.start + timedelta(seconds=1))
    assert (snapshot.emergency, snapshot.run) == (1, 0)
    assert snapshot.alarms[0].text == "EMERGENCY STOP PRESSED"
    assert snapshot.spindles[0].speed_rpm == 0.0


def test_some_parts_are_scrap() -> None:
    snapshots = over(machine("lathe"), hours=24, step_s=60)
    assert max(s.order.scrap for s in snapshots) >= 1
    assert all(s.order.scrap <= s.order.made for s in snapshots)


def test_a_machine_that_needs_people_rests_with_them_and_one_that_does_not_goes_on() -> None:
    assert any(s.activity is Activity.BREAK for s in machine("mill").stretches(START, START + DAY))
    assert not any(s.activity is Activity.BREAK for s in machine("lathe").stretches(START, START + DAY))


def test_a_hot_spindle_shows_from_the_hour_it_begins() -> None:
    since = START + timedelta(hours=3)
    healthy = machine("lathe")
    ill = machine("lathe", faults=(Fault(FaultKind.SPINDLE_HEATS, since, 1.5),))

    def heat(found: Machine, now: datetime) -> float:
        return found.at(now).spindles[0].temperature_c

    assert heat(ill, since - timedelta(minutes=5)) == heat(healthy, since - timedelta(minutes=5))
    assert heat(ill, since + timedelta(hours=1)) > heat(healthy, since + timedelta(hours=1)) + 5


def test_a_fault_ends_when_it_is_repaired() -> None:
    fault = Fault(FaultKind.SPINDLE_VIBRATES, START, 2.0, until=START + timedelta(hours=1))
    ill, healthy = machine("lathe", faults=(fault,)), machine("lathe")
    turning = [
        (a.surroundings.vibration_mm_s / b.surroundings.vibration_mm_s, a.now)
        for a, b in zip(over(ill, hours=2, step_s=60), over(healthy, hours=2, step_s=60), strict=True)
        if a.activity is Activity.CUTTING and a.spindles[0].speed_rpm
    ]
    assert {round(ratio, 3) for ratio, now in turning if now < START + timedelta(hours=1)} == {3.0}
    assert {ratio for ratio, now in turning if now >= START + timedelta(hours=1)} == {1.0}


def test_winter_and_summer_time_are_both_lived_through() -> None:
    found = machine("mill")
    switch = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    snapshots = [found.at(switch + timedelta(minutes=7 * number)) for number in range(-300, 300)]
    energy = [s.surroundings.energy_ws for s in snapshots]
    assert energy == sorted(energy)


def test_before_its_first_day_a_machine_has_no_past() -> None:
    spec = replace(machine().spec, commissioned=START + DAY)
    snapshot = Machine(spec).at(START)
    assert snapshot.power_on_ms == 0
    assert snapshot.part_total < 1_000
