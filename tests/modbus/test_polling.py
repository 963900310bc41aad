"""The driver in the poll loop of a component: rows in the journal."""

import asyncio
from pathlib import Path

from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.modbus.simulator import ModbusSimulator
from tests.edge_kit.fakes import T0, HandPace, bootstrap, eventually, open_journal

from .devices import METER, driver, noise, proxy, silent_device, source, usual


class Ticks(HandPace):
    """Every tick comes at once; a read may take as long as a device needs."""

    async def sleep_until(self, at_ms: int) -> None:
        await asyncio.sleep(0.002)
        self.ms = max(self.ms, at_ms)

    def wall_s(self, shop_ms: int) -> float:
        return 5.0


async def test_rows_of_a_good_device_go_on_beside_a_silent_and_a_damaging_one(tmp_path: Path) -> None:
    values = usual(METER)
    async with (
        ModbusSimulator(METER, lambda: values) as simulator,
        silent_device() as silent_port,
        proxy(simulator.port, noise) as damaging_port,
    ):
        journal = open_journal(bootstrap(tmp_path), HandPace(T0))
        loops = {}
        for number, port in enumerate((simulator.port, silent_port, damaging_port)):
            config = source(port, id=f"d_{number}" + "0" * 15, period_ms=1_000)
            reader = driver(port, period_ms=500)
            loops[number] = PollLoop(config, reader, journal, Ticks(T0))
        tasks = [asyncio.create_task(loop.run()) for loop in loops.values()]
        good, silent, damaging = (loop.state for loop in loops.values())
        errors: dict[int, set[str]] = {number: set() for number in loops}

        def shown() -> bool:
            for number, loop in loops.items():
                errors[number].add(loop.state.last_error)
            return good.rows >= 50 and all(any("unit 1" in why for why in errors[number]) for number in (1, 2))

        await eventually(shown)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        journal.close()
    assert (good.connected, good.last_error) == (True, "")
    assert (silent.rows, damaging.rows) == (0, 0)
    assert errors[0] == {""}
    assert min(silent.unread, damaging.unread) >= 1
