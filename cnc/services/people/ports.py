"""What these use cases need of others. Rows belong to the tenant acted for, entries of the directory to everybody."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cnc.services.audit import AuditLog, Effect
from cnc.services.caller import Grants
from cnc.services.membership import Membership, Row
from cnc.services.shop import Site, Tenant, User

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Invitation:
    """`state` is open, accepted or revoked; `access_ends_at` is the end of the membership that it leads to.

    `accepted_by` is the user that came of it. The token is kept nowhere, its SHA-256 is.
    """

    id: str
    email: str
    grants: Grants = field(hash=False)
    token_hash: str
    invited_by: str
    created_at: datetime
    ends_at: datetime
    access_ends_at: datetime | None = None
    state: str = "open"
    accepted_by: str = ""


class People(Protocol):
    """Rows of people, of sites and of the tenant itself."""

    def tenant(self) -> Tenant | None: ...
    def sites(self) -> Sequence[Site]: ...
    def user(self, user: str, /) -> User | None: ...
    def users(self) -> Sequence[User]: ...
    def people_version(self) -> int:
        """How often memberships were changed: who decides by looking at all of them says which state it saw."""
        ...

    def counting(self, *, seen_version: int) -> Effect:
        """One more change of memberships. Refused with CncError `people.changed` when another one came between."""
        ...

    def putting_user(self, user: User, /) -> Effect: ...
    def putting_tenant(self, tenant: Tenant, /) -> Effect:
        """The first one; refused with CncError `tenant.exists`."""
        ...

    def renaming(self, name: str, /) -> Effect: ...
    def putting_site(self, site: Site, /) -> Effect: ...


class Invitations(Protocol):
    def get(self, invitation: str, /) -> Invitation | None: ...
    def all(self) -> Sequence[Invitation]: ...
    def putting(self, invitation: Invitation, /, *, seen_state: str) -> Effect:
        """Refused with CncError `invitation.not_found` when it is in another state; "" = it is new."""
        ...


class Directory(Protocol):
    """Memberships, tenants and tokens, over all tenants."""

    def user(self, *, issuer: str, subject: str) -> Row | None: ...
    def add_membership(self, *, issuer: str, subject: str, membership: Membership) -> None:
        """Raises CncError `membership.exists`."""
        ...

    def change_membership(self, *, issuer: str, subject: str, before: Membership, after: Membership | None) -> None:
        """Raises CncError `people.changed`."""
        ...

    def tenant(self, tenant: str, /) -> Row | None: ...
    def add_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None: ...
    def set_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None: ...
    def add_invitation(self, token_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None: ...
    def invitation(self, token_hash: str, /) -> Row | None: ...
    def remove_invitation(self, token_hash: str, /) -> None: ...
    def sign_up(self, *, issuer: str, subject: str) -> Row | None: ...
    def reserve_sign_up(
        self, *, issuer: str, subject: str, tenant: str, facts: Mapping[str, str], instead_of: str
    ) -> bool:
        """Which tenant this person makes; False when another one than `instead_of` ("" = none) stands there."""
        ...


class Mail(Protocol):
    def send(self, to: str, subject: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that administration needs; one per request."""

    people: People
    invitations: Invitations
    directory: Directory
    audit: AuditLog
    random: Random
