"""Memberships: which tenants a person belongs to, as whom, with which roles where, and until when.

One row of the directory holds all memberships of a person: an attribute named by the tenant's id, with compact JSON
`{"user","grants","ends_ms","since_ms","v"}`. Rows of the earlier form (`tenant`, `user`, `roles`) are one membership
with these roles everywhere.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import EVERYWHERE
from cnc.services.caller import Grants, union_of

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Membership:
    """`ends_at` is the end of an access for a time, as a dealer has it; None: until somebody ends it.

    `domain` is that of the person's e-mail address: a company may ask its own people to use its own sign-in.
    """

    tenant: str
    user: str
    grants: Grants = field(hash=False)
    ends_at: datetime | None = None
    since_ms: int = 0
    domain: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        return union_of(self.grants)

    def ended(self, now: datetime) -> bool:
        return self.ends_at is not None and now >= self.ends_at

    def text(self) -> str:
        """The attribute of the directory row."""
        document: dict[str, object] = {
            "v": _VERSION,
            "user": self.user,
            "grants": {site: list(roles) for site, roles in self.grants.items()},
            "ends_ms": None if self.ends_at is None else to_ms(self.ends_at),
            "since_ms": self.since_ms,
        }
        document |= {"domain": self.domain} if self.domain else {}
        return json.dumps(document, separators=(",", ":"), sort_keys=True)

    @classmethod
    def of_text(cls, tenant: str, text: str) -> "Membership":
        held = json.loads(text)
        ends_ms = held.get("ends_ms")
        grants = {site: tuple(roles) for site, roles in held["grants"].items()}
        ends_at = None if ends_ms is None else from_ms(ends_ms)
        return cls(tenant, held["user"], grants, ends_at, held.get("since_ms", 0), held.get("domain", ""))


class Row(Protocol):
    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


def memberships_of(row: Row | None) -> tuple[Membership, ...]:
    """All memberships of a directory row, ended ones too, the oldest first."""
    if row is None:
        return ()
    found = [Membership.of_text(name, text) for name, text in row.facts.items() if _is_tenant(name)]
    if row.tenant and all(membership.tenant != row.tenant for membership in found):
        roles = tuple(filter(None, row.facts.get("roles", "").split(",")))
        found.append(Membership(row.tenant, row.facts.get("user", ""), {EVERYWHERE: roles}))
    return tuple(sorted(found, key=lambda membership: (membership.since_ms, membership.tenant)))


def _is_tenant(name: str) -> bool:
    return name.startswith("t_") and len(name) == len(check_id("t", name))
