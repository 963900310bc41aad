"""The ledger of rows balances for every span of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnc.domain.telemetry.completeness import Completeness, Extent, completeness
from cnc.domain.telemetry.health import Gap, SourceHealth

D, B = "d_0123456789abcdef", "00000001aabbccdd"
T0 = 1_700_000_000_000


def stored(first: int, last: int, *, source: str = D) -> Extent:
    return Extent(source, B, first, last - first + 1, T0 + (first - 1) * 1000, 1000)


def ledger(produced: int, *gaps: Gap) -> SourceHealth:
    return SourceHealth(D, B, produced, T0 + (produced - 1) * 1000, T0, gaps)


def gap(first: int, last: int) -> Gap:
    return Gap(first, last, "disk_full", T0 + (first - 1) * 1000, T0 + (last - 1) * 1000)


def counted(extents: list[Extent], health: list[SourceHealth], first: int = 1, last: int = 10_000) -> tuple[int, ...]:
    found = completeness(extents, health, T0 + (first - 1) * 1000, T0 + last * 1000)
    return found.produced, found.stored, found.declared_gaps, found.missing, found.duplicates


def test_everything_stored() -> None:
    assert counted([stored(1, 60), stored(61, 120)], [ledger(120)]) == (120, 120, 0, 0, 0)


def test_what_lies_between_two_chunks_is_missing_in_its_own_minute() -> None:
    extents = [stored(1, 60), stored(121, 180)]
    assert counted(extents, [ledger(180)]) == (180, 120, 0, 60, 0)
    assert counted(extents, [ledger(180)], 61, 120) == (60, 0, 0, 60, 0)
    assert counted(extents, [ledger(180)], 1, 60) == (60, 60, 0, 0, 0)


def test_what_the_ledger_reports_beyond_the_last_chunk_is_missing() -> None:
    assert counted([stored(1, 60)], [ledger(75)]) == (75, 60, 0, 15, 0)


def test_without_any_chunk_all_is_missing_between_the_ledgers_two_times() -> None:
    assert counted([], [ledger(100)]) == (100, 0, 0, 100, 0)
    assert counted([], [ledger(100)], 11, 20) == (10, 0, 0, 10, 0)


def test_a_declared_gap_is_not_missing() -> None:
    found = completeness([stored(1, 60)], [ledger(100, gap(61, 90))], T0, T0 + 1_000_000)
    assert found == Completeness(100, 60, 30, 10, 0, (gap(61, 90),))


def test_a_declared_gap_that_is_stored_after_all_counts_as_stored() -> None:
    assert counted([stored(1, 60)], [ledger(60, gap(31, 60))]) == (60, 60, 0, 0, 0)


def test_a_row_stored_twice_is_one_row_and_one_duplicate() -> None:
    assert counted([stored(1, 60), stored(31, 90)], [ledger(90)]) == (90, 90, 0, 0, 30)


def test_a_boot_without_ledger_counts_what_is_stored() -> None:
    assert counted([stored(1, 60)], []) == (60, 60, 0, 0, 0)


def test_a_ledger_that_is_older_than_the_store_takes_nothing_away() -> None:
    assert counted([stored(1, 60)], [ledger(30)]) == (60, 60, 0, 0, 0)


def test_sources_add_up() -> None:
    assert counted([stored(1, 60), stored(1, 30, source="d_" + "z" * 16)], [ledger(60)]) == (90, 90, 0, 0, 0)


def test_nothing_at_all_is_nothing() -> None:
    assert completeness([], [], 0, 1) == Completeness()


@given(st.data())
def test_produced_is_stored_plus_gaps_plus_missing_and_spans_add_up(data: st.DataObject) -> None:
    seqs = st.integers(1, 400)
    pairs = st.lists(st.tuples(seqs, seqs).map(sorted), max_size=6)
    jitter = st.integers(-20_000, 20_000)
    extents = [
        Extent(D, B, a, b - a + 1, T0 + a * 1000 + data.draw(jitter), data.draw(st.sampled_from([100, 1000, 2500])))
        for a, b in data.draw(pairs)
    ]
    gaps = [Gap(a, b, "x", T0 + a * 900, T0 + b * data.draw(st.integers(850, 950))) for a, b in data.draw(pairs)]
    produced = max([data.draw(seqs), *(g.last for g in gaps)])
    health = SourceHealth(D, B, produced, T0 + produced * 990, T0, tuple(gaps))
    cuts = sorted(data.draw(st.lists(st.integers(T0 - 9000, T0 + 500_000), min_size=1, max_size=5)))
    parts = [completeness(extents, [health], a, b) for a, b in zip([0, *cuts], [*cuts, T0 * 2], strict=True)]
    whole = completeness(extents, [health], 0, T0 * 2)
    in_store = set().union(*(range(e.first, e.last + 1) for e in extents))
    declared = set().union(*(range(g.first, g.last + 1) for g in gaps)) - in_store
    everything = set(range(1, max([produced, *in_store]) + 1))
    assert (whole.produced, whole.stored) == (len(everything), len(in_store))
    assert (whole.declared_gaps, whole.missing) == (len(declared), len(everything - in_store - declared))
    assert whole.duplicates == sum(e.rows for e in extents) - len(in_store)
    for name in ("produced", "stored", "declared_gaps", "missing", "duplicates"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name
    assert all(part.produced == part.stored + part.declared_gaps + part.missing for part in parts)


@pytest.mark.parametrize("produced", [0, 1, 2])
def test_the_smallest_ledgers(produced: int) -> None:
    assert counted([], [SourceHealth(D, B, produced, T0, T0)]) == (produced, 0, 0, produced, 0)
