"""Somebody came through a company's provider and has no membership yet: they join, or bring their account along.

E-mail addresses tie nothing together here. Who has an account shows it by signing in to it, just now; from then on the
same person signs in through the provider, and through it alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import new_id
from cnc.domain.identity.permissions import EVERYWHERE
from cnc.domain.identity.sso import domain_of, provider_of, vouch
from cnc.services.audit import Action, Effect
from cnc.services.caller import NEWCOMER, Caller, union_of
from cnc.services.membership import Membership, memberships_of
from cnc.services.people.ports import Directory
from cnc.services.second_factor import Factors, show
from cnc.services.shop import User
from cnc.services.sso import Owners, Provider, SsoDesk

JUST_NOW: Final = timedelta(minutes=10)


class Joined(Protocol):
    """Rows of people of the tenant acted for."""

    def user(self, user: str, /) -> User | None: ...
    def putting_user(self, user: User, /) -> Effect: ...


@dataclass(frozen=True, slots=True)
class JoiningDesk:
    """`sso`, `people` and `factors` are of the tenant acted for, `directory` of everybody.

    `mark_factor` tells the sessions of (issuer, subject) that the person has a second factor at a tenant.
    """

    sso: SsoDesk
    people: Joined
    directory: Directory
    factors: Factors
    mark_factor: Callable[[str, str, str], None]


def tenant_of(caller: Caller, *, owners: Owners) -> str:
    """The company whose provider the caller came through. Raises CncError `auth.forbidden`."""
    if caller.kind != NEWCOMER or not caller.provider:
        raise CncError(
            "auth.forbidden", seen=caller.kind, expected="somebody new who came through a company's provider"
        )
    owner = owners.owner(caller.provider)
    if not owner:
        raise CncError("sso.not_found", todo="Sign in again.")
    return owner


def join(caller: Caller, said: Mapping[str, Any], *, desk: JoiningDesk, now: datetime) -> Membership:
    """Become a member with the role that the company set for this. `said` is what the provider says of the person.

    Raises CncError `auth.no_membership` where nobody joins without an invitation, `sso.claims`, `membership.exists`.
    """
    found = _provider(caller, desk=desk)
    if not found.joining:
        raise CncError("auth.no_membership", todo="Ask an administrator of your company for an invitation.")
    vouch(found.settings, said)
    email = str(said.get("email", ""))
    grants = {EVERYWHERE: (found.joining,)}
    name = " ".join(str(said.get("name", "")).split())[:100] or email
    user = User(new_id("u", desk.sso.random), caller.issuer, caller.login, email, name, union_of(grants), grants)
    tenant = tenant_of(caller, owners=desk.sso.owners)
    if memberships_of(desk.directory.user(issuer=caller.issuer, subject=caller.login)):
        raise CncError("membership.exists", seen=tenant)
    action = Action(user.id, "person.joined", user.id, "done", to_ms(now))
    desk.sso.audit.commit(action, [desk.people.putting_user(user)])
    membership = Membership(tenant, user.id, grants, since_ms=to_ms(now), domain=domain_of(email))
    desk.directory.add_membership(issuer=caller.issuer, subject=caller.login, membership=membership)
    return membership


def bring_along(
    caller: Caller, existing: Mapping[str, Any], code: str, *, desk: JoiningDesk, now: datetime
) -> Membership:
    """Move the account of a password to the provider. `existing` are claims of its verified access token.

    Who has a second factor shows it (`code`): a password alone does not move an account that is worth two proofs.
    Raises CncError `sso.state` for an older sign-in and for break-glass accounts, `change.second_factor`,
    `auth.no_membership`, `sso.foreign`.
    """
    found = _provider(caller, desk=desk)
    tenant = tenant_of(caller, owners=desk.sso.owners)
    if provider_of(str(existing.get("username", ""))):
        raise CncError("sso.foreign", seen="another provider", expected="your account with a password")
    if now - from_ms(1000 * int(existing.get("auth_time", 0))) > JUST_NOW:
        raise CncError("sso.state", seen="an older sign-in", expected="a sign-in of the last ten minutes")
    subject = str(existing["sub"])
    row = desk.directory.user(issuer=caller.issuer, subject=subject)
    held = next((one for one in memberships_of(row) if one.tenant == tenant and not one.ended(now)), None)
    user = desk.people.user(held.user) if held else None
    if held is None or user is None or user.left_at is not None:
        raise CncError("auth.no_membership", todo="Sign in to the account that you have at this company.")
    if held.user in found.exempt:
        raise CncError("sso.state", seen="a break-glass account", expected="an account that may give up its password")
    has_factor = _shown(user.id, code, factors=desk.factors, now=now)
    moved = user._replace(issuer=caller.issuer, subject=caller.login)
    action = Action(user.id, "person.moved_to_provider", found.id, "done", to_ms(now))
    desk.sso.audit.commit(action, [desk.people.putting_user(moved)])
    if has_factor:
        desk.mark_factor(caller.issuer, caller.login, tenant)
    desk.directory.add_membership(issuer=caller.issuer, subject=caller.login, membership=held)
    desk.directory.change_membership(issuer=caller.issuer, subject=subject, before=held, after=None)
    return held


def _shown(user: str, code: str, *, factors: Factors, now: datetime) -> bool:
    """Whether the person has a second factor, which was shown then. Raises CncError `change.second_factor`."""
    held = factors.get(user)
    if held is None or not held.factor.confirmed:
        return False
    show(user, code, factors=factors, now_s=int(now.timestamp()))
    return True


def _provider(caller: Caller, *, desk: JoiningDesk) -> Provider:
    found = desk.sso.providers.get(caller.provider)
    if found is None:
        raise CncError("sso.not_found", todo="Sign in again.")
    return found
