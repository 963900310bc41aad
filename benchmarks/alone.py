"""A benchmark in a fresh process: what an earlier one imported or opened must not count for it."""

import importlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.figures import Figure

_TIMEOUT_S = 3600


def alone(name: str) -> list[Figure]:
    """The figures of `benchmarks.<name>`."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(measured, name).result(timeout=_TIMEOUT_S)


def measured(name: str) -> list[Figure]:
    """Run one benchmark here."""
    found: list[Figure] = list(importlib.import_module(f"benchmarks.{name}").run())
    return found
