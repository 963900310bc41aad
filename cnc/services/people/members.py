"""People of a company: who they are, with which roles where and until when; changing that, and ending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission, Role, permissions_of
from cnc.domain.identity.sso import domain_of
from cnc.services.audit import Action, refusals_noted
from cnc.services.caller import Caller, union_of
from cnc.services.membership import Membership, memberships_of
from cnc.services.people.granting import checked_grants, may_give, require_at
from cnc.services.people.invitations import check_end
from cnc.services.people.ports import Desk
from cnc.services.shop import User


@dataclass(frozen=True, slots=True)
class NewGrants:
    """What somebody's membership shall be; `ends_at` None: until somebody ends it."""

    grants: Mapping[str, Sequence[str]]
    ends_at: datetime | None = None


def members(*, by: Caller, desk: Desk) -> list[User]:
    """People of the sites that the caller sees, by name; with details for those who read people there."""
    found = [user for user in desk.people.users() if user.left_at is None and _concerns(by, user)]
    return sorted(found, key=lambda user: (user.name, user.id))


def member(user: str, *, by: Caller, desk: Desk) -> User:
    """Raises CncError `user.not_found`."""
    held = desk.people.user(check_id("u", user))
    if held is None or held.left_at is not None or not _concerns(by, held):
        raise CncError("user.not_found", todo="Take the id from /v1/people.")
    return held


def reads_details(by: Caller, user: User) -> bool:
    """Address and roles are for those who read people at one of the sites, and for oneself."""
    return user.id == by.subject or any(by.may(Permission.PEOPLE_READ, site) for site in user.grants)


def change(user: str, wish: NewGrants, *, by: Caller, desk: Desk, now: datetime) -> User:
    """Give somebody other roles, or another end. Raises CncError `user.not_found`, `auth.forbidden`, `site.not_found`,
    `people.last_owner`, `people.changed`; BadValue.
    """
    before, version = member(user, by=by, desk=desk), desk.people.people_version()
    action = Action(by.subject, "person.changed", before.id, "done", to_ms(now))
    with refusals_noted(action, log=desk.audit):
        _may_manage(by, before)
        grants = checked_grants(wish.grants, sites={site.id for site in desk.people.sites() if by.sees(site.id)})
        require_at(by, Permission.PEOPLE_MANAGE, grants)
        may_give(by, grants)
        if wish.ends_at != before.ends_at:
            check_end(wish.ends_at, now)
        after = before._replace(grants=grants, roles=union_of(grants), ends_at=wish.ends_at)
        _keep_an_owner(before, after, desk=desk)
    held = _membership(before, tenant=by.tenant, desk=desk)
    effects = [desk.people.putting_user(after), desk.people.counting(seen_version=version)]
    desk.audit.commit(action, effects)
    membership = Membership(by.tenant, after.id, grants, after.ends_at, held.since_ms, domain_of(after.email))
    desk.directory.change_membership(issuer=after.issuer, subject=after.subject, before=held, after=membership)
    return after


def end(user: str, *, by: Caller, desk: Desk, now: datetime) -> User:
    """Somebody belongs to the company no more; their name stays for what they did. Oneself: to leave it.

    Raises CncError `user.not_found`, `auth.forbidden`, `people.last_owner`, `people.changed`.
    """
    before, version = member(user, by=by, desk=desk), desk.people.people_version()
    action = Action(by.subject, "person.removed", before.id, "done", to_ms(now))
    after = before._replace(left_at=now)
    with refusals_noted(action, log=desk.audit):
        if before.id != by.subject:
            _may_manage(by, before)
        _keep_an_owner(before, after, desk=desk)
    effects = [desk.people.putting_user(after), desk.people.counting(seen_version=version)]
    desk.audit.commit(action, effects)
    held = _membership(before, tenant=by.tenant, desk=desk)
    desk.directory.change_membership(issuer=before.issuer, subject=before.subject, before=held, after=None)
    return after


def _concerns(by: Caller, user: User) -> bool:
    return user.id == by.subject or EVERYWHERE in user.grants or any(by.sees(site) for site in user.grants)


def _may_manage(by: Caller, user: User) -> None:
    """Everywhere where they have a role, and nobody who has more than oneself."""
    by.require(Permission.PEOPLE_MANAGE)
    require_at(by, Permission.PEOPLE_MANAGE, user.grants)
    may_give(by, user.grants)


def _keep_an_owner(before: User, after: User, *, desk: Desk) -> None:
    """Somebody stays who owns the company, and somebody who manages people, everywhere and without an end."""
    others = [user for user in desk.people.users() if user.id != before.id]
    for needed in (_owns, _manages):
        if needed(before) and not any(needed(user) for user in (*others, after)):
            raise CncError(
                "people.last_owner",
                seen=before.id,
                expected="another person who stays owner and administrator of the whole company",
                todo="Give somebody else these roles first.",
            )


def _owns(user: User) -> bool:
    return _stays(user) and Role.OWNER in user.grants.get(EVERYWHERE, ())


def _manages(user: User) -> bool:
    return _stays(user) and Permission.PEOPLE_MANAGE in permissions_of(user.grants.get(EVERYWHERE, ()))


def _stays(user: User) -> bool:
    return user.left_at is None and user.ends_at is None


def _membership(user: User, *, tenant: str, desk: Desk) -> Membership:
    row = desk.directory.user(issuer=user.issuer, subject=user.subject)
    found = next((one for one in memberships_of(row) if one.tenant == tenant), None)
    if found is None:
        raise CncError("people.changed", seen=user.id, expected="a membership", todo="Look again.")
    return found
