import itertools
from datetime import UTC, datetime, timedelta

import pytest

from simulated_shop.activity import FACES
from simulated_shop.clock import time_lapse
from simulated_shop.control import LiveControl
from simulated_shop.demo import ALDER, DEMO, NORTHWIND, DemoShop, many, shop_document, simulator_document
from simulated_shop.machine import Machine
from simulated_shop.spec import BadSpec, machine_spec

from .making import START, machine

WINTER, SUMMER = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC)


def changes(shop: DemoShop, start: datetime, *, days: int) -> list[datetime]:
    """When some machine of the shop shows another state."""
    found: list[datetime] = []
    for one in shop.machines:
        shown = None
        made = Machine(machine_spec(shop_document(one, shop, commissioned=start.isoformat())))
        for stretch in made.stretches(start, start + timedelta(days=days)):
            face = FACES[stretch.activity]
            now = (face.run, face.mode, face.m_code, face.emergency, stretch.alarm)
            if now != shown:
                found.append(stretch.start)
            shown = now
    return sorted(found)


@pytest.mark.parametrize("start", [WINTER, SUMMER])
def test_within_any_minute_of_the_demo_some_machine_changes_its_state(start: datetime) -> None:
    found = changes(NORTHWIND, start, days=7)
    longest = max(after - before for before, after in itertools.pairwise(found))
    assert longest <= timedelta(seconds=60)


def test_at_night_most_machines_cut() -> None:
    night = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
    made = [Machine(machine_spec(shop_document(one, NORTHWIND))) for one in NORTHWIND.machines]
    shares = []
    for minute in range(0, 180, 3):
        snapshots = [one.at(night + timedelta(minutes=minute)) for one in made]
        assert {s.shift for s in snapshots} == {"night"}
        shares.append(sum(s.run == 3 for s in snapshots) / len(snapshots))
    assert sum(shares) / len(shares) > 0.5


def test_the_demo_is_six_machines_of_three_kinds_in_two_cells_and_a_second_shop_of_two() -> None:
    assert len(NORTHWIND.machines) == 6
    assert {one.shown_kind for one in NORTHWIND.machines} == {"mill", "lathe", "5-axis"}
    assert len(NORTHWIND.cells) == 2
    assert len(ALDER.machines) == 2
    assert not {user.email for user in NORTHWIND.users} & {user.email for user in ALDER.users}


def test_many_machines_are_the_same_ones_every_time() -> None:
    shops = many(64)
    assert sum(len(shop.machines) for shop in shops) == 64
    assert shops == many(64)
    assert shops[0].machines[:6] == NORTHWIND.machines
    assert len({one.name for shop in shops for one in shop.machines}) == 64


def test_one_machine_of_each_further_line_speaks_mtconnect() -> None:
    controls = [one.sources[0].component for one in many(28)[0].machines]
    assert [number for number, component in enumerate(controls, start=1) if component == "mtconnect"] == [7, 17]


@pytest.mark.parametrize(("count", "shared"), [(1, [1, 0]), (2, [1, 1]), (3, [1, 2]), (8, [6, 2])])
def test_few_machines_are_shared_by_both_shops(count: int, shared: list[int]) -> None:
    assert [len(shop.machines) for shop in many(count)] == shared


def test_no_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="0 machines: expected at least 1"):
        many(0)


@pytest.mark.parametrize("shop", DEMO)
def test_every_demo_machine_can_be_simulated_from_its_document(shop: DemoShop) -> None:
    for one in shop.machines:
        document = simulator_document(one, shop, ports=range(len(one.sources)))
        assert Machine(machine_spec(document["shop"])).at(START).program_number in one.programs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "planer"}, "'planer': expected one of mill, lathe"),
        ({"commissioned": "2026-01-01T00:00:00"}, "expected a time zone"),
        ({"faults": [{"kind": "rusts"}]}, "'rusts': expected one of spindle_heats"),
    ],
)
def test_a_bad_document_is_refused_with_what_was_seen(change: dict[str, object], message: str) -> None:
    with pytest.raises(BadSpec, match=message):
        machine_spec({**shop_document(NORTHWIND.machines[0], NORTHWIND), **change})


def test_a_document_with_a_field_missing_names_it() -> None:
    document = shop_document(NORTHWIND.machines[0], NORTHWIND)
    del document["seed"]
    with pytest.raises(BadSpec, match="'seed'"):
        machine_spec(document)


async def test_all_that_is_read_in_one_step_of_the_loop_is_of_one_instant() -> None:
    times = iter(START + timedelta(seconds=number) for number in range(100))
    control = LiveControl(machine("mill"), lambda: next(times))
    assert control.now == control.now == START


def test_without_a_loop_every_reading_is_fresh() -> None:
    times = iter(START + timedelta(seconds=number) for number in range(100))
    control = LiveControl(machine("mill"), lambda: next(times))
    assert control.now != control.now


def test_a_time_lapse_runs_faster_and_never_ahead_of_wall_time() -> None:
    started = START
    wall = [started]
    clock = time_lapse(
        since_ms=int((started - timedelta(days=7)).timestamp() * 1000),
        started_ms=int(started.timestamp() * 1000),
        speed=20,
        now=lambda: wall[0],
    )
    assert clock() == started - timedelta(days=7)
    wall[0] = started + timedelta(hours=1)
    assert clock() == started - timedelta(days=7) + timedelta(hours=20)
    wall[0] = started + timedelta(hours=10)
    assert clock() == wall[0]
