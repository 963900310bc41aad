"""A control at rest that a test owns, and the gateway beside it."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

from cnc.domain.programs.canonical import digest
from greengrass_components.focas.simulator import FocasSimulator, StandaloneControl
from tests.product.running import ROOT, Product

FOLDER = "//CNC_MEM/USER/PATH1/"


class Idle:
    """A simulated control at rest in MEM, served from a thread of its own."""

    def __init__(self) -> None:
        control = StandaloneControl()
        control.run = control.motion = control.mstb = 0
        control.mode = 1
        control.spindles[0].speed_rpm = 0
        self._simulator = FocasSimulator(control)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Idle":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._simulator.__aenter__(), self._loop).result(10)
        return self

    def __exit__(self, *ended: object) -> None:
        asyncio.run_coroutine_threadsafe(self._simulator.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def port(self) -> int:
        return self._simulator.port

    def present(self) -> str:
        return digest(self._simulator.cnc.programs.files[f"{FOLDER}O1234"].text.encode())


def gateway(product: Product) -> tuple[str, Path]:
    """The gateway of the first shop that reads machines, and its folder."""
    bootstraps = (product.data / "edge").glob("*/bootstrap.toml")
    found = [path for path in bootstraps if product.tenants()[0] in path.read_text() and "spare" not in str(path)]
    text = found[0].read_text()
    return text.partition('thing = "')[2].partition('"')[0], found[0].parent


def turn(way: str, folder: Path, machine: str) -> None:
    command = [sys.executable, "-m", "greengrass_components.focas.gate", way, "--data", str(folder)]
    subprocess.run([*command, "--machine", machine], cwd=ROOT, check=True, timeout=60)
