"""The short proof of every `make test`: two kills of each class of process, three cuts of the link, 20,000 rows."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from cnc.domain.telemetry.chunk import Header
from tests.kills.cable import Cable, cable, cut, lead_relay_through
from tests.kills.journals import read_journals
from tests.kills.killer import CLASSES, Killer
from tests.kills.proof import MINUTE_MS, Span, last_minute_ms, machines, now_ms, prove, said, whole
from tests.kills.store import TABLE, read_store
from tests.kills.verdict import judge
from tests.product.running import Product, running, until

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
    killer = Killer(product, seed=SEED, times=2, pause_s=2.0)
    for killed in killer.run():
        print(f"{time.strftime('%H:%M:%S')} killed {killed}", flush=True)
    assert killer.killed == dict.fromkeys(CLASSES, 2)
    cut(link, times=3, longest_s=6, draw=killer.draw)
    assert link.connections >= 3
    verdict = prove(product, Span(began_ms, last_minute_ms()), within_s=300)
    assert verdict.produced >= 20_000


def test_a_chunk_taken_from_the_table_is_missed_by_the_product_and_by_the_proof(product: Product) -> None:
    dynamodb = product.aws("dynamodb")
    tenant, machine = machines(product)[0]

    def whole_span() -> Span | None:
        span = Span(now_ms() - 3_600_000, last_minute_ms() - MINUTE_MS)
        return span if whole(said(product, span, tenant=tenant, machine=machine)) else None

    span = until(whole_span, within_s=240, what="a span with nothing missing")
    lost = chunks_of(dynamodb, f"T#{product.tenants()[tenant]}#M#{machine}")[0]
    dynamodb.delete_item(TableName=TABLE, Key={name: lost[name] for name in ("p", "s")})
    rows = Header.peek(bytes(lost["b"]["B"])).rows
    assert said(product, span, tenant=tenant, machine=machine)["missing"] == rows
    verdict = judge(read_journals(product.data), read_store(dynamodb), until_ms=span.to_ms)
    assert len(verdict.missing) == rows


def chunks_of(dynamodb: Any, partition: str) -> list[dict[str, Any]]:
    asked = {":p": {"S": partition}, ":low": {"S": "C#"}, ":high": {"S": "C#~"}}
    found: list[dict[str, Any]] = dynamodb.query(
        TableName=TABLE, KeyConditionExpression="p = :p AND s BETWEEN :low AND :high", ExpressionAttributeValues=asked
    )["Items"]
    return found
