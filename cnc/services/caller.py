"""Who is asking, once a credential was verified, and what they may do where."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import (
    EVERYWHERE,
    OF_A_SCREEN,
    OWN,
    SITE_BOUND,
    Permission,
    permissions_of,
    permissions_of_scopes,
    roles_with,
)

#: The kind of a person who is signed in and belongs to no tenant yet; `tenant` is empty then.
NEWCOMER = "newcomer"
#: A screen on the wall: a paired one, for the boards of one site and nothing else.
SCREEN = "screen"
#: How a tenant stands: everything else than this is closed but for what opens it again.
ACTIVE = "active"
#: … and how one stands whose switch an operator turned off.
STOPPED = "stopped"
#: What a role at a single site can give.
_SOMEWHERE = SITE_BOUND | OWN
#: Site id, or `*` for all of the shop -> roles held there.
Grants = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. `ends_at` is when its credential must be shown again; None: it does not end.

    `grants` are the roles by site, `roles` all of them together; who is given only `roles` has them everywhere.
    `session` is the hash of the session, "" for keys; `factor_at` when it last showed a second factor;
    while `factor_due` it may do nothing else than that.
    `issuer` and `login` say who a person is to the identity provider (the `login` of a key is its hash), `status` how
    the tenant stands, `plan` what it may ask for (`cnc.domain.rates.plans`).
    `provider` is the company's own sign-in that the person came through, "" for a password.
    """

    tenant: str
    subject: str
    kind: str  # "user", "key", "screen" or "newcomer"
    roles: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None
    grants: Grants = field(default_factory=dict, hash=False)
    session: str = ""
    factor_at: datetime | None = None
    factor_due: bool = False
    status: str = ACTIVE
    issuer: str = ""
    login: str = ""
    plan: str = ""
    provider: str = ""

    def __post_init__(self) -> None:
        if not self.grants:
            # A role of nobody knows where is a role everywhere: rows of the earlier form say no sites.
            object.__setattr__(self, "grants", {EVERYWHERE: self.roles})
        elif not self.roles:
            object.__setattr__(self, "roles", union_of(self.grants))

    @property
    def everywhere(self) -> bool:
        """Whether the caller sees every site of the shop."""
        return EVERYWHERE in self.grants

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the caller may do somewhere in the shop."""
        somewhere = self._held(self.roles) & _SOMEWHERE
        return somewhere | self._held(self.grants[EVERYWHERE]) if self.everywhere else somewhere

    def may(self, permission: Permission, site: str | None = None) -> bool:
        """Whether the caller may do this, at one site if it is named, else anywhere at all."""
        if site is not None:
            return permission in self.permissions_at(site)
        # Asked several times in every request: nothing is joined that need not be.
        if self.everywhere and permission in self._held(self.grants[EVERYWHERE]):
            return True
        return permission in _SOMEWHERE and permission in self._held(self.roles)

    def permissions_at(self, site: str) -> frozenset[Permission]:
        """What the caller may do at one site; for `*`: at every site."""
        held = frozenset[Permission]()
        if self.everywhere:
            held = self._held(self.grants[EVERYWHERE])
        if site != EVERYWHERE and site in self.grants:
            held |= self._held(self.grants[site]) & _SOMEWHERE
        return held

    def require(self, permission: Permission, site: str | None = None) -> None:
        """Raises CncError `auth.forbidden` for those who may not."""
        if not self.may(permission, site):
            raise forbidden(permission, kind=self.kind, roles=self.roles)

    def as_person(self) -> "Caller":
        """The caller, who is a person. Raises CncError `auth.forbidden` for keys."""
        if self.kind == "key":
            raise CncError("auth.forbidden", seen="an API key", expected="a person")
        return self

    def admit(self) -> None:
        """Raises CncError `auth.no_membership`, `auth.second_factor`, or `tenant.suspended` for one that is closed."""
        if self.kind == NEWCOMER:
            raise CncError("auth.no_membership", todo="Make a company of your own, or ask for an invitation.")
        if self.factor_due:
            raise CncError(
                "auth.second_factor", expected="a code of your second factor", todo="Show it, or set one up."
            )
        if self.status != ACTIVE:
            raise CncError("tenant.suspended", seen=self.status, expected=ACTIVE, todo="Ask an owner of the company.")

    def sees(self, site: str) -> bool:
        """Whether what is at this site exists for the caller."""
        return self.everywhere or site in self.grants

    def _held(self, roles: tuple[str, ...]) -> frozenset[Permission]:
        if self.kind == SCREEN:
            return OF_A_SCREEN
        return permissions_of_scopes(self.scopes) if self.kind == "key" else permissions_of(roles)

    def facts(self) -> dict[str, str]:
        """As strings: the authorizer's context, and what a ticket or a connection remembers."""
        facts = {
            "subject": self.subject,
            "kind": self.kind,
            "roles": ",".join(self.roles),
            "scopes": " ".join(sorted(self.scopes)),
            "endsAt": _ms(self.ends_at),
        }
        if set(self.grants) != {EVERYWHERE}:
            facts["grants"] = packed_grants(self.grants)
        more = {"session": self.session, "factorAt": _ms(self.factor_at), "issuer": self.issuer, "login": self.login}
        more |= {"status": self.status} if self.status != ACTIVE else {}
        more |= {"plan": self.plan, "provider": self.provider, "factorDue": "1" if self.factor_due else ""}
        return facts | {name: text for name, text in more.items() if text}

    @classmethod
    def of_facts(cls, tenant: str, facts: Mapping[str, str]) -> "Caller":
        """The caller that `facts()` was made from."""
        return cls(
            tenant=tenant,
            subject=facts["subject"],
            kind=facts["kind"],
            roles=tuple(filter(None, facts.get("roles", "").split(","))),
            scopes=frozenset(facts.get("scopes", "").split()),
            ends_at=_moment(facts.get("endsAt", "")),
            grants=unpacked_grants(facts["grants"]) if facts.get("grants") else {},
            session=facts.get("session", ""),
            factor_at=_moment(facts.get("factorAt", "")),
            factor_due=facts.get("factorDue") == "1",
            status=facts.get("status", ACTIVE),
            issuer=facts.get("issuer", ""),
            login=facts.get("login", ""),
            plan=facts.get("plan", ""),
            provider=facts.get("provider", ""),
        )

    @property
    def may_send_own_documents(self) -> bool:
        """Programs write their own queries; the pages of the product send known documents only."""
        return self.may(Permission.API_DOCUMENTS)

    def ended(self, now: datetime) -> bool:
        """Whether the credential must be shown again."""
        return self.ends_at is not None and now >= self.ends_at


def forbidden(permission: Permission, *, kind: str, roles: Iterable[str]) -> CncError:
    """What is told to those who may not: what they are, and who could."""
    seen = "an API key" if kind == "key" else ", ".join(sorted(roles)) or "no role"
    expected = f"the permission {permission}: {', '.join(roles_with(permission))}"
    return CncError("auth.forbidden", seen=seen, expected=expected)


def union_of(grants: Grants) -> tuple[str, ...]:
    """All roles of these grants, each once, in the order in which they come."""
    return tuple(dict.fromkeys(role for roles in grants.values() for role in roles))


def packed_grants(grants: Grants) -> str:
    """Compact JSON, sorted by site."""
    return json.dumps({site: list(roles) for site, roles in grants.items()}, separators=(",", ":"), sort_keys=True)


def unpacked_grants(text: str) -> dict[str, tuple[str, ...]]:
    """What `packed_grants` made."""
    return {site: tuple(roles) for site, roles in json.loads(text).items()}


def _ms(at: datetime | None) -> str:
    return "" if at is None else str(to_ms(at))


def _moment(text: str) -> datetime | None:
    return from_ms(int(text)) if text else None
