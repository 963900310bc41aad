"""From an agent to the journal: rows of ticks that were missed come back in their place, and gaps are declared."""

import asyncio
from pathlib import Path
from typing import Any

from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records, recovery
from greengrass_components.edge_kit.poll_loop import PollLoop
from greengrass_components.mtconnect.driver import open_driver
from tests.edge_kit.fakes import HandPace, bootstrap, eventually, open_journal
from tests.mtconnect.agents import T0, Floor, device, serving, source

START = T0 // 60_000 * 60_000


class Shop(HandPace):
    """Time goes on by a tick whenever the test allows one more."""

    def __init__(self) -> None:
        super().__init__(START)
        self.allowed = START

    async def sleep_until(self, at_ms: int) -> None:
        while at_ms > self.allowed:
            await asyncio.sleep(0.002)
        self.ms = max(self.ms, at_ms)

    def wall_s(self, shop_ms: int) -> float:
        return 5.0


class Written:
    """What a journal holds."""

    def __init__(self, folder: Path) -> None:
        data = b"".join(path.read_bytes() for path in recovery.segments_of(folder))
        self.rows: list[tuple[int, int, dict[str, Any]]] = []
        self.unobserved: list[dict[str, Any]] = []
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        schema: Schema | None = None
        for _, body in records.scan(data, 0, records.Scan(0)):
            if body[0] == records.SOURCE:
                schema = Schema.parse(records.unpack_source(body).schema)
            elif body[0] == records.ROW and schema is not None:
                row = records.unpack_row(body, len(schema.signals))
                values = {s.key: s.value(v) for s, v in zip(schema.signals, row.values, strict=True)}
                self.rows.append((row.seq, row.at_ms, values))
            elif body[0] == records.UNOBSERVED:
                self.unobserved.append(records.unpack_json(body))
            elif body[0] == records.EVENT:
                event = records.unpack_event(body)
                self.events.append((event.at_ms, event.type, event.data))

    def parts(self) -> list[Any]:
        return [values["path1.part_count.all"] for _, _, values in self.rows]


async def test_an_agent_out_of_reach_for_a_while_leaves_no_hole(tmp_path: Path) -> None:
    shop = Shop()
    floor = Floor((device(),), clock_ms=shop.now_ms)
    floor.say("d1_avail", "AVAILABLE")
    floor.say("d1_parts", "0")
    journal = open_journal(bootstrap(tmp_path), shop)
    folder = bootstrap(tmp_path).journal("test")
    async with serving(floor) as server:
        port = server.port
        config = source(port)
        loop = PollLoop(config, open_driver(config), journal, shop)
        task = asyncio.create_task(loop.run())
        second = 0

        async def tick(parts: int) -> None:
            nonlocal second
            second += 1
            shop.ms = START + second * 1000 - 400
            floor.say("d1_parts", str(parts))
            await asyncio.sleep(0.03)
            shop.allowed = START + second * 1000
            await asyncio.sleep(0.03)

        while len(Written(folder).rows) < 3:
            await tick(second)
        await server.stop()
        await eventually(lambda: loop.state.connected)
        for _ in range(6):
            await tick(100 + second)
        lost_at = second
        assert not loop.state.connected
        async with serving(floor, port):
            while not loop.state.connected:
                await tick(200 + second)
            for _ in range(3):
                await tick(300 + second)
            await eventually(lambda: len(Written(folder).rows) >= second - 4)
            task.cancel()
            await asyncio.wait([task])
    journal.close()
    found = Written(folder)
    assert [seq for seq, _, _ in found.rows] == list(range(1, len(found.rows) + 1))
    times = [at_ms for _, at_ms, _ in found.rows]
    assert times == list(range(times[0], times[0] + 1000 * len(times), 1000))
    assert None not in found.parts()
    missed = [parts for at, parts in zip(times, found.parts(), strict=True) if START + lost_at * 1000 - 3000 <= at]
    assert missed == sorted(missed)
    assert any(100 <= parts < 200 for parts in found.parts())
    assert found.unobserved == []
    availability = [data["availability"] for _, kind, data in found.events if kind == "state"]
    assert availability == ["AVAILABLE", "UNAVAILABLE", "AVAILABLE"]


async def test_what_the_agent_forgot_is_rows_of_nulls_and_declared(tmp_path: Path) -> None:
    shop = Shop()
    floor = Floor((device(),), size=30, clock_ms=shop.now_ms)
    floor.say("d1_avail", "AVAILABLE")
    floor.say("d1_parts", "0")
    journal = open_journal(bootstrap(tmp_path), shop)
    folder = bootstrap(tmp_path).journal("test")
    async with serving(floor) as server:
        config = source(server.port, stream=False)  # every tick asks, so that rows are never behind the agent
        loop = PollLoop(config, open_driver(config), journal, shop)
        task = asyncio.create_task(loop.run())
        second = 0

        async def step(changes: int) -> None:
            nonlocal second
            second += 1
            shop.ms = START + second * 1000 - 400
            for number in range(changes):
                floor.say("d1_parts", str(1000 * second + number))
            await asyncio.sleep(0.03)
            shop.allowed = START + second * 1000
            await asyncio.sleep(0.03)

        while len(Written(folder).rows) < 3:
            await step(1)
        port = server.port
        await server.stop()
        for _ in range(10):
            await step(10)
        async with serving(floor, port):
            while not loop.state.connected:
                await step(1)
            await step(1)
            await eventually(lambda: bool(Written(folder).unobserved))
            task.cancel()
            await asyncio.wait([task])
    journal.close()
    found = Written(folder)
    [lost] = found.unobserved
    assert lost["why"] == "agent_buffer_overrun"
    inside = [
        p for (_, at, _), p in zip(found.rows, found.parts(), strict=True) if lost["from_ms"] < at < lost["to_ms"]
    ]
    assert inside
    assert set(inside) == {None}
    times = [at_ms for _, at_ms, _ in found.rows]
    assert times == list(range(times[0], times[0] + 1000 * len(times), 1000))
