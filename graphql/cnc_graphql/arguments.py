"""Arguments that a caller may leave out, and how many things one list may hold."""

from typing import TypeVar

from strawberry import UNSET

from cnc.domain.base.errors import CncError
from cnc_graphql.limits import FIRST

_T = TypeVar("_T")


def given(argument: _T | None) -> _T | None:
    """The argument, or None when it was left out or null: for our filters both mean «all»."""
    return None if argument is UNSET else argument


def page(first: int | None) -> int:
    """Size of the asked page. Raises CncError(limit.cost)."""
    if first is None:
        return FIRST
    if not 1 <= first <= FIRST:
        raise CncError(
            "limit.cost",
            seen=str(first),
            expected=f"1 to {FIRST}",
            todo="Ask for less at once, with a narrower filter.",
        )
    return first
