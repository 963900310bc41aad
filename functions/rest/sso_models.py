"""What the routes of a company's own sign-in take and answer."""

from typing import Annotated, Literal, Self

from pydantic import Field

from cnc.domain.base.clock import rfc3339
from cnc.domain.identity.sso import Finding as Found
from cnc.domain.identity.sso import Kind, Settings, proof_name, proof_text
from cnc.services.sso import Provider as Held
from cnc.services.sso import Wish
from functions.rest.models import Answer, Asked

Line = Annotated[str, Field(max_length=500)]


class ProviderWish(Asked):
    """Which fields are needed follows from `kind`; `clientSecret` left out of a change keeps the one that is there."""

    kind: Literal["entra", "google", "oidc", "saml"]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    domains: Annotated[list[Line], Field(min_length=1, max_length=20)]
    directory_id: Line = ""
    issuer: Annotated[str, Field(max_length=2000)] = ""
    client_id: Line = ""
    client_secret: Annotated[str, Field(max_length=1000)] | None = None
    metadata_url: Annotated[str, Field(max_length=2000)] = ""
    metadata: Annotated[str, Field(max_length=100_000)] = ""
    email_claim: Line = ""

    def wish(self) -> Wish:
        settings = Settings(
            Kind(self.kind),
            issuer=self.issuer,
            client_id=self.client_id,
            directory=self.directory_id,
            metadata_url=self.metadata_url,
            metadata=self.metadata,
            email_claim=self.email_claim,
            domains=tuple(self.domains),
        )
        return Wish(self.name, settings, self.client_secret)


class Domain(Answer):
    """`record` and `text` are the TXT record that proves the domain."""

    name: str
    proven: bool
    record: str
    text: str


class Provider(Answer):
    """Secret and metadata are not shown again."""

    id: str
    kind: str
    name: str
    directory_id: str
    issuer: str
    client_id: str
    metadata_url: str
    email_claim: str
    domains: list[Domain]
    tested: bool
    tested_at: str | None
    joining_role: str
    enforced_at: str | None
    break_glass: list[str]

    @classmethod
    def of(cls, held: Held) -> Self:
        settings = held.settings
        return cls(
            id=held.id,
            kind=settings.kind,
            name=held.name,
            directory_id=settings.directory,
            issuer=settings.issuer,
            client_id=settings.client_id,
            metadata_url=settings.metadata_url,
            email_claim=settings.email_claim,
            domains=[
                Domain(name=name, proven=name in held.proven, record=proof_name(name), text=proof_text(held.proof))
                for name in settings.domains
            ],
            tested=held.is_tested,
            tested_at=rfc3339(held.tested_at) if held.tested_at else None,
            joining_role=held.joining,
            enforced_at=rfc3339(held.enforced_at) if held.enforced_at else None,
            break_glass=list(held.exempt),
        )


class Providers(Answer):
    """What is entered at a provider stands beside the list, the same for every provider of every company."""

    providers: list[Provider]
    redirect_address: str
    assertion_consumer: str
    entity_id: str


class DomainWish(Asked):
    domain: Line


class TestWish(Asked):
    """`token` is the access token of the sign-in that was tried."""

    token: Annotated[str, Field(min_length=1, max_length=8192)]


class Finding(Answer):
    name: str
    ok: bool
    seen: str
    todo: str

    @classmethod
    def of(cls, found: Found) -> Self:
        return cls(name=found.name, ok=found.ok, seen=found.seen, todo=found.todo)


class Tested(Answer):
    provider: Provider
    findings: list[Finding]


class JoiningWish(Asked):
    """The role of people who sign in for the first time; empty: nobody joins without an invitation."""

    role: Annotated[str, Field(max_length=40)]


class EnforceWish(Asked):
    """`breakGlass` are ids of people who keep their password."""

    break_glass: Annotated[list[Line], Field(min_length=1, max_length=20)]


class BringWish(Asked):
    """`existingToken` is the access token of the account with a password, of a sign-in of the last ten minutes.

    `code` is of its authenticator, for people who have one.
    """

    existing_token: Annotated[str, Field(min_length=1, max_length=8192)]
    code: Annotated[str, Field(max_length=12)] = ""
