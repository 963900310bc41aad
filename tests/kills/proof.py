"""The proof itself: wait until the product says that it has everything, then look for ourselves."""

import time
from collections import Counter
from dataclasses import dataclass

from cnc.domain.base.clock import from_ms
from tests.kills.journals import read_journals
from tests.kills.store import read_store
from tests.kills.verdict import Verdict, judge
from tests.product.running import Product, Refused, stamp, until

MINUTE_MS = 60_000
COMPLETENESS = """query($id: ID!, $from: Timestamp!, $to: Timestamp!) { machine(id: $id) {
  completeness(from: $from, to: $to) { produced stored declaredGaps missing duplicates } } }"""


@dataclass(frozen=True)
class Span:
    """What the proof speaks of: [from_ms, to_ms)."""

    from_ms: int
    to_ms: int


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def last_minute_ms() -> int:
    """Start of the running minute: everything before it will be sent without waiting for a later row."""
    return now_ms() // MINUTE_MS * MINUTE_MS


def machines(product: Product) -> list[tuple[int, str]]:
    """(tenant number, machine id) of every machine of every shop, as soon as the API answers after the last kill."""

    def ask() -> list[tuple[int, str]]:
        try:
            return [(tenant, one["id"]) for tenant in (0, 1) for one in product.machines(tenant=tenant)]
        except (Refused, OSError):
            return []

    return until(ask, within_s=90, what="the machines of both shops")


def said(product: Product, span: Span, *, tenant: int, machine: str) -> dict[str, int]:
    """The product's own word about one machine."""
    window = {"from": stamp(from_ms(span.from_ms)), "to": stamp(from_ms(span.to_ms))}
    found: dict[str, int] = product.graphql(COMPLETENESS, tenant=tenant, id=machine, **window)["machine"][
        "completeness"
    ]
    return found


def whole(counts: dict[str, int]) -> bool:
    return counts["produced"] > 0 and counts["missing"] == 0 and counts["produced"] == counts["stored"]


def wait_until_whole(product: Product, span: Span, *, rows: int, within_s: float) -> Counter[str]:
    """The sum over all machines once each says that nothing is missing, and as many rows as the journals hold."""
    left = machines(product)
    sums: Counter[str] = Counter()

    def all_whole() -> bool:
        sums.clear()
        for tenant, machine in left:
            try:
                counts = said(product, span, tenant=tenant, machine=machine)
            except (Refused, OSError):
                return False
            sums.update(counts)
            if not whole(counts):
                return False
        return sums["produced"] >= rows

    try:
        until(all_whole, within_s=within_s, what="whole", every_s=2)
    except AssertionError:
        states = {one: said(product, span, tenant=tenant, machine=one) for tenant, one in left}
        bad = {one: counts for one, counts in states.items() if not whole(counts)}
        raise AssertionError(f"not whole after {within_s} s, {rows} rows in the journals: {sums} {bad}") from None
    return sums


def prove(product: Product, span: Span, *, within_s: float) -> Verdict:
    """Nothing missing, nothing doubled, nothing changed, and the product says the same. Raises AssertionError."""
    written = read_journals(product.data)
    rows = sum(row.at_ms < span.to_ms for life in written.lives.values() for row in life.values())
    sums = wait_until_whole(product, span, rows=rows, within_s=within_s)
    stored = read_store(product.aws("dynamodb"))
    verdict = judge(read_journals(product.data), stored, until_ms=span.to_ms)
    print(f"\n{verdict}; {stored.chunks} chunks, {len(written.lives)} lives; said: {dict(sums)}")
    assert verdict.clean, verdict
    assert sums["duplicates"] == 0
    assert sums["produced"] == sums["stored"] + sums["declaredGaps"] + sums["missing"]
    assert sums["produced"] == verdict.produced + written.gaps
    return verdict
