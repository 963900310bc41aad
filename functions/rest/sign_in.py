"""A company's own sign-in: the ports of its routes over one directory, one user pool and one issuer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from cnc.cloud.accounts import Accounts
from cnc.cloud.dns_txt import txt_records
from cnc.cloud.identity_providers import IdentityProviders
from cnc.cloud.provider_look import Fetch, look
from cnc.cloud.safe_fetch import SafeFetch
from cnc.cloud.store.audit import AuditStore
from cnc.cloud.store.factors import FactorStore
from cnc.cloud.store.people import PeopleStore
from cnc.cloud.store.sso import SsoStore
from cnc.cloud.tenancy import Clients, PeopleDirectory, acting_for
from cnc.cloud.tenancy.provider_rows import ProviderTable
from cnc.cloud.tenancy.session_rows import SessionTable
from cnc.domain.base.clock import utc_now
from cnc.domain.identity.sso import proof_name
from cnc.services.caller import Caller
from cnc.services.sessions import UNKNOWN, enter, mark_factor
from cnc.services.shop import User
from cnc.services.sso import SsoDesk
from cnc.services.sso_joining import JoiningDesk
from functions.rest.account import AccountPorts
from functions.rest.sso import SsoPorts

if TYPE_CHECKING:
    from cnc.cloud.issuer_facts import IssuerFacts
    from cnc.cloud.jwks import Jwks


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
    def oidc_issuer(self) -> str: ...
    @property
    def oidc_client_id(self) -> str: ...
    @property
    def portal_origin(self) -> str: ...
    @property
    def loopback_fetch(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Outside:
    """What is asked of others; tests put theirs in its place. `records` are TXT records that prove a domain."""

    fetch: Fetch
    issuer: "IssuerFacts"
    keys: "Jwks"
    records: Callable[[str], Sequence[str]]

    @classmethod
    def of(cls, places: Places) -> "Outside":
        # Imported when somebody sets up a sign-in: nothing else here needs the library of tokens.
        from cnc.cloud.issuer_facts import IssuerFacts
        from cnc.cloud.jwks import Jwks

        own = frozenset(filter(None, (urlsplit(places.portal_origin).hostname,)))
        loopback = places.loopback_fetch == "1"
        fetch = SafeFetch(own_hosts=frozenset() if loopback else own, loopback=loopback)

        def records(domain: str) -> Sequence[str]:
            return txt_records(
                proof_name(domain), get=lambda address: fetch.get(address, accept="application/dns-json")
            )

        return cls(fetch, IssuerFacts(issuer=places.oidc_issuer), Jwks(issuer=places.oidc_issuer), records)


def sign_in_ports(
    clients: Clients,
    places: Places,
    *,
    caller: Callable[[], Caller],
    event: Callable[[], Mapping[str, Any]],
    account: AccountPorts,
    outside: Callable[[], Outside],
) -> SsoPorts:
    """Over the clients of this process; `caller` and `event` are of the request at hand."""
    own = clients.own("dynamodb")
    people = PeopleStore(clients, table=places.shop_table)
    directory = PeopleDirectory(own, table=places.directory_table)
    sessions = SessionTable(own, table=places.directory_table)
    factors = FactorStore(clients, table=places.shop_table)
    accounts = Accounts(lambda: clients.own("cognito-idp"), places.user_pool)

    def has_password(user: User) -> bool:
        return bool(accounts.of(email="", subject=user.subject))

    def desk() -> SsoDesk:
        reached = outside()
        return SsoDesk(
            providers=SsoStore(clients, table=places.shop_table),
            owners=ProviderTable(own, table=places.directory_table),
            pool=IdentityProviders(lambda: clients.own("cognito-idp"), places.user_pool, places.oidc_client_id),
            people=people,
            directory=directory,
            audit=AuditStore(clients.tenant("dynamodb"), table=places.audit_table),
            look=lambda settings: look(settings, fetch=reached.fetch),
            records=reached.records,
            has_password=has_password,
            random=token_bytes,
        )

    def claims_of(token: str) -> Mapping[str, Any]:
        from cnc.services.credentials import Gate, verify_access_token

        clients_ids = frozenset(places.oidc_client_id.split(","))
        gate = Gate(keys=outside().keys, client_ids=clients_ids, memberships=directory, sessions=sessions)
        claims = verify_access_token(token, gate=gate, now=utc_now())
        enter(claims, tenant="", visit=UNKNOWN, rows=sessions, now=utc_now())  # a session that was ended proves nothing
        return claims

    def mark(issuer: str, subject: str, tenant: str) -> None:
        mark_factor(issuer, subject, tenant=tenant, has=True, rows=sessions)

    def company_of(tenant: str) -> str:
        row = directory.tenant(tenant)
        return row.facts.get("name", "") if row else ""

    return SsoPorts(
        caller=caller,
        desk=desk,
        joining=lambda: JoiningDesk(desk(), people, directory, factors, mark),
        places=lambda: (*outside().issuer.redirect_addresses(), outside().issuer.entity_id()),
        claims_of=claims_of,
        said_of=lambda token: outside().issuer.claims(token),
        token=lambda: str(event()["headers"].get("authorization", "")).partition(" ")[2].strip(),
        step_up=account.step_up,
        acting_for=acting_for,
        company_of=company_of,
        now=utc_now,
    )
