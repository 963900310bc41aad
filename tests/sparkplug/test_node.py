"""An edge node on a real broker: births, data, deaths, numbers and rebirths as a host sees them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from greengrass_components.edge_kit.follow import EventSeen
from greengrass_components.edge_kit.output import OutputError
from greengrass_components.sparkplug.node import SparkplugNode, next_bd_seq
from tests.sparkplug.broker import SOURCES, Host, broker, free_port, host, node, row, stepping, views
from tests.sparkplug.decoder import command, value_of


@pytest.fixture
async def port() -> AsyncIterator[int]:
    chosen = free_port()
    async with broker(chosen):
        yield chosen


async def born(made: SparkplugNode, heard: Host, births: int = 3) -> None:
    await made.start(views())
    await stepping(made, lambda: len(heard.heard) >= births)


async def test_births_name_every_metric_once_with_an_alias_and_count_from_zero(tmp_path: Path, port: int) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        topics = [topic for topic, _ in heard.heard]
        assert topics == [
            "spBv1.0/Plant/NBIRTH/edge",
            "spBv1.0/Plant/DBIRTH/edge/Mill 1",
            "spBv1.0/Plant/DBIRTH/edge/Lathe_2",
        ]
        payloads = [payload for _, payload in heard.heard]
        assert [payload.seq for payload in payloads] == [0, 1, 2]
        names = {metric.name: value_of(metric) for metric in payloads[0].metrics}
        assert names == {"bdSeq": 0, "Node Control/Rebirth": False}
        metrics = {metric.name: metric for metric in payloads[1].metrics}
        assert value_of(metrics["controller/execution"]) == "ACTIVE"
        assert value_of(metrics["x/position/actual"]) == 12.5
        assert value_of(metrics["program/name"]) == "O1"
        assert value_of(metrics["alarm/count"]) is None
        aliases = [metric.alias for payload in payloads for metric in payload.metrics if metric.HasField("alias")]
        assert len(aliases) == len(set(aliases)) == 15
        await made.stop()


async def test_data_carries_what_changed_by_alias_alone(tmp_path: Path, port: int) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        birth = {metric.alias: metric.name for metric in heard.heard[1][1].metrics}
        made.take(row(SOURCES[0], 2000, 1, 13_000))
        made.take(row(SOURCES[0], 3000, 1, 13_000))
        made.take(EventSeen(SOURCES[0], 3000, "alarm", {"number": 411, "type": "SV", "text": "X", "active": True}))
        await stepping(made, lambda: len(heard.heard) >= 4)
        topic, payload = heard.heard[3]
        assert (topic, payload.seq) == ("spBv1.0/Plant/DDATA/edge/Mill 1", 3)
        found = [(birth[m.alias], m.HasField("name"), m.timestamp, value_of(m)) for m in payload.metrics]
        assert found == [
            ("x/position/actual", False, 2000, 13.0),
            ("alarm/count", False, 3000, 1),
            ("alarm/text", False, 3000, "SV411 X"),
        ]
        made.take(EventSeen(SOURCES[0], 4000, "alarm", {"number": 411, "type": "SV", "text": "X", "active": False}))
        await stepping(made, lambda: len(heard.heard) >= 5)
        assert [value_of(m) for m in heard.heard[4][1].metrics] == [0, ""]
        await made.stop()


async def test_numbers_wrap_after_255_and_never_skip(tmp_path: Path, port: int) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        for number in range(300):
            made.take(row(SOURCES[0], 2000 + number, 1, number))
            await made.step()
        await stepping(made, lambda: len(heard.heard) >= 303)
        assert [payload.seq for _, payload in heard.heard] == [number % 256 for number in range(303)]
        await made.stop()


@pytest.mark.parametrize("wanted", [command("Node Control/Rebirth", True), command("", True, alias=0)])
async def test_a_rebirth_is_a_birth_of_all_with_the_same_bd_seq(tmp_path: Path, port: int, wanted: bytes) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        made.take(row(SOURCES[0], 2000, 1, 99_000))
        await stepping(made, lambda: len(heard.heard) >= 4)
        await heard.publish("spBv1.0/Plant/NCMD/edge", wanted)
        await stepping(made, lambda: len(heard.heard) >= 7)
        assert heard.kinds()[4:] == ["NBIRTH", "DBIRTH", "DBIRTH"]
        assert [payload.seq for _, payload in heard.heard[4:]] == [0, 1, 2]
        assert value_of(heard.heard[4][1].metrics[0]) == value_of(heard.heard[0][1].metrics[0])
        metrics = {metric.name: value_of(metric) for metric in heard.heard[5][1].metrics}
        assert metrics["x/position/actual"] == 99.0
        await made.stop()


@pytest.mark.parametrize("payload", [b"", b"\xff" * 30, command("Node Control/Rebirth", False), command("Other", True)])
async def test_any_other_command_changes_nothing(tmp_path: Path, port: int, payload: bytes) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        await heard.publish("spBv1.0/Plant/NCMD/edge", payload)
        await heard.publish("spBv1.0/Plant/DCMD/edge/Mill 1", payload)
        made.take(row(SOURCES[0], 2000, 1, 1))
        await stepping(made, lambda: len(heard.heard) >= 4)
        assert heard.kinds()[3:] == ["DDATA"]
        await made.stop()


async def test_an_orderly_end_says_the_death_of_this_birth(tmp_path: Path, port: int) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        await made.stop()
        await heard.hears("NDEATH")
        death = heard.last("NDEATH")
        assert value_of(death.metrics[0]) == value_of(heard.heard[0][1].metrics[0])
        assert not death.HasField("seq")


async def test_a_machine_that_falls_silent_dies_and_is_born_again(tmp_path: Path, port: int) -> None:
    async with host(port) as heard:
        made = node(tmp_path, port)
        await born(made, heard)
        for second in range(3):
            made.take(row(SOURCES[0], 2000 + second, None, None))
        await stepping(made, lambda: "DDEATH" in heard.kinds())
        topic, payload = heard.heard[-1]
        assert (topic, len(payload.metrics)) == ("spBv1.0/Plant/DDEATH/edge/Mill 1", 0)
        made.take(row(SOURCES[0], 3000, 0, 1))
        await stepping(made, lambda: heard.kinds()[-1] == "DBIRTH")
        assert {m.name: value_of(m) for m in heard.heard[-1][1].metrics}["controller/execution"] == "READY"
        numbers = [payload.seq for _, payload in heard.heard]
        assert numbers == list(range(len(numbers)))
        await made.stop()


async def test_a_broker_that_comes_back_gets_a_birth_with_the_next_bd_seq(tmp_path: Path) -> None:
    chosen = free_port()
    made = node(tmp_path, chosen)
    async with broker(chosen), host(chosen) as heard:
        await born(made, heard)
        first = value_of(heard.heard[0][1].metrics[0])
    await stepping(made, lambda: made.state == "connecting" and bool(made.error))
    async with broker(chosen), host(chosen) as heard:
        await stepping(made, lambda: len(heard.heard) >= 3)
        assert heard.kinds()[0] == "NBIRTH"
        assert value_of(heard.heard[0][1].metrics[0]) == first + 1
        await made.stop()


async def test_with_a_primary_host_births_wait_for_it_and_deaths_follow_it(tmp_path: Path, port: int) -> None:
    state = "spBv1.0/STATE/scada"
    async with host(port) as heard:
        made = node(tmp_path, port, primary_host="scada")
        await made.start(views())
        await stepping(made, lambda: made.state == "waiting for the primary host")
        await heard.publish(state, json.dumps({"online": True, "timestamp": 5}).encode(), retain=True)
        await stepping(made, lambda: len(heard.heard) >= 3)
        await heard.publish(state, b"not json")
        await heard.publish(state, json.dumps({"online": False, "timestamp": 4}).encode())
        await heard.publish(state, json.dumps({"online": False, "timestamp": 6}).encode(), retain=True)
        await stepping(made, lambda: "NDEATH" in heard.kinds())
        await made.stop()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"host": ""}, "address of the broker"),
        ({"group": "a/b"}, "without"),
        ({"protocol": "4"}, "3.1.1"),
        ({"port": 0}, "whole number"),
        ({"tls": "yes"}, "true or false"),
        ({"password_file": "../config.json"}, "name of a file"),
        ({"password_file": "absent"}, "absent"),
    ],
)
async def test_settings_that_cannot_be_used_say_what_is_wrong(
    tmp_path: Path, settings: dict[str, object], told: str
) -> None:
    with pytest.raises(OutputError, match=told):
        await node(tmp_path, **{"port": 1883, **settings}).start(views())


def test_the_bd_seq_goes_on_over_restarts_and_wraps(tmp_path: Path) -> None:
    path = tmp_path / "output" / "bdseq"
    assert [next_bd_seq(path) for _ in range(3)] == [0, 1, 2]
    path.write_text("254")
    assert [next_bd_seq(path) for _ in range(3)] == [255, 0, 1]
    path.write_text("torn\x00")
    assert next_bd_seq(path) == 0
