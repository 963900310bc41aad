"""`make kill`: 20 kills of each class of process over 200,000 rows, and 20 cuts of up to a minute."""

import math
import time
from pathlib import Path

import pytest

from tests.kills.cable import cable, cut, lead_relay_through
from tests.kills.killer import CLASSES, Killer
from tests.kills.proof import Span, last_minute_ms, now_ms, prove
from tests.product.running import running

pytestmark = [pytest.mark.slow, pytest.mark.cloud, pytest.mark.timeout(3 * 3600)]
MACHINES = 60
ROWS = 200_000
TIMES = 20
CUTS_S = 900  # what 20 cuts of up to a minute take at least


def options(rate_hz: int) -> tuple[str, ...]:
    made = ("--machines", "2", "--synthetic", MACHINES, "--synthetic-rate", rate_hz, "--repeats", "0.05", "--no-portal")
    return tuple(map(str, made))


def rate_for(seconds: float) -> int:
    """Rows per second of each machine, a tenth more than needed."""
    return math.ceil(1.1 * ROWS / MACHINES / seconds)


def test_twenty_kills_of_each_process_lose_nothing_and_double_nothing(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    seconds = 60 * pytestconfig.getoption("minutes", 60)
    with running(tmp_path, *options(rate_for(seconds))) as product:
        began_ms = now_ms() - 600_000
        # Finding and killing one takes about a second.
        killer = Killer(product, seed=200, times=TIMES, pause_s=2 * (seconds / TIMES / len(CLASSES) - 1))
        for killed in killer.run():
            print(f"{time.strftime('%H:%M:%S')} killed {killed}", flush=True)
        assert killer.killed == dict.fromkeys(CLASSES, TIMES)
        verdict = prove(product, Span(began_ms, last_minute_ms()), within_s=900)
    assert verdict.produced >= ROWS


def test_twenty_cuts_of_the_link_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    with running(tmp_path, *options(rate_for(CUTS_S))) as product, cable(product.endpoints["mqtt"]["port"]) as link:
        began_ms = now_ms() - 600_000
        lead_relay_through(product, link, folder="synthetic-gateway")
        cut(link, times=TIMES, longest_s=60, draw=Killer(product, seed=60, times=0, pause_s=0).draw)
        verdict = prove(product, Span(began_ms, last_minute_ms()), within_s=900)
    assert verdict.produced >= ROWS
