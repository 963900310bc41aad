"""CPU time of peers, interleaved in one run so that a busy machine slows all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of one call: the best round and the median of rounds."""

    best_s: float
    median_s: float


def interleaved(
    peers: Mapping[str, Callable[[], Any]], *, rounds: int = 9, calls: Mapping[str, int] | None = None
) -> dict[str, Cpu]:
    """Measure each peer `rounds` times, in turns; one unmeasured round warms caches and connections.

    `calls` = how often a peer is called per round, for those that are too quick to be timed alone.
    """
    samples: dict[str, list[float]] = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, call in peers.items():
            took_s = _cpu_s(call, (calls or {}).get(name, 1))
            if number:
                samples[name].append(took_s)
    return {name: Cpu(min(took), median(took)) for name, took in samples.items()}


def _cpu_s(call: Callable[[], Any], times: int) -> float:
    gc.collect()
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times
