"""Invitations by e-mail: a single-use token that lets the person who owns the address in, with the roles that it says.

Only its SHA-256 is stored. It ends after a week, when it is revoked, and with its first use.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission
from cnc.domain.identity.sso import domain_of
from cnc.services.audit import Action
from cnc.services.caller import Caller, Grants, union_of
from cnc.services.membership import Membership
from cnc.services.people.granting import checked_grants, may_give, require_at
from cnc.services.people.ports import Desk, Directory, Invitation, Mail
from cnc.services.people.signing_up import named
from cnc.services.shop import User

LIFE: Final = timedelta(days=7)
TOKEN_BYTES: Final = 32
#: Open at once in one company; a shop has tens of people, a list of thousands is somebody else's mail.
MOST_OPEN: Final = 200
LONGEST_ACCESS: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """What the inviter says. `access_ends_at` makes it an access for a time, as a dealer gets it."""

    email: str
    grants: Mapping[str, Sequence[str]]
    access_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who accepts: the verified address of their account, and what they want to be called."""

    issuer: str
    login: str
    email: str
    name: str


def invite(wish: NewInvitation, *, by: Caller, desk: Desk, mail: Mail, origin: str, now: datetime) -> Invitation:
    """Store an invitation and send it. `origin` is the portal's.

    Raises CncError `auth.forbidden` for more than the inviter may give, `site.not_found`, `limit.rate`; BadValue.
    """
    by.require(Permission.PEOPLE_INVITE)
    grants = checked_grants(wish.grants, sites={site.id for site in desk.people.sites() if by.sees(site.id)})
    require_at(by, Permission.PEOPLE_INVITE, grants)
    may_give(by, grants)
    check_end(wish.access_ends_at, now)
    waiting = [one for one in desk.invitations.all() if one.state == "open" and one.ends_at > now]
    if len(waiting) >= MOST_OPEN:
        raise CncError("limit.rate", seen=f"{len(waiting)} open invitations", expected=f"at most {MOST_OPEN}")
    token = urlsafe_b64encode(desk.random(TOKEN_BYTES)).rstrip(b"=").decode()
    made = Invitation(
        id=new_id("i", desk.random),
        email=wish.email.strip(),
        grants=grants,
        token_hash=token_hash(token),
        invited_by=by.subject,
        created_at=now,
        ends_at=now + LIFE,
        access_ends_at=wish.access_ends_at,
    )
    action = Action(by.subject, "person.invited", made.id, "done", to_ms(now))
    desk.audit.commit(action, [desk.invitations.putting(made, seen_state="")])
    facts = {"invitation": made.id}
    desk.directory.add_invitation(made.token_hash, tenant=by.tenant, facts=facts, ends_at=made.ends_at)
    _send(made, token, by=by, desk=desk, mail=mail, origin=origin)
    return made


def open_invitations(*, by: Caller, desk: Desk, now: datetime) -> list[Invitation]:
    """Those that may still be accepted, newest first, as far as they concern sites where the caller reads people."""
    by.require(Permission.PEOPLE_READ)
    found = [one for one in desk.invitations.all() if one.state == "open" and one.ends_at > now]
    seen = [one for one in found if any(by.may(Permission.PEOPLE_READ, site) for site in one.grants)]
    return sorted(seen, key=lambda one: one.created_at, reverse=True)


def revoke(invitation: str, *, by: Caller, desk: Desk, now: datetime) -> None:
    """Nobody can accept it any more. Raises CncError `auth.forbidden`, `invitation.not_found`."""
    by.require(Permission.PEOPLE_INVITE)
    held = desk.invitations.get(check_id("i", invitation))
    if held is None or held.state != "open" or not any(by.sees(site) for site in held.grants):
        raise unknown()
    require_at(by, Permission.PEOPLE_INVITE, held.grants)
    desk.directory.remove_invitation(held.token_hash)
    action = Action(by.subject, "invitation.revoked", held.id, "done", to_ms(now))
    desk.audit.commit(action, [desk.invitations.putting(replace(held, state="revoked"), seen_state="open")])


def tenant_of(token: str, *, directory: Directory) -> str:
    """Whose invitation this is, for acting as that tenant. Raises CncError `invitation.not_found`."""
    row = directory.invitation(token_hash(token)) if 40 <= len(token) <= 64 and token.isascii() else None
    if row is None:
        raise unknown()
    return row.tenant


def shown(token: str, *, email: str, desk: Desk, now: datetime) -> Invitation:
    """The invitation of this token to the owner of this verified address.

    Raises CncError `invitation.not_found`, `invitation.other_person`.
    """
    row = desk.directory.invitation(token_hash(token))
    held = desk.invitations.get(row.facts["invitation"]) if row else None
    if held is None or held.token_hash != token_hash(token) or held.ends_at <= now or held.state == "revoked":
        raise unknown()
    if not email or held.email.casefold() != email.casefold():
        todo = "Sign in with the address that the invitation was sent to, or ask for one to this address."
        raise CncError("invitation.other_person", expected="the verified address that was invited", todo=todo)
    return held


def accept(token: str, person: Person, *, desk: Desk, now: datetime) -> Membership:
    """The membership that came of it. By the same person again: the same, whatever of it was cut off before.

    Acts for the tenant of the invitation. Raises CncError `invitation.not_found`, `invitation.other_person`,
    `membership.exists`.
    """
    held = shown(token, email=person.email, desk=desk, now=now)
    if held.state == "accepted":
        user = desk.people.user(held.accepted_by)
        if user is None or (user.issuer, user.subject) != (person.issuer, person.login):
            raise unknown()
    else:
        user = _taken_in(held, person, desk=desk, now=now)
    membership = Membership(_tenant(desk), user.id, user.grants, user.ends_at, to_ms(now), domain_of(user.email))
    desk.directory.add_membership(issuer=person.issuer, subject=person.login, membership=membership)
    desk.directory.remove_invitation(held.token_hash)
    return membership


def _taken_in(held: Invitation, person: Person, *, desk: Desk, now: datetime) -> User:
    here = [one for one in desk.people.users() if (one.issuer, one.subject) == (person.issuer, person.login)]
    if any(one.left_at is None for one in here):
        raise CncError("membership.exists", seen=held.email, expected="somebody who does not belong to it yet")
    user = User(
        id=new_id("u", desk.random),
        issuer=person.issuer,
        subject=person.login,
        email=person.email,
        name=named(person.name),
        roles=union_of(held.grants),
        grants=held.grants,
        ends_at=held.access_ends_at,
    )
    seen_version = desk.people.people_version()
    effects = [
        desk.people.putting_user(user),
        desk.invitations.putting(replace(held, state="accepted", accepted_by=user.id), seen_state="open"),
        desk.people.counting(seen_version=seen_version),
    ]
    desk.audit.commit(Action(user.id, "invitation.accepted", held.id, "done", to_ms(now)), effects)
    return user


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def unknown() -> CncError:
    """An invitation that never was, has ended, was revoked, or is another company's."""
    return CncError("invitation.not_found", todo="Ask for a new invitation.")


def check_end(ends_at: datetime | None, now: datetime) -> None:
    """An access for a time ends after now and is not for ever. Raises BadValue."""
    if ends_at is not None and not now < ends_at <= now + LONGEST_ACCESS:
        raise BadValue(seen=ends_at.isoformat(), expected=f"a time within the next {LONGEST_ACCESS.days} days")


def _tenant(desk: Desk) -> str:
    tenant = desk.people.tenant()
    if tenant is None:
        raise unknown()
    return tenant.id


def _send(made: Invitation, token: str, *, by: Caller, desk: Desk, mail: Mail, origin: str) -> None:
    tenant, inviter = desk.people.tenant(), desk.people.user(by.subject)
    company = tenant.name if tenant else ""
    # Behind the fragment: it reaches no server and no log.
    lines = [
        f"{inviter.name if inviter else 'Somebody'} invites you to {company} at CNC Copilot.",
        "",
        f"What you may do there: {_told(made.grants, {site.id: site.name for site in desk.people.sites()})}.",
        *([f"Your access ends on {made.access_ends_at:%d %B %Y}."] if made.access_ends_at else []),
        "",
        "To accept, open this address and sign in, or create an account, with this e-mail address:",
        f"{origin}/invitation#{token}",
        "",
        f"It works once, until {made.ends_at:%d %B %Y, %H:%M} UTC. If you did not expect it, you need do nothing.",
    ]
    mail.send(made.email, f"{company} invites you to CNC Copilot", "\n".join(lines))


def _told(grants: Grants, names: Mapping[str, str]) -> str:
    return "; ".join(
        f"{', '.join(roles)} {'everywhere' if site == EVERYWHERE else f'at {names.get(site, site)}'}"
        for site, roles in grants.items()
    )
