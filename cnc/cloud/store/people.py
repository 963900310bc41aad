"""What administration changes of the tenant acted for; every change is an effect that the audit log makes.

Invitations are rows `T#<tenant>#O` / `i_…`.
"""

from datetime import timedelta

from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.effects import putting, updating
from cnc.cloud.store.shop import ShopStore, user_row
from cnc.cloud.store.shop_rows import InvitationRow, SiteRow, TenantRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.services.audit import Effect
from cnc.services.caller import packed_grants, unpacked_grants
from cnc.services.people.ports import Invitation
from cnc.services.shop import Site, Tenant, User

_KEPT = timedelta(days=1)


class PeopleStore(ShopStore):
    """Reads as the shop has them, and their changes."""

    def people_version(self) -> int:
        try:
            row = TenantRow.get(_p("I"), "tenant", consistent_read=True)
        except DoesNotExist:
            return 0
        return int(row.people_v or 0)

    def counting(self, *, seen_version: int) -> Effect:
        row = TenantRow(_p("I"), "tenant")
        seen = TenantRow.people_v == seen_version if seen_version else TenantRow.people_v.does_not_exist()
        return updating(
            row,
            [TenantRow.people_v.set(seen_version + 1)],
            condition=TenantRow.p.exists() & seen,
            refused=lambda: CncError("people.changed", todo="Look again and decide anew."),
        )

    def putting_user(self, user: User, /) -> Effect:
        return putting(user_row(user))

    def putting_tenant(self, tenant: Tenant, /) -> Effect:
        row = TenantRow(_p("I"), "tenant", name=tenant.name, created_ms=to_ms(tenant.created_at))
        return putting(row, condition=TenantRow.p.does_not_exist(), refused=lambda: CncError("tenant.exists"))

    def renaming(self, name: str, /) -> Effect:
        row = TenantRow(_p("I"), "tenant")
        return updating(
            row,
            [TenantRow.name.set(name)],
            condition=TenantRow.p.exists(),
            refused=lambda: CncError("tenant.not_found"),
        )

    def putting_site(self, site: Site, /) -> Effect:
        return putting(SiteRow(_p("S"), site.id, name=site.name, time_zone=site.time_zone))


class InvitationStore:
    """Invitations of the tenant acted for."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def get(self, invitation: str, /) -> Invitation | None:
        try:
            return _invitation(InvitationRow.get(_p("O"), invitation, consistent_read=True))
        except DoesNotExist:
            return None

    def all(self) -> list[Invitation]:
        return [_invitation(row) for row in InvitationRow.query(_p("O"), consistent_read=True)]

    def putting(self, invitation: Invitation, /, *, seen_state: str) -> Effect:
        row = InvitationRow(
            _p("O"),
            invitation.id,
            email=invitation.email,
            grants=packed_grants(invitation.grants),
            token_hash=invitation.token_hash,
            invited_by=invitation.invited_by,
            created_ms=to_ms(invitation.created_at),
            ends_ms=to_ms(invitation.ends_at),
            access_ends_ms=to_ms(invitation.access_ends_at) if invitation.access_ends_at else None,
            state=invitation.state,
            accepted_by=invitation.accepted_by or None,
            x=int((invitation.ends_at + _KEPT).timestamp()),
        )
        seen = InvitationRow.state == seen_state if seen_state else InvitationRow.p.does_not_exist()
        return putting(row, condition=seen, refused=lambda: CncError("invitation.not_found"))


def _p(noun: str) -> str:
    return current().partition(noun)


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        id=row.s,
        email=row.email,
        grants=unpacked_grants(row.grants),
        token_hash=row.token_hash,
        invited_by=row.invited_by,
        created_at=from_ms(int(row.created_ms)),
        ends_at=from_ms(int(row.ends_ms)),
        access_ends_at=None if row.access_ends_ms is None else from_ms(int(row.access_ends_ms)),
        state=row.state,
        accepted_by=row.accepted_by or "",
    )
