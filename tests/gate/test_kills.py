"""The component is killed at any point of a write; its next process leaves old or verified new, and tells which."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from cnc.domain.programs.canonical import canonical, digest
from greengrass_components.edge_kit.mailbox import inbox, outbox
from greengrass_components.focas.gate.focas_control import open_focas_control
from greengrass_components.focas.gate.switch import Switch
from greengrass_components.focas.simulator import FocasSimulator
from tests.gate.fakes import FOLDER, MACHINE, OLD, PUBLIC, SITE, SOURCE, TENANT, THING, Floor
from tests.gate.test_simulated_control import Line, floor_of, text_of

WITHIN_S = 60.0
CUTS = b"".join(b"N%dG1X%d.\n" % (number, number) for number in range(1, 200))
NEW = canonical(b"O1234(NEW)\nG21G90G17G54\nT1M6\nG43H1G0Z50.\nS900M3\nG1F100.\n" + CUTS + b"G0Z50.\nM5\nM30\n")


class Content(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(NEW)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def content_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Content) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/content"
        server.shutdown()
        thread.join(10)


@contextlib.asynccontextmanager
async def process(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The FOCAS component over this folder; killed at the end."""
    command = ("-m", "greengrass_components.focas", "--bootstrap", str(folder / "bootstrap.toml"))
    with (folder / "component.log").open("ab") as log:
        made = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=log, stderr=log)
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.kill()
        await made.wait()


async def prepared(floor: Floor) -> Path:
    """The folder of a gateway that may write to the floor's control."""
    head = {"v": 1, "version": 1, "tenant": TENANT, "site": SITE, "thing": THING}
    source = {"id": SOURCE, "machine": MACHINE, "component": "focas", "period_ms": 60_000}
    document = head | {"sources": [source | {"host": floor.source.host, "port": floor.source.port}]}
    (floor.data / "config.json").write_text(json.dumps(document))
    lines = {"thing": THING, "tenant": TENANT, "site": SITE, "data": str(floor.data), "write_key": PUBLIC}
    text = "".join(
        f'{name} = "{value}"\n'
        for name, value in (lines | dict.fromkeys(("ca", "cert", "key"), "none") | {"endpoint": "localhost"}).items()
    )
    (floor.data / "bootstrap.toml").write_text(text)
    Switch(floor.data / "writing").turn_on(MACHINE)
    async with open_focas_control(floor.source) as control:
        floor.serial = await control.serial()
    return floor.data


def ordered(floor: Floor, content_url: str) -> None:
    now_ms = time.time_ns() // 1_000_000
    order = floor.order(
        serial=floor.serial, sha256=digest(NEW), not_before_ms=now_ms - 1000, expires_ms=now_ms + 59_000
    )
    command = {**floor.command(order), "content_url": content_url}
    inbox(floor.data, "focas").put(json.dumps(command).encode())


def reports(folder: Path) -> list[dict[str, Any]]:
    found = [json.loads(path.read_bytes()) for path in outbox(folder, "focas").paths()]
    return [report for report in found if report["type"] == "write_report"]


async def until(true: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s: {what}"
        await asyncio.sleep(0.05)


@contextlib.contextmanager
def killing(
    simulator: FocasSimulator, line: Line, point: tuple[str, int, bool], kill: Callable[[], None]
) -> Iterator[None]:
    """Kill before or after the nth frame of a transfer, rename or delete."""
    what, nth, after = point
    if what == "frame":

        def bent(frame: bytes) -> list[bytes]:
            if line.sent - 1 == nth:
                kill()
                return [frame] if after else []
            return [frame]

        line.bend = bent
        yield
        line.bend = lambda frame: [frame]
        return
    count, act = iter(range(1_000)), getattr(type(simulator.cnc.programs), what)

    def wrapped(*args: Any) -> Any:
        own = next(count) == nth
        if own and not after:
            kill()
            raise ConnectionAbortedError
        done = act(*args)
        if own:
            kill()
        return done

    with patch.object(type(simulator.cnc.programs), what, wrapped):
        yield


async def killed(folder: Path, point: tuple[str, int, bool], content_url: str) -> str:
    """The outcome that was told after a kill there; "" when nothing had begun, "alive" when there is no such point."""
    async with floor_of(folder) as (floor, simulator, line):
        data = await prepared(floor)
        async with process(data) as first:
            line.sent = 0
            with killing(simulator, line, point, lambda: os.kill(first.pid, signal.SIGKILL)):
                ordered(floor, content_url)
                await until(lambda: first.returncode is not None or reports(data), "the kill")
        if reports(data):
            return "alive"
        assert first.returncode == -signal.SIGKILL, (data / "component.log").read_text()
        if not list((data / "writing" / "pending").glob("m_*.json")):
            assert text_of(simulator) == digest(OLD), point
            return ""
        async with process(data):
            await until(lambda: reports(data), "a report of the next process")
            (report,) = reports(data)
        assert report["outcome"] in ("released", "restored"), (point, report)
        assert text_of(simulator) == digest(NEW if report["outcome"] == "released" else OLD), point
        assert not [name for name in simulator.cnc.programs.files if name.startswith(f"{FOLDER}O79")], point
        return str(report["outcome"])


async def test_a_process_that_is_killed_in_a_write_is_put_right_by_the_next(tmp_path: Path, content_url: str) -> None:
    assert await killed(tmp_path / "renamed away", ("rename", 0, True), content_url) == "restored"
    assert await killed(tmp_path / "in its place", ("rename", 1, True), content_url) == "released"


@pytest.mark.slow
async def test_a_process_that_is_killed_at_any_point_is_put_right_by_the_next(tmp_path: Path, content_url: str) -> None:
    ends: dict[str, int] = {}
    for what in ("frame", "rename", "delete"):
        for nth in range(500):
            end = ""
            for after in (False, True):
                end = await killed(tmp_path / f"{what}{nth}{after}", (what, nth, after), content_url)
                ends[end] = ends.get(end, 0) + 1
            if end == "alive":
                break
    print(f"kills: {ends}")
    assert ends["released"] > 0
    assert ends["restored"] > 0
