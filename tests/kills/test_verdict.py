"""The verdict sees every kind of fault: a proof that cannot fail proves nothing."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from greengrass_components.synthetic.driver import values_at
from tests.kills.journals import Written
from tests.kills.rows import Boot, Row
from tests.kills.store import Stored
from tests.kills.verdict import judge

SOURCE = "d_0123456789abcdef"
LIFE = Boot(SOURCE, "0000000100000000")
UNTIL_MS = 10_000


def row(seq: int) -> Row:
    return Row(seq * 1000, 0, tuple(values_at(SOURCE, seq * 1000, 3)))


def sides() -> tuple[Written, Stored]:
    rows = {seq: row(seq) for seq in range(1, 13)}
    written = Written(lives={LIFE: rows}, components={SOURCE: "synthetic"})
    return written, Stored(lives={LIFE: {seq: rows[seq] for seq in range(1, 11)}}, chunks=1)


def lose(written: Written, stored: Stored) -> None:
    del stored.lives[LIFE][4]


def invent(written: Written, stored: Stored) -> None:
    stored.lives[LIFE][99] = row(99)


def double(written: Written, stored: Stored) -> None:
    stored.overlaps += 1


def change(written: Written, stored: Stored) -> None:
    stored.lives[LIFE][4] = row(5)


def lie(written: Written, stored: Stored) -> None:
    written.lives[LIFE][4] = stored.lives[LIFE][4] = Row(4000, 0, (1, 2, 3, 4))


def skip(written: Written, stored: Stored) -> None:
    del written.lives[LIFE][4], stored.lives[LIFE][4]


def test_rows_up_to_the_border_are_whole() -> None:
    verdict = judge(*sides(), until_ms=UNTIL_MS)
    assert verdict.clean
    assert (verdict.produced, verdict.stored) == (9, 9)


@pytest.mark.parametrize("fault", [lose, invent, double, change, lie, skip])
def test_every_fault_is_seen(fault: Callable[[Written, Stored], None]) -> None:
    written, stored = deepcopy(sides())
    fault(written, stored)
    assert not judge(written, stored, until_ms=UNTIL_MS).clean
