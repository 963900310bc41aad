"""Whole columns of instants equal the same instants one by one."""

import orjson
from cnc_graphql.stamps import stamp_column
from hypothesis import given, settings
from hypothesis import strategies as st

from cnc.domain.base.clock import MAX_MS, rfc3339

MS = st.integers(min_value=0, max_value=MAX_MS)


def texts(stamps: list[int] | range) -> list[str]:
    return orjson.loads(orjson.dumps(stamp_column(stamps)))


@settings(deadline=None)
@given(st.lists(MS, max_size=20))
def test_any_instants(stamps: list[int]) -> None:
    assert texts(stamps) == [rfc3339(stamp) for stamp in stamps]


@settings(deadline=None)
@given(
    first=st.integers(min_value=0, max_value=10**13),
    step=st.one_of(st.integers(min_value=1, max_value=10_000_000), st.sampled_from([1000, 60_000, 3_600_000])),
    count=st.integers(min_value=0, max_value=200),
)
def test_instants_on_a_grid(first: int, step: int, count: int) -> None:
    grid = range(first, first + step * count, step)
    assert texts(list(grid)) == texts(grid) == [rfc3339(stamp) for stamp in grid]


def test_a_grid_with_one_stamp_out_of_place() -> None:
    stamps = [0, 1000, 2000, 3001, 4000]
    assert texts(stamps) == [rfc3339(stamp) for stamp in stamps]
