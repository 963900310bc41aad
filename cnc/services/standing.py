"""Whether a caller still is what it was when it connected: an open socket outlives what was granted to its owner.

Sessions that end close their own connections; this is for what changes without an end: roles taken away or given, a
membership that was ended, a company that was closed, a key that was revoked or narrowed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.domain.identity.sso import Rule
from cnc.services.caller import ACTIVE, Caller, packed_grants
from cnc.services.membership import memberships_of

#: A change is noticed after this time at the latest.
KEPT = timedelta(seconds=5)
MOST = 1000


class Row(Protocol):
    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


class Memberships(Protocol):
    """The directory."""

    def user(self, *, issuer: str, subject: str) -> Row | None: ...
    def api_key(self, key_hash: str, /) -> Row | None: ...
    def tenant(self, tenant: str, /) -> Row | None: ...


class Standing:
    """One per process: a caller is looked at once in five seconds, however many operations it runs."""

    def __init__(self, memberships: Memberships) -> None:
        self._memberships = memberships
        self._seen: dict[tuple[str, ...], tuple[datetime, bool]] = {}

    def holds(self, caller: Caller, *, now: datetime) -> bool:
        """Whether the caller may go on as it is."""
        if caller.ended(now):
            return False
        key = (caller.tenant, caller.kind, caller.subject, caller.login, packed_grants(caller.grants))
        seen = self._seen.get(key)
        if seen is None or not timedelta() <= now - seen[0] < KEPT:
            if len(self._seen) >= MOST:
                self._seen.clear()
            seen = self._seen[key] = (now, self._stands(caller, now))
        return seen[1]

    def checked(self, caller: Caller, *, now: datetime) -> Caller:
        """The caller. Raises CncError `auth.expired`: with a fresh credential it is what it is by now."""
        if self.holds(caller, now=now):
            return caller
        raise CncError("auth.expired", todo="Connect again with a fresh credential.")

    def _stands(self, caller: Caller, now: datetime) -> bool:
        row = self._memberships.tenant(caller.tenant)
        if row is None or not _is_open(row, caller):
            return False
        return self._is_the_same(caller, Rule.of_text(row.facts.get("sso", "")), now)

    def _is_the_same(self, caller: Caller, rule: Rule | None, now: datetime) -> bool:
        if _person(caller):
            row = self._memberships.user(issuer=caller.issuer, subject=caller.login)
            held = next((one for one in memberships_of(row) if one.tenant == caller.tenant), None)
            if held is None or held.ended(now) or _grants(held.grants) != _grants(caller.grants):
                return False
            return rule is None or rule.admits(provider=caller.provider, user=held.user, domain=held.domain)
        if caller.kind == "key" and caller.login:
            key = self._memberships.api_key(caller.login)
            return key is not None and key.tenant == caller.tenant and not _key_ended(key, now)
        return True  # a screen: its session says all of it, and closes its connections


def _is_open(tenant: Row, caller: Caller) -> bool:
    off = tenant.facts.get("off", "")
    return tenant.facts.get("status", ACTIVE) == ACTIVE and off not in ("all", "people" if _person(caller) else "keys")


def _person(caller: Caller) -> bool:
    return caller.kind == "user" and bool(caller.login)


def _grants(grants: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    return {site: frozenset(roles) for site, roles in grants.items()}


def _key_ended(key: Row, now: datetime) -> bool:
    ends_at_ms = key.facts.get("ends_at_ms", "")
    return bool(ends_at_ms) and now.timestamp() * 1000 >= int(ends_at_ms)
