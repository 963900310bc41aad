"""Nobody reaches, or learns of, anything of another tenant: by any operation, in any of sixteen ways.

Every operation that the product's own descriptions name must have a row here; `make isolation` tries them all at
length, this tries each a few times.
"""

import random
from itertools import islice

import pytest

from tests.isolation import matrix, surface
from tests.isolation.desks import Desk
from tests.isolation.rows_graphql import FIELDS
from tests.isolation.rows_rest import ROUTES
from tests.isolation.shops import Founder, Shop
from tests.isolation.ways import Bench, Way

FEW = 2


def test_every_operation_has_a_row_and_every_row_an_operation(desk: Desk) -> None:
    found = surface.operations(desk)
    assert sorted(found - matrix.ROWS.keys()) == [], "operations without a row in the matrix"
    assert sorted(matrix.ROWS.keys() - found) == [], "rows without an operation"


def test_what_is_tried_on_others_works_on_what_is_ones_own(desk: Desk, shops: list[Shop], founder: Founder) -> None:
    failed = []
    for operation in sorted(matrix.ROWS):
        answer = matrix.own(desk, operation, shops[0], spare=lambda: founder.found("spare", machines=2))
        wanted = ROUTES[operation].own if operation in ROUTES else {200}
        if answer is not None and (answer.status not in wanted or (operation in FIELDS and '"errors"' in answer.text)):
            failed.append((operation, answer.status, answer.text[:300]))
    assert failed == []


@pytest.mark.parametrize("operation", sorted(matrix.ROWS))
def test_a_foreign_id_is_an_unknown_one(
    operation: str, desk: Desk, shops: list[Shop], bench: Bench, rng: random.Random
) -> None:
    tried = list(matrix.attempts(desk, operation, shops[0], shops[1], rng))
    first_of_each = {attempt.way: attempt for attempt in reversed(tried)}
    for attempt in [*first_of_each.values(), *islice(tried, FEW)]:
        bench.take(attempt)


def test_every_way_is_tried(desk: Desk, shops: list[Shop], rng: random.Random) -> None:
    seen = {one.way for name in matrix.ROWS for one in matrix.attempts(desk, name, shops[0], shops[1], rng)}
    assert seen == set(Way)
