"""What roles and scopes add up to. The table itself stands in `facts`."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from cnc.domain.identity.facts import EVERYWHERE, GRANTED, OF_A_SCREEN, OWN, SCOPES, SITE_BOUND, Permission, Role

__all__ = [
    "EVERYWHERE",
    "GRANTED",
    "OF_A_SCREEN",
    "OWN",
    "SCOPES",
    "SITE_BOUND",
    "Permission",
    "Role",
    "permissions_of",
    "permissions_of_scopes",
    "roles_with",
]

#: How scopes are granted over HTTP: a key's programs write their own queries, whatever they may read.
_OF_EVERY_KEY = frozenset({Permission.API_DOCUMENTS, Permission.SESSION_READ})


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """What these roles may do together; a name that is no role gives nothing."""
    return _of_roles(tuple(roles))


def permissions_of_scopes(scopes: Iterable[str]) -> frozenset[Permission]:
    """What an API key with these scopes may do; a name that is no scope gives nothing."""
    return _of_scopes(frozenset(scopes))


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The roles that have it, by name: for telling people whom to ask."""
    return tuple(sorted(GRANTED[permission]))


@lru_cache(maxsize=256)
def _of_roles(roles: tuple[str, ...]) -> frozenset[Permission]:
    return frozenset(permission for permission, having in GRANTED.items() if not having.isdisjoint(roles))


@lru_cache(maxsize=256)
def _of_scopes(scopes: Collection[str]) -> frozenset[Permission]:
    return _OF_EVERY_KEY.union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
