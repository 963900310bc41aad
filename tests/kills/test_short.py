"""The short proof of every `make test`: three kills of each class of process, three cuts of the link, 20,000 rows."""

import time
from collections.abc import Iterator

import pytest

from tests.kills.cable import Cable, cable, cut, lead_relay_through
from tests.kills.killer import CLASSES, Killer
from tests.kills.proof import Span, last_minute_ms, now_ms, prove
from tests.product.running import Product, running

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(900)]
OPTIONS = ("--machines", "2", "--synthetic", "60", "--synthetic-rate", "8", "--repeats", "0.05", "--no-portal")
SEED = 20


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("kills"), *OPTIONS) as started:
        yield started


@pytest.fixture(scope="module")
def link(product: Product) -> Iterator[Cable]:
    """A cable that the relay of the synthetic machines is led through."""
    with cable(product.endpoints["mqtt"]["port"]) as made:
        lead_relay_through(product, made, folder="synthetic-gateway")
        yield made


def test_kills_and_cuts_lose_nothing_and_double_nothing(product: Product, link: Cable) -> None:
    began_ms = now_ms() - 600_000
    killer = Killer(product, seed=SEED, times=3, pause_s=3.0)
    for killed in killer.run():
        print(f"{time.strftime('%H:%M:%S')} killed {killed}", flush=True)
    assert killer.killed == dict.fromkeys(CLASSES, 3)
    cut(link, times=3, longest_s=6, draw=killer.draw)
    assert link.connections >= 3
    verdict = prove(product, Span(began_ms, last_minute_ms()), within_s=300)
    assert verdict.produced >= 20_000
