"""240 devices of 30 values at 1 Hz: the processes of our gateway against thingsboard-gateway in range mode.

Both run as they are shipped, in real time, against the same simulated devices, one after the other: ours as a Modbus
component and a relay (change detection, journal, MQTT 5 with QoS 1 over TLS, receipts), the peer as one process (QoS 1
over plain TCP, its store in memory). Counted is the CPU time of the processes per value that arrived at the broker,
over whole minutes after the start. `make bench-peer` installs the peer and runs this.

What stands between this and 1/30: a device-second of 30 values costs us about 75 us in two processes. About 15 of
them are the kernel's (send, receive, write to the journal), 15 to 20 are task switches of asyncio (one for the tick,
one for the answer), 20 are decoding, change detection and the record, 20 to 25 are the relay's, which reads each row
back from disk, checks it and encodes the minute. A third of it would need rows of many devices in one record, and a
reader that takes answers without a task of its own for each device.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks import thingsboard
from benchmarks.edge_map import SITE, TAGS, TENANT, THING
from benchmarks.figures import Figure

ROOT: Final = Path(__file__).resolve().parents[1]
DEVICES: Final = 240
#: Until whole minutes are sent: the first one is not, and its first ten rows go ahead of it.
OURS_WARM_S: Final = 130.0
PEER_WARM_S: Final = 30.0
MEASURED_S: Final = 60.0
SHARE: Final = 1 / 12
WANTED: Final = 1 / 30


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds per value, MiB of memory, and values a second."""

    cpu_s: float
    rss_mb: float
    values_per_s: float


def run() -> list[Figure]:
    if not thingsboard.installed():
        note = f"thingsboard-gateway {thingsboard.VERSION} is not there: make bench-peer"
        return [Figure("edge_peer", "share of thingsboard-gateway", float("nan"), "x", note=note)]
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder), DEVICES) as (found, ask):
        ours = _ours(Path(folder), found, ask)
        peer = _peer(Path(folder), found)
    share = ours.cpu_s / peer.cpu_s
    left = f"1/30 is {WANTED * peer.cpu_s * 1e6:.2f} us"
    return [
        Figure("edge_peer", "share of thingsboard-gateway's CPU per value", share, "x", SHARE, note=left),
        Figure("edge_peer", "memory against thingsboard-gateway", ours.rss_mb / peer.rss_mb, "x", 1.0),
        Figure("edge_peer", "CPU per value, our processes", ours.cpu_s * 1e6, "us", note=_note(ours)),
        Figure("edge_peer", "CPU per value, thingsboard-gateway", peer.cpu_s * 1e6, "us", note=_note(peer)),
    ]


def _note(cost: Cost) -> str:
    return f"{cost.values_per_s:,.0f} values/s, {cost.rss_mb:.0f} MiB"


@contextmanager
def _site(folder: Path, devices: int) -> Iterator[tuple[dict[str, Any], Callable[[], dict[str, int]]]]:
    with _talking("benchmarks.edge_site", str(folder), str(devices)) as (first, ask):
        yield json.loads(first), ask


@contextmanager
def _talking(module: str, *arguments: str) -> Iterator[tuple[str, Callable[[], dict[str, int]]]]:
    """A helper process: its first line, and what it says when it is asked."""
    command = [sys.executable, "-m", module, *arguments]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stdin, stdout = child.stdin, child.stdout
    assert stdin is not None
    assert stdout is not None

    def ask() -> dict[str, int]:
        stdin.write("\n")
        stdin.flush()
        answer: dict[str, int] = json.loads(stdout.readline())
        return answer

    try:
        yield stdout.readline(), ask
    finally:
        stdin.close()
        child.wait(timeout=30)


def _ours(folder: Path, site: dict[str, Any], ask: Callable[[], dict[str, int]]) -> Cost:
    bootstrap = _bootstrap(folder / "gateway", site)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(_component(name, bootstrap, folder / f"{name}.log"))
            for name in ("benchmarks.edge_component", "greengrass_components.relay")
        ]
        cost = _measured(processes, lambda: ask()["rows"] * TAGS, warm_s=OURS_WARM_S)
    expected = DEVICES * TAGS
    assert abs(cost.values_per_s / expected - 1) < 0.05, f"{cost.values_per_s:,.0f} values/s, expected {expected:,}"
    return cost


def _peer(folder: Path, site: dict[str, Any]) -> Cost:
    (folder / "peer").mkdir()
    with _talking("benchmarks.mqtt_sink") as (port, ask):
        started = thingsboard.running(folder / "peer", mqtt=int(port), ports=site["ports"], registers=2 * TAGS)
        with started as process:
            return _measured([process], lambda: ask()["values"], warm_s=PEER_WARM_S)


def _measured(processes: Sequence[int], values: Callable[[], int], *, warm_s: float) -> Cost:
    held = [psutil.Process(process) for process in processes]
    time.sleep(warm_s)
    before, cpu, started = values(), _cpu_s(held), time.monotonic()
    time.sleep(MEASURED_S)
    took, cpu = time.monotonic() - started, _cpu_s(held) - cpu
    arrived = values() - before
    assert arrived > 0, "nothing arrived"
    memory = sum(process.memory_info().rss for process in held) / 2**20
    return Cost(cpu / arrived, memory, arrived / took)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return float(sum(t.user + t.system for t in times))


@contextmanager
def _component(name: str, bootstrap: Path, log: Path) -> Iterator[int]:
    command = [sys.executable, "-m", name, "--bootstrap", str(bootstrap)]
    with log.open("wb") as output:
        child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            yield child.pid
        finally:
            child.terminate()
            child.wait(timeout=30)


def _bootstrap(data: Path, site: dict[str, Any]) -> Path:
    """Configuration of a gateway with every device of the site."""
    data.mkdir()
    sources = [
        {"id": f"d_{n:016d}", "machine": f"m_{n:016d}", "component": "modbus", "host": "127.0.0.1", "port": port,
         "unit": 1, "period_ms": 1000}
        for n, port in enumerate(site["ports"])
    ]  # fmt: skip
    document = {"v": 1, "version": 1, "tenant": TENANT, "site": SITE, "thing": THING, "receipt_every_s": 30}
    (data / "config.json").write_text(json.dumps({**document, "sources": sources}))
    rows = {"thing": THING, "tenant": TENANT, "site": SITE, "data": str(data), "endpoint": "localhost"}
    rows |= {name: site[name] for name in ("ca", "cert", "key")}
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in rows.items())
    path = data / "bootstrap.toml"
    path.write_text(f"{text}port = {site['mqtt']}\n")
    return path
