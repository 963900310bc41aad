"""What the whole product takes with 8 machines: memory and CPU of minutes 5 to 10, the portal open on the board.

Memory is the sum of the proportional set sizes of all processes in `endpoints.json`, their children included; CPU is
what those used over the five minutes, as a share of one core. The browser is not part of the product.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import psutil
from playwright.sync_api import sync_playwright

from benchmarks import arrival
from benchmarks.figures import Figure, table
from tests.browser.chromium import sign_in
from tests.product.running import Product, running, until

FROM_S, TO_S = 300.0, 600.0
LOOK_EVERY_S = 30.0
GIGABYTE = 1e9


def run() -> list[Figure]:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "--machines", "8") as product:
        until(lambda: arrival.live_tile(product), within_s=120, what="a live tile")
        figures = arrival.measure(product)
        print(table(figures), file=sys.stderr, flush=True)
        with _board(product) as shown:
            time.sleep(max(0.0, started + FROM_S - time.monotonic()))
            before, began = _cpu(product), time.monotonic()
            sizes = []
            while time.monotonic() < started + TO_S:
                time.sleep(LOOK_EVERY_S)
                sizes.append(_pss(product))
            after, took_s = _cpu(product), time.monotonic() - began
        by_name = {name: after[name] - before.get(name, 0.0) for name in after}
        dearest = sorted(by_name.items(), key=lambda pair: -pair[1])[:4]
        note = ", ".join(f"{name} {seconds / took_s:.1%}" for name, seconds in dearest)
        return [
            *figures,
            Figure("product", "sum of PSS, 8 machines", mean(map(sum, _columns(sizes))) / GIGABYTE, "GB", 1.5,
                   note=_largest(sizes[-1])),
            Figure("product", "CPU, share of one core", sum(by_name.values()) / took_s * 100, "%", 60, note=note),
            Figure("product", "processes", len(sizes[-1]), "", note=f"portal {shown}"),
        ]  # fmt: skip


@contextmanager
def _board(product: Product) -> Iterator[str]:
    """The portal in Chromium, signed in and open on the board; without Chromium, nobody looks."""
    chromium = shutil.which("chromium")
    if chromium is None:
        yield "not open: no chromium on the PATH"
        return
    user = product.endpoints["users"][0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        sign_in(page, f"{product.endpoints['portal']}/", email=user["email"], password=user["password"])
        yield "open on the board"
        browser.close()


def _processes(product: Product) -> dict[str, list[psutil.Process]]:
    """By the name in endpoints.json; children that have no name of their own count to their parent."""
    named = dict(product.endpoints["processes"])
    pids = set(named.values())
    found: dict[str, list[psutil.Process]] = {}
    for name, pid in named.items():
        try:
            process = psutil.Process(pid)
            children = [child for child in process.children(recursive=False) if child.pid not in pids]
        except psutil.NoSuchProcess:
            continue
        found[name] = [process, *children]
    return found


def _pss(product: Product) -> dict[str, int]:
    return {name: int(sum(_each(processes, "pss"))) for name, processes in _processes(product).items()}


def _cpu(product: Product) -> dict[str, float]:
    return {name: sum(_each(processes, "cpu")) for name, processes in _processes(product).items()}


def _each(processes: Iterable[psutil.Process], what: str) -> Iterator[float]:
    for process in processes:
        try:
            if what == "pss":
                yield process.memory_full_info().pss
            else:
                times = process.cpu_times()
                yield times.user + times.system
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def _columns(sizes: list[dict[str, int]]) -> list[list[int]]:
    return [list(size.values()) for size in sizes]


def _largest(sizes: dict[str, int]) -> str:
    largest = sorted(sizes.items(), key=lambda pair: -pair[1])[:4]
    return ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in largest)
