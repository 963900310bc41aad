"""Commands reach their component once and not too late; reports wait for the link."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from greengrass_components.edge_kit.mailbox import COMMAND_LIFE_S, MOST_BYTES, inbox, outbox, report, take_commands
from tests.edge_kit.fakes import FakeCloud, HandPace, bootstrap, eventually
from tests.edge_kit.test_relay import running

NOW_S = 1_800_000_000.0


def put(folder: Path, *messages: object, age_s: float = 0.0) -> None:
    box = inbox(folder, "focas")
    for number, message in enumerate(messages):
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        box.put(payload)
        path = box.folder / f"{sha256(payload).hexdigest()[:32]}.json"
        os.utime(path, (NOW_S - age_s + number / 100, NOW_S - age_s + number / 100))


def taken(folder: Path) -> list[object]:
    return list(take_commands(inbox(folder, "focas"), now_s=NOW_S + 1))


def test_commands_are_taken_once_oldest_first(tmp_path: Path) -> None:
    put(tmp_path, {"n": 1}, {"n": 2}, {"n": 3})
    assert taken(tmp_path) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert taken(tmp_path) == []


def test_a_command_that_came_twice_while_it_waits_is_one(tmp_path: Path) -> None:
    put(tmp_path, {"n": 1}, {"n": 1})
    assert taken(tmp_path) == [{"n": 1}]


@pytest.mark.parametrize("age_s", [COMMAND_LIFE_S + 1, -10.0])
def test_a_command_that_waited_too_long_or_comes_from_the_future_is_dropped(tmp_path: Path, age_s: float) -> None:
    put(tmp_path, {"n": 1}, age_s=age_s)
    assert taken(tmp_path) == []
    assert inbox(tmp_path, "focas").paths() == []


def test_what_is_no_command_is_dropped(tmp_path: Path) -> None:
    put(tmp_path, b"", b"[1]", b"[" * 5000, {"n": 1})
    assert taken(tmp_path) == [{"n": 1}]


def test_a_message_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(MOST_BYTES)):
        inbox(tmp_path, "focas").put(b"x" * (MOST_BYTES + 1))


def test_of_too_many_reports_the_oldest_go(tmp_path: Path) -> None:
    box = outbox(tmp_path, "focas")
    for number in range(5):
        report(box, {"n": number})
    assert box.bound(3) == 2
    assert len(box.paths()) == 3


async def test_the_relay_hands_commands_to_components_and_sends_their_reports(tmp_path: Path) -> None:
    cloud = FakeCloud(online=False)
    report(outbox(tmp_path, "focas"), {"type": "write_switch", "enabled_until_ms": 0})
    write = json.dumps({"v": 1, "type": "write", "order": "…"}).encode()
    probe = json.dumps({"v": 1, "type": "probe", "component": "modbus"}).encode()
    async with running(tmp_path, cloud, HandPace()):
        for payload in (write, probe, b'{"type":"probe","component":"../x"}', b'{"type":"start"}'):
            cloud.say("cmd", payload)
        assert cloud.reports == []
        cloud.come_back()
        await eventually(lambda: len(cloud.reports) == 1)
    assert json.loads(cloud.reports[0]) == {"v": 1, "type": "write_switch", "enabled_until_ms": 0}
    assert [path.read_bytes() for path in inbox(tmp_path, "focas").paths()] == [write]
    assert [path.read_bytes() for path in inbox(tmp_path, "probe_modbus").paths()] == [probe]
    assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == ["focas", "probe_modbus"]
    assert outbox(tmp_path, "focas").paths() == []
    assert bootstrap(tmp_path).up("machine_report").startswith("$aws/rules/machine_report/cnc/")
