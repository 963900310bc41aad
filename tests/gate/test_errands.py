"""Commands from the mailbox reach the gate, and what the gateway holds as stopped is told."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from greengrass_components.edge_kit.config import Bootstrap, GatewayConfig
from greengrass_components.edge_kit.mailbox import Mailbox, inbox, outbox
from greengrass_components.focas.gate import errands as module
from greengrass_components.focas.gate.errands import Errands
from greengrass_components.focas.gate.ports import ControlError
from tests.gate.fakes import MACHINE, SITE, TENANT, THING, Floor

WITHIN_S = 20.0


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path)


@asynccontextmanager
async def running(floor: Floor) -> AsyncIterator[Errands]:
    async def read(_: object) -> Any:
        raise ControlError("not read here")

    async def put(url: str, body: bytes) -> None:
        raise OSError(url)

    config = GatewayConfig(1, TENANT, SITE, THING, sources=(floor.source,))
    boot = Bootstrap(THING, TENANT, SITE, floor.data)
    errands = Errands(bootstrap=boot, gate=floor.gate, config=lambda: config, read=read, put=put)
    stop = asyncio.Event()
    task = asyncio.create_task(errands.run(stop))
    try:
        yield errands
    finally:
        stop.set()
        await asyncio.wait_for(task, WITHIN_S)


async def until(true: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WITHIN_S
    while not (found := true()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return found


def switches(floor: Floor) -> list[dict[str, Any]]:
    found = [json.loads(path.read_bytes()) for path in outbox(floor.data, "focas").paths()]
    return [report for report in found if report["type"] == "write_switch"]


def send(floor: Floor, **command: Any) -> None:
    inbox(floor.data, "focas").put(json.dumps(command).encode())


async def test_a_kill_switch_closes_the_gate_and_is_told(floor: Floor) -> None:
    async with running(floor):
        await until(lambda: [told for told in switches(floor) if told["stopped"] == []])
        send(floor, type="stop_writing", subject=SITE, stopped=True)
        send(floor, type="stop_writing", subject="s_of_others", stopped=True)
        await until(lambda: [told for told in switches(floor) if told["stopped"] == [SITE]])
        assert (await floor.gate.carry_out(floor.command())).code == "writing.stopped"  # type: ignore[union-attr]


async def test_a_stop_on_a_full_disk_holds_and_the_errands_go_on(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("greengrass_components.focas.gate.switch.write_atomic", full)
    async with running(floor):
        send(floor, type="stop_writing", subject=TENANT)
        await until(lambda: [told for told in switches(floor) if told["stopped"] == [TENANT]])
        send(floor, **{**floor.command(), "type": "write"})
        assert (await until(lambda: floor.told.outcomes))[0].code == "writing.stopped"


async def test_switches_are_told_again_now_and_then(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TELL_EVERY_S", 0.5)
    monkeypatch.setattr(Mailbox, "put", lambda box, payload: written.append(json.loads(payload)))
    written: list[dict[str, Any]] = []
    async with running(floor):
        await until(lambda: len([told for told in written if told["machine"] == MACHINE]) > 2)


async def test_an_order_that_lay_in_the_inbox_of_a_gateway_that_was_off_is_not_carried_out(floor: Floor) -> None:
    send(floor, **{**floor.command(), "type": "write"})
    (path,) = inbox(floor.data, "focas").paths()
    os.utime(path, (time.time() - 61, time.time() - 61))
    async with running(floor):
        await until(lambda: switches(floor))
    assert floor.told.outcomes == []
    assert floor.control.changes == []
    assert not path.exists()
