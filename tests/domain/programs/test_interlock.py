"""Of every status a control can tell, exactly the idle ones allow writing."""

from dataclasses import replace
from itertools import product

import pytest

from cnc.domain.programs.interlock import STALE_MS, Status, reasons_against

#: Every value the words are known to have (and one that is not known), with "could not be read".
SPACE = {
    "run": (None, 0, 1, 2, 3, 4),
    "motion": (None, 0, 1, 2),
    "mstb": (None, 0, 1),
    "emergency": (None, 0, 1, 2),
    "alarm": (None, 0, 1, 2),
    "edit": (None, 0, 1, 4),
    "aut": (None, 0, 1, 3, 4, 5, 10, -1),
    "spindle_rpm": (None, 0, 8000),
}
STILL = Status(1000, run=0, motion=0, mstb=0, emergency=0, alarm=0, edit=0, aut=1, spindle_rpm=0)


def test_of_the_whole_status_space_only_edit_and_mem_at_rest_allow_writing() -> None:
    words = list(SPACE)
    allowed = [
        values
        for values in product(*SPACE.values())
        if not reasons_against(Status(1000, **dict(zip(words, values, strict=True))), now_ms=1000)
    ]
    assert allowed == [(0, 0, 0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 0, 3, 0)]


@pytest.mark.parametrize("age_ms", [-1, STALE_MS + 1, 60_000])
def test_an_old_status_or_one_of_the_future_allows_nothing(age_ms: int) -> None:
    assert reasons_against(STILL, now_ms=1000 + age_ms)
    assert not reasons_against(STILL, now_ms=1000 + STALE_MS)


def test_every_reason_says_what_was_seen_and_what_was_expected() -> None:
    assert reasons_against(replace(STILL, run=2, alarm=None), now_ms=1000) == (
        "run is 2; expected 0.",
        "alarm is unreadable; expected 0.",
    )
