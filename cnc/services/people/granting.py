"""Which roles somebody may give to others: at most what they may do themselves, at the sites where they may it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.identity.permissions import EVERYWHERE, OWN, SITE_BOUND, Permission, Role, permissions_of
from cnc.services.caller import Caller, Grants

MOST_SITES: Final = 100


def checked_grants(wished: Mapping[str, Iterable[str]], *, sites: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Roles by site as they are stored: known roles, each once, at known sites or `*`; at least one.

    Raises BadValue, and CncError `site.not_found`.
    """
    if not 0 < len(wished) <= MOST_SITES:
        raise BadValue(seen=f"{len(wished)} sites", expected=f"1 to {MOST_SITES} sites, or * for all")
    grants = {}
    for site, roles in wished.items():
        if site != EVERYWHERE and site not in sites:
            raise CncError("site.not_found", todo="Take the id from `sites`, or * for all of the company.")
        named = set(roles)
        unknown = sorted(named - set(Role))
        if unknown or not named:
            raise BadValue(seen=", ".join(unknown) or "no role", expected=f"one or more of {', '.join(sorted(Role))}")
        grants[site] = tuple(role.value for role in Role if role in named)
    return grants


def require_at(caller: Caller, permission: Permission, grants: Grants) -> None:
    """Raises CncError `auth.forbidden` unless the caller has the permission wherever these roles hold."""
    for site in grants:
        caller.require(permission, site)


def may_give(caller: Caller, grants: Grants) -> None:
    """Raises CncError `auth.forbidden` when these roles give more than the caller has, somewhere."""
    for site, roles in grants.items():
        more = permissions_of(roles) - caller.permissions_at(site)
        if site != EVERYWHERE:
            more &= SITE_BOUND | OWN
        if more:
            where = "the whole company" if site == EVERYWHERE else site
            seen = f"{', '.join(roles)} at {where}, which gives {', '.join(sorted(more)[:3])}"
            raise CncError("auth.forbidden", seen=seen, expected="roles that give no more than you have yourself")
