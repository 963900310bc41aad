"""What the authorizer keeps for a moment, and what it never keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller
from cnc.services.recent import KEPT, MOST, Recent
from cnc.services.sessions import Visit

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Gate:
    """Knows some credentials; counts how often it is asked."""

    def __init__(self, *known: str, ends_at: datetime | None = None) -> None:
        self.known, self.ends_at, self.asked = set(known), ends_at, 0

    def __call__(self, header: str | None, _now: datetime, _visit: Visit) -> Caller:
        self.asked += 1
        if header not in self.known:
            raise CncError("auth.invalid")
        return Caller("t_aaaaaaaaaaaaaaaa", f"k_{header}", "key", ends_at=self.ends_at)


def test_the_requests_of_one_page_ask_once() -> None:
    gate = Gate("a", "b")
    recent = Recent(gate)
    callers = [recent.caller(header, now=NOW + timedelta(milliseconds=n)) for n, header in enumerate("abababab")]
    assert ([caller.subject for caller in callers], gate.asked) == (["k_a", "k_b"] * 4, 2)


@pytest.mark.parametrize("after", [KEPT, -timedelta(seconds=1)])
def test_a_withdrawn_credential_ends_in_time_whatever_the_clock_does(after: timedelta) -> None:
    gate = Gate("a")
    recent = Recent(gate)
    recent.caller("a", now=NOW)
    gate.known.clear()
    with pytest.raises(CncError):
        recent.caller("a", now=NOW + after)


def test_a_refusal_is_never_kept() -> None:
    gate = Gate()
    recent = Recent(gate)
    for header in ("new", "new", None, ""):
        with pytest.raises(CncError):
            recent.caller(header, now=NOW)
    gate.known.add("new")
    assert recent.caller("new", now=NOW).subject == "k_new"


def test_a_credential_that_ends_meanwhile_is_looked_at_again() -> None:
    gate = Gate("a", ends_at=NOW + timedelta(seconds=1))
    recent = Recent(gate)
    for after_s in (0, 1):
        recent.caller("a", now=NOW + timedelta(seconds=after_s))
    assert gate.asked == 2


def test_it_never_holds_more_than_it_may() -> None:
    names = [f"{n}" for n in range(MOST + 5)]
    recent = Recent(Gate(*names))
    for name in names:
        recent.caller(name, now=NOW)
    assert len(recent._kept) <= MOST
