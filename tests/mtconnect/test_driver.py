"""Reading an agent: its signals, its state, its alarms, and nothing lost that it still holds."""

import asyncio
from typing import Any

import pytest

from cnc.domain.base.mtconnect import Execution
from cnc.domain.telemetry.facts import Quality
from greengrass_components.edge_kit.driver import DriverError, Reading
from greengrass_components.edge_kit.mtconnect.vocabulary import WORDS
from greengrass_components.mtconnect.driver import MtconnectDriver
from tests.mtconnect.agents import T0, Floor, device, reading, serving, until


def named(driver: MtconnectDriver, found: Reading) -> dict[str, Any]:
    assert driver.schema is not None
    return {s.key: s.value(v) for s, v in zip(driver.schema.signals, found.values, strict=True)}


async def read_on(driver: MtconnectDriver, tick_ms: int) -> None:
    """Read until that fails, and fail by the deadline."""
    async with asyncio.timeout(10):
        while True:
            await driver.read(tick_ms=tick_ms)
            await asyncio.sleep(0.02)


def running(floor: Floor) -> None:
    for item, value in (
        ("d1_avail", "AVAILABLE"), ("d1_exec", "ACTIVE"), ("d1_mode", "AUTOMATIC"), ("d1_estop", "ARMED"),
        ("d1_pgm", "O0042"), ("d1_parts", "7"), ("d1_xpos", "12.3456"), ("d1_speed", "8000"),
    ):  # fmt: skip
        floor.say(item, value)
    floor.alarm("d1_sys", "NORMAL")
    floor.alarm("d1_motion", "NORMAL")


@pytest.fixture
def floor() -> Floor:
    made = Floor((device(),))
    running(made)
    return made


async def test_items_become_signals_of_the_same_keys_as_from_any_other_control(floor: Floor) -> None:
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        found = named(driver, await driver.read(tick_ms=T0))
        assert found == {
            "x.position.actual": 12.346,
            "s1.rotary_velocity.actual": 8000,
            "controller.emergency_stop": "ARMED",
            "controller.execution": "ACTIVE",
            "controller.controller_mode": "AUTOMATIC",
            "path1.part_count.all": 7,
        }


def test_the_words_of_execution_are_those_of_the_product() -> None:
    assert (*WORDS["EXECUTION"], "UNAVAILABLE") == tuple(map(str, Execution))


async def test_state_program_and_parts_are_facts(floor: Floor) -> None:
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        facts = (await driver.read(tick_ms=T0)).facts
        assert facts["state"] == {
            "availability": "AVAILABLE",
            "execution": "ACTIVE",
            "controller_mode": "AUTOMATIC",
            "functional_mode": "UNAVAILABLE",
            "emergency_stop": "ARMED",
            "fault": False,
        }
        assert facts["program"] == {"name": "O0042", "number": 42}
        assert facts["part"] == {"count": 7}


async def test_an_unavailable_item_is_no_value_and_the_others_stay_good(floor: Floor) -> None:
    floor.say("d1_xpos", "UNAVAILABLE")
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        found = await driver.read(tick_ms=T0)
        assert named(driver, found)["x.position.actual"] is None
        assert named(driver, found)["s1.rotary_velocity.actual"] == 8000
        assert found.quality == Quality.GOOD


async def test_nonsense_is_no_value_and_makes_the_row_doubtful(floor: Floor) -> None:
    floor.say("d1_xpos", "twelve")
    floor.say("d1_exec", "DANCING")
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        found = await driver.read(tick_ms=T0)
        assert (named(driver, found)["x.position.actual"], named(driver, found)["controller.execution"]) == (None, None)
        assert found.quality == Quality.UNCERTAIN


async def test_a_device_that_says_it_is_unavailable_has_no_values(floor: Floor) -> None:
    floor.say("d1_avail", "UNAVAILABLE")
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        found = await driver.read(tick_ms=T0)
        assert found.quality == Quality.UNAVAILABLE
        assert found.facts["state"]["execution"] == "UNAVAILABLE"


@pytest.mark.parametrize("stream", [True, False])
async def test_what_changes_is_in_the_next_rows_streamed_or_polled(floor: Floor, stream: bool) -> None:
    async with serving(floor) as server, reading(server.port, stream=stream) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        floor.say("d1_exec", "FEED_HOLD")
        async with asyncio.timeout(10):
            while named(driver, await driver.read(tick_ms=T0))["controller.execution"] != "FEED_HOLD":
                await asyncio.sleep(0.02)


async def test_several_alarms_are_active_at_once_and_each_is_cleared_by_its_code(floor: Floor) -> None:
    async with serving(floor) as server, reading(server.port, stream=False) as driver:
        await driver.connect()
        floor.alarm("d1_sys", "FAULT", "411", "SERVO")
        floor.alarm("d1_sys", "WARNING", "LOW-OIL", "OIL")
        found = await driver.read(tick_ms=T0)
        assert sorted((a["number"], a["text"], a["level"]) for a in found.alarms.values() if a["number"] == 411) == [
            (411, "SERVO", "FAULT")
        ]
        assert len(found.alarms) == 2
        assert found.facts["state"]["fault"]
        floor.alarm("d1_sys", "NORMAL", "411")
        found = await driver.read(tick_ms=T0)
        assert [a["number"] for a in found.alarms.values()] == ["LOW-OIL"]
        assert not found.facts["state"]["fault"]
        floor.alarm("d1_sys", "NORMAL")
        assert (await driver.read(tick_ms=T0)).alarms == {}


async def test_an_alarm_between_two_rows_is_seen_in_one_of_them(floor: Floor) -> None:
    async with serving(floor) as server, reading(server.port, stream=False) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        floor.alarm("d1_sys", "FAULT", "500")
        floor.alarm("d1_sys", "NORMAL", "500")
        assert [a["number"] for a in (await driver.read(tick_ms=T0)).alarms.values()] == [500]
        assert (await driver.read(tick_ms=T0)).alarms == {}


async def test_an_agent_with_several_devices_wants_a_name_and_says_which_there_are() -> None:
    floor = Floor((device("d1", "Mill"), device("d2", "Lathe")))
    async with serving(floor) as server:
        async with reading(server.port) as driver:
            with pytest.raises(DriverError, match=r"2 devices.*Mill, Lathe"):
                await driver.connect()
        async with reading(server.port, device="Saw") as driver:
            with pytest.raises(DriverError, match="no device 'Saw'"):
                await driver.connect()
        for name in ("Lathe", "uuid-d2"):
            floor.say("d2_avail", "AVAILABLE")
            floor.say("d2_parts", "3")
            async with reading(server.port, device=name) as driver:
                await driver.connect()
                assert named(driver, await driver.read(tick_ms=T0))["path1.part_count.all"] == 3


async def test_after_a_cut_the_missed_ticks_are_filled_from_what_the_agent_holds(floor: Floor) -> None:
    now = [T0]
    floor.clock_ms = lambda: now[0]
    floor.restart()
    running(floor)
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await driver.close()  # what the poll loop does when a read fails
        for second, parts in ((1, "8"), (2, "9"), (4, "10")):
            now[0] = T0 + 1000 * second - 500
            floor.say("d1_parts", parts)
            floor.alarm("d1_sys", "FAULT" if second == 2 else "NORMAL", "500")
        now[0] = T0 + 5000
        await driver.connect()
        ticks = [T0 + 1000 * second for second in (1, 2, 3, 4)]
        found = driver.recover(ticks, now_ms=T0 + 5000)
        rows = [named(driver, row)["path1.part_count.all"] for row in found if row]
        assert rows == [8, 9, 9, 10]
        assert [len(row.alarms) for row in found if row] == [0, 1, 1, 0]
        final = await driver.read(tick_ms=T0 + 5000)
        assert named(driver, final)["path1.part_count.all"] == 10
        assert list(final.unseen) == []


async def test_what_streams_in_before_the_missed_ticks_are_filled_does_not_overtake_them() -> None:
    now = [T0]
    floor = Floor((device(),), clock_ms=lambda: now[0])
    running(floor)
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await driver.close()
        now[0] = T0 + 1000
        floor.say("d1_parts", "8")
        await driver.connect()
        now[0] = T0 + 3000
        floor.say("d1_parts", "9")
        await until(lambda: driver._next == floor.agent.buffer.next_sequence)
        [missed] = driver.recover([T0 + 2000], now_ms=T0 + 3000)
        assert missed is not None
        assert named(driver, missed)["path1.part_count.all"] == 8
        assert named(driver, await driver.read(tick_ms=T0 + 4000))["path1.part_count.all"] == 9


async def test_what_left_the_buffer_is_declared_and_the_rest_recovered() -> None:
    now = [T0]
    floor = Floor((device(),), size=40, clock_ms=lambda: now[0])
    running(floor)
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await driver.close()
        for second in range(1, 101):
            now[0] = T0 + second * 1000
            floor.say("d1_parts", str(second))
        await driver.connect()
        ticks = [T0 + 1000 * second + 500 for second in range(100)]
        found = driver.recover(ticks, now_ms=now[0])
        counts = [named(driver, row)["path1.part_count.all"] if row else None for row in found]
        assert counts[:60] == [None] * 60
        assert counts[61:] == list(range(61, 100))
        final = await driver.read(tick_ms=now[0])
        assert named(driver, final)["controller.execution"] == "ACTIVE"
        assert [(span.from_ms, span.to_ms, span.why) for span in final.unseen] == [
            (T0, T0 + 61_000, "agent_buffer_overrun")
        ]
        assert list((await driver.read(tick_ms=now[0])).unseen) == []


async def test_an_agent_that_was_started_again_is_read_from_its_first_sequence() -> None:
    now = [T0]
    floor = Floor((device(),), clock_ms=lambda: now[0])
    running(floor)
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        now[0] = T0 + 10_000
        floor.restart()
        now[0] = T0 + 12_000
        running(floor)
        floor.say("d1_parts", "99")
        with pytest.raises(DriverError):
            await read_on(driver, now[0])
        await driver.close()
        await driver.connect()
        found = driver.recover([T0 + 5_000, T0 + 11_000, T0 + 12_500], now_ms=now[0])
        assert found[0] is None
        assert found[1] is not None
        assert found[1].quality == Quality.UNAVAILABLE
        assert found[2] is not None
        assert named(driver, found[2])["path1.part_count.all"] == 99
        final = await driver.read(tick_ms=now[0])
        assert [(span.from_ms, span.to_ms, span.why) for span in final.unseen] == [(T0, T0 + 10_000, "agent_restarted")]


async def test_a_stream_that_ends_is_an_unread_tick(floor: Floor) -> None:
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await server.stop()
        with pytest.raises(DriverError):
            await read_on(driver, T0)


async def test_a_catching_up_that_is_cut_off_still_declares_what_was_lost_before_it() -> None:
    now = [T0]
    floor = Floor((device(),), size=40, clock_ms=lambda: now[0])
    running(floor)
    async with serving(floor) as server, reading(server.port) as driver:
        await driver.connect()
        await driver.read(tick_ms=T0)
        await driver.close()
        for second in range(1, 101):
            now[0] = T0 + second * 1000
            floor.say("d1_parts", str(second))
        sample = floor.agent.sample

        def cut_off(asked: Any, ids: set[str], start: int | None = None) -> tuple[bytes, int, int]:
            sample(asked, ids, start)  # refuses what has left the buffer, as ever
            return b"<cut/>", 0, 1

        floor.agent.sample = cut_off  # type: ignore[method-assign]
        with pytest.raises(DriverError, match="cut"):
            await driver.connect()
        floor.agent.sample = sample  # type: ignore[method-assign]
        await driver.connect()
        final = await driver.read(tick_ms=now[0])
        assert [(span.from_ms, span.to_ms) for span in final.unseen] == [(T0, T0 + 61_000)]
