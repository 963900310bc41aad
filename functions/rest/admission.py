"""Who may go on to a route: everybody for two of them, half signed-in people for few, screens for one."""

from collections.abc import Mapping
from typing import Any

from cnc.domain.base.errors import CncError
from cnc.services.caller import ACTIVE, NEWCOMER, SCREEN, Caller
from cnc.services.people.company import SUSPENDED

#: A screen on the wall asks these before anybody let it in.
OPEN = frozenset({("POST", "/v1/pairings"), ("POST", "/v1/screens/token")})
#: What people do to show a second factor, to set one up, or to leave.
BEFORE_FACTOR = frozenset(
    {
        ("GET", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/current"),
        ("POST", "/v1/sessions/current/factor"),
        ("POST", "/v1/sessions/current/factor/sms"),
        ("GET", "/v1/second-factor"),
        ("POST", "/v1/second-factor"),
        ("POST", "/v1/second-factor/confirmation"),
    }
)
#: What people of no company do: make one, or accept an invitation to one.
OF_NEWCOMERS = frozenset(
    {
        ("POST", "/v1/tenants"),
        ("POST", "/v1/invitations/letter"),
        ("POST", "/v1/invitations/accept"),
        ("POST", "/v1/sso/join"),
        ("POST", "/v1/sso/accounts"),
        ("GET", "/v1/memberships"),
        ("GET", "/v1/sessions/current"),
        ("DELETE", "/v1/sessions/current"),
    }
)
#: What stays open of a company that is closed: opening it again, its end, and working for another one.
OF_CLOSED = BEFORE_FACTOR | {
    ("GET", "/v1/tenant"),
    ("DELETE", "/v1/tenant"),
    ("GET", "/v1/tenant/erasure"),
    ("DELETE", "/v1/tenant/erasure"),
    ("POST", "/v1/tenant/resume"),
    ("GET", "/v1/memberships"),
    ("POST", "/v1/sessions/current/tenant"),
    ("POST", "/v1/invitations/letter"),
    ("POST", "/v1/invitations/accept"),
}
OF_SCREENS = frozenset({("POST", "/v1/socket-tickets")})


def route_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """Method and path of the request."""
    return event["requestContext"]["http"]["method"], event["rawPath"]


def is_open(event: Mapping[str, Any]) -> bool:
    """Whether the route answers those who show no credential."""
    return route_of(event) in OPEN


def admit(caller: Caller, event: Mapping[str, Any]) -> None:
    """Raises CncError: `auth.second_factor` for who has to show one first, `auth.forbidden` for screens elsewhere.

    And what `Caller.admit` raises, but for the routes on which a second factor is shown.
    """
    route = route_of(event)
    if caller.kind == SCREEN and route not in OF_SCREENS:
        raise CncError("auth.forbidden", seen="a screen on the wall", expected="a person or an API key")
    open_to = {NEWCOMER: OF_NEWCOMERS}.get(caller.kind, frozenset())
    if caller.factor_due:
        open_to |= BEFORE_FACTOR
    elif caller.status != ACTIVE:
        open_to |= OF_CLOSED
    if route not in open_to and not (caller.status == SUSPENDED and not caller.factor_due and _takes_along(route)):
        caller.admit()


def _takes_along(route: tuple[str, str]) -> bool:
    """Exports of what the company holds: its data stays its own while it is closed."""
    return route[1] == "/v1/exports" or route[1].startswith("/v1/exports/")
