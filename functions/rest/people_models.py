"""Companies, people and invitations as REST takes and answers them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from cnc.domain.base.clock import rfc3339
from cnc.domain.base.errors import BadValue
from cnc.services.people.ports import Invitation
from cnc.services.privacy.names import telling_role
from cnc.services.shop import Site as SiteRow
from cnc.services.shop import User
from functions.rest.models import Answer, Asked, Moment, Site

Name = Annotated[str, Field(min_length=1, max_length=100)]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")]
Zone = Annotated[str, Field(min_length=1, max_length=64, description="IANA name, such as Europe/Berlin.")]
Token = Annotated[str, Field(min_length=40, max_length=64)]
Roles = Annotated[list[Annotated[str, Field(max_length=32)]], Field(min_length=1, max_length=16)]
Grants = Annotated[
    dict[Annotated[str, Field(max_length=64)], Roles],
    Field(min_length=1, max_length=100, description="Roles by site id; `*` is the whole company."),
]
EndsAt = Annotated[Moment | None, Field(description="RFC 3339 with a zone; null: until somebody ends it.")]


class NewTenant(Asked):
    """A company, its first site, and what you are called there."""

    name: Name
    site_name: Name
    time_zone: Zone
    your_name: Name


class Founded(Answer):
    tenant_id: str
    site_id: str
    user_id: str


class Rename(Asked):
    name: Name


class NewSite(Asked):
    name: Name
    time_zone: Zone


class Typed(Asked):
    """What is dangerous is confirmed by typing the company's name."""

    confirmation: Annotated[str, Field(max_length=200)]


class TenantFacts(Answer):
    """The company: `status` is active, suspended or deleting."""

    id: str
    name: str
    status: str
    created_at: str
    sites: list[Site]


class Person(Answer):
    """Somebody of the company. Address and roles are for those who read people at one of the sites, and for oneself.

    Who `left` stays, for what they did. `name` is empty where others are told by role (`role`): the company has names
    switched off, or this person did not agree to be told by name; who reads people reads names anyway, and `told`
    says whether they may stand beside what somebody did.
    """

    id: str
    name: str
    role: str = ""
    told: bool = False
    left: bool = False
    email: str | None = None
    grants: dict[str, list[str]] | None = None
    ends_at: str | None = None

    @classmethod
    def of(cls, user: User, *, details: bool, told: bool) -> Self:
        left = user.left_at is not None
        name = user.name if told or details else ""
        person = cls(id=user.id, name=name, role=telling_role(user.roles), told=told, left=left)
        if left or not details:
            return person
        grants = {site: list(roles) for site, roles in user.grants.items()}
        return person.model_copy(update={"email": user.email, "grants": grants, "ends_at": _stamp(user.ends_at)})


class PeopleOfShop(Answer):
    people: list[Person]


class ChangedPerson(Asked):
    """All roles from now on, and the end of the access."""

    grants: Grants
    ends_at: EndsAt = None


class NewInvitation(Asked):
    """`accessEndsAt` makes it an access for a time, as a dealer gets it."""

    email: Email
    grants: Grants
    access_ends_at: EndsAt = None


class InvitationRow(Answer):
    """An invitation that may still be accepted."""

    id: str
    email: str
    grants: dict[str, list[str]]
    invited_by: str
    created_at: str
    ends_at: str
    access_ends_at: str | None

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        return cls(
            id=invitation.id,
            email=invitation.email,
            grants={site: list(roles) for site, roles in invitation.grants.items()},
            invited_by=invitation.invited_by,
            created_at=rfc3339(invitation.created_at),
            ends_at=rfc3339(invitation.ends_at),
            access_ends_at=_stamp(invitation.access_ends_at),
        )


class InvitationRows(Answer):
    invitations: list[InvitationRow]


class Shown(Asked):
    """The token of the letter."""

    token: Token


class Accept(Shown):
    name: Name


class Letter(Answer):
    """What an invitation offers, for who it is for."""

    company: str
    invited_by: str
    grants: dict[str, list[str]]
    sites: dict[str, str]
    ends_at: str
    access_ends_at: str | None


class Membership(Answer):
    """A company that you belong to. `current` is the one this session works for."""

    tenant_id: str
    company: str
    status: str
    roles: list[str]
    ends_at: str | None
    current: bool


class Memberships(Answer):
    memberships: list[Membership]


class Switch(Asked):
    tenant_id: Annotated[str, Field(max_length=64)]


def site_of(site: SiteRow) -> Site:
    return Site(id=site.id, name=site.name, time_zone=site.time_zone)


def moment(at: datetime | None) -> datetime | None:
    """Raises BadValue for a time without a zone."""
    if at is not None and at.tzinfo is None:
        raise BadValue(seen=at.isoformat(), expected="a time with its zone")
    return at


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
