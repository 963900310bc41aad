"""Companies and people: their ports over one directory, and all their routes."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes
from typing import Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from cnc.cloud.accounts import Accounts
from cnc.cloud.mail import Mail
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.people import InvitationStore, PeopleStore
from cnc.cloud.store.privacy_rows import ConsentStore, PrivacyRows
from cnc.cloud.tenancy import Clients, PeopleDirectory, acting_for
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.domain.base.clock import utc_now
from cnc.services.caller import Caller
from cnc.services.people.ports import Desk
from cnc.services.privacy.names import operator_names, told_by_name
from cnc.services.sessions import sessions_of
from cnc.services.shop import User
from functions.rest.account import AccountPorts
from functions.rest.people import PeoplePorts, add_people
from functions.rest.tenants import TenantPorts, add_tenants


class Places(Protocol):
    """Any settings with these."""

    @property
    def shop_table(self) -> str: ...
    @property
    def audit_table(self) -> str: ...
    @property
    def directory_table(self) -> str: ...
    @property
    def user_pool(self) -> str: ...
    @property
    def mail_sender(self) -> str: ...
    @property
    def portal_origin(self) -> str: ...


@dataclass(frozen=True, slots=True)
class AdministrationPorts:
    """What the routes need."""

    people: PeoplePorts
    tenants: TenantPorts


@dataclass(frozen=True, slots=True)
class _Sockets:
    """Closes the sockets of people whose rights changed: they connect again with those they have now."""

    rows: SessionTable
    account: AccountPorts
    people: PeopleStore

    def of_user(self, user: User) -> None:
        """Of all their sessions: one that names no company, or one they left, works for the first that they have."""
        self.account.closer.close(sessions_of(user.issuer, user.subject, rows=self.rows, now=utc_now()))

    def of_all(self) -> None:
        """Of everybody who works for the company acted for."""
        for user in self.people.users():
            self.of_user(user)


def administration_ports(
    clients: Clients, places: Places, *, caller: Callable[[], Caller], account: AccountPorts
) -> AdministrationPorts:
    """Over the clients of this process; `caller` is of the request at hand."""
    own = clients.own("dynamodb")
    people = PeopleStore(clients, table=places.shop_table)
    rows = SessionTable(own, table=places.directory_table)
    sockets = _Sockets(rows, account, people)
    accounts = Accounts(lambda: clients.own("cognito-idp"), places.user_pool)
    desk = Desk(
        people=people,
        invitations=InvitationStore(clients, table=places.shop_table),
        directory=PeopleDirectory(own, table=places.directory_table),
        audit=AuditStore(clients.tenant("dynamodb"), table=places.audit_table),
        random=token_bytes,
    )

    def email_of(who: Caller) -> str:
        """Access tokens hold no address: the pool says which one is verified."""
        found = accounts.of(email="", subject=who.login)
        return found.get("email", "") if found.get("email_verified") == "true" else ""

    documents = PrivacyRows(clients.tenant("dynamodb"), places.shop_table)
    consents = ConsentStore(PrivacyRows(clients.tenant("dynamodb"), places.shop_table, "PC"))

    def told(user: str) -> bool:
        return told_by_name(user, setting=operator_names(documents), consents=consents)

    return AdministrationPorts(
        people=PeoplePorts(
            caller=caller,
            desk=lambda: desk,
            mail=lambda: Mail(clients.own("sesv2"), sender=places.mail_sender),
            origin=places.portal_origin,
            email_of=email_of,
            acting_for=acting_for,
            close_sockets=sockets.of_user,
            switch=rows.switch,
            told=told,
            now=utc_now,
        ),
        tenants=TenantPorts(
            caller=caller,
            desk=lambda: desk,
            sessions=rows,
            email_of=email_of,
            acting_for=acting_for,
            step_up=account.step_up,
            close_all=sockets.of_all,
            now=utc_now,
        ),
    )


def add_administration(app: APIGatewayHttpResolver, ports: AdministrationPorts) -> None:
    """Add the routes."""
    add_people(app, ports.people)
    add_tenants(app, ports.tenants)
