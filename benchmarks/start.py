"""From `make up` to the first live tile: on a fresh checkout, and the second time.

The checkout is a clone of this repository in a folder of its own, installed from the registries. Wall time, because a
newcomer waits by the clock. The clone needs a few minutes and some 2 GB.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.arrival import live_tile
from benchmarks.figures import Figure
from tests.product.running import Product, free_port, until

ROOT = Path(__file__).resolve().parents[1]
LIMITS_S = {"fresh checkout": 180.0, "second start": 25.0}
GIVE_UP_S = 900.0
STOP_WITHIN_S = 60.0


def run() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(checkout)], check=True)
        for what, limit_s in LIMITS_S.items():
            with _up(checkout) as took_s:
                figures.append(Figure("start", f"make up, {what}, to the first live tile", took_s, "s", limit_s))
        shutil.rmtree(checkout, ignore_errors=True)
    return figures


@contextmanager
def _up(checkout: Path) -> Iterator[float]:
    """`make up` in the checkout; yields the seconds until a machine showed its state, and ends it all."""
    endpoints = checkout / ".local" / "endpoints.json"
    started = time.monotonic()
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    process = subprocess.Popen(
        ["make", "up", f"ARGS=--port {free_port()}"],
        cwd=checkout,
        env=environment,
        stdout=sys.stderr,
        start_new_session=True,
    )
    product = Product(process, endpoints, checkout / ".local" / "data")

    def live() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"make up ended with {process.returncode}")
        return endpoints.is_file() and live_tile(product)

    try:
        until(live, within_s=GIVE_UP_S, what="a live tile", every_s=0.2)
        yield time.monotonic() - started
    finally:
        _end(process, endpoints)


def _end(process: "subprocess.Popen[bytes]", endpoints: Path) -> None:
    """Ctrl-C to the supervisor: make hands its own on, but not when it is signalled alone."""
    pid = json.loads(endpoints.read_bytes())["processes"]["supervisor"] if endpoints.is_file() else process.pid
    os.kill(pid, signal.SIGINT)
    try:
        process.wait(STOP_WITHIN_S)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
