"""A company's own sign-in provider: what may be set up, what it must say of a person, and who must come through it.

A person is known by provider and subject, never by e-mail: addresses are given again, and some providers let their
customers write any. What ties a sign-in to a company is the provider itself, which belongs to exactly one; for Google,
whose provider serves everybody, the hosted domain as well; for Microsoft the directory's id.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from cnc.domain.base.errors import CncError
from cnc.domain.identity.permissions import Role


class Kind(StrEnum):
    """Entra and Google are OpenID Connect with what is known about them filled in."""

    ENTRA = "entra"
    GOOGLE = "google"
    OIDC = "oidc"
    SAML = "saml"


#: Roles that somebody may get by signing in alone. Those that manage people or money are given by a person.
JOINING_ROLES: Final = frozenset(Role) - {Role.OWNER, Role.ADMIN, Role.DEVELOPER, Role.PUBLISHER, Role.BUYER}
GOOGLE_ISSUER: Final = "https://accounts.google.com"
#: Directory of personal Microsoft accounts: nobody's company.
PERSONAL: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
MOST_DOMAINS: Final = 20
MOST_METADATA: Final = 100_000  # characters; Cognito keeps what is given
SAML_EMAIL: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
SAML_NAME: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_USERNAME = re.compile(r"(f_[0-9a-z]{16})_.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a company says of its provider. The client's secret is not here: it is kept by the user pool alone.

    `directory` is the id of the Microsoft directory; `metadata` is XML, or `metadata_url` says where it is.
    """

    kind: Kind
    issuer: str = ""
    client_id: str = ""
    directory: str = ""
    metadata_url: str = ""
    metadata: str = field(default="", repr=False)
    email_claim: str = ""
    domains: tuple[str, ...] = ()

    @property
    def is_saml(self) -> bool:
        return self.kind is Kind.SAML

    @property
    def mapping(self) -> dict[str, str]:
        """Attribute of the pool -> what the provider calls it."""
        if self.is_saml:
            return {"email": self.email_claim or SAML_EMAIL, "name": SAML_NAME}
        mapped = {"email": self.email_claim or "email", "name": "name", "username": "sub"}
        if self.kind is Kind.ENTRA:
            return {**mapped, "custom:tid": "tid", "custom:oid": "oid"}
        mapped |= {"email_verified": "email_verified"}
        return {**mapped, "custom:hd": "hd"} if self.kind is Kind.GOOGLE else mapped

    def fingerprint(self, *, secret_version: int) -> str:
        """What a test was made with: it counts until any of this changes."""
        said = [self.kind, self.issuer, self.client_id, self.directory, self.metadata_url, self.metadata]
        text = json.dumps([*said, self.email_claim, sorted(self.domains), secret_version])
        return sha256(text.encode()).hexdigest()


def checked(settings: Settings) -> Settings:
    """The settings with what follows from their kind. Raises CncError `sso.settings`."""
    domains = tuple(dict.fromkeys(checked_domain(domain) for domain in settings.domains))
    if not 1 <= len(domains) <= MOST_DOMAINS:
        raise refused(f"{len(domains)} domains", f"1 to {MOST_DOMAINS} domains of your e-mail addresses")
    made = replace(settings, domains=domains)
    if made.is_saml:
        return _checked_saml(made)
    if not 1 <= len(made.client_id) <= 255 or not made.client_id.isprintable():
        raise refused(made.client_id[:60], "the client id that the provider gave you")
    match made.kind:
        case Kind.ENTRA:
            directory = made.directory.strip().lower()
            if not _GUID.fullmatch(directory) or directory == PERSONAL:
                raise refused(made.directory[:60], "the directory (tenant) id of your company, a GUID")
            issuer = f"https://login.microsoftonline.com/{directory}/v2.0"
            return replace(made, directory=directory, issuer=issuer)
        case Kind.GOOGLE:
            return replace(made, issuer=GOOGLE_ISSUER)
    return replace(made, issuer=made.issuer.strip())


def _checked_saml(settings: Settings) -> Settings:
    if bool(settings.metadata) == bool(settings.metadata_url):
        raise refused("", "either the address of the metadata or the file itself")
    if len(settings.metadata) > MOST_METADATA or "<!DOCTYPE" in settings.metadata or "<!ENTITY" in settings.metadata:
        raise refused(f"{len(settings.metadata)} characters", f"at most {MOST_METADATA}, without a document type")
    return settings


def checked_domain(text: str) -> str:
    """In lower case. Raises CncError `sso.settings`."""
    domain = text.strip().lower().removeprefix("@").rstrip(".")
    if not _DOMAIN.fullmatch(domain):
        raise refused(text[:60], "a domain such as example.com")
    return domain


def domain_of(email: str) -> str:
    """In lower case; "" when it is no address."""
    return email.rpartition("@")[2].lower() if "@" in email[1:] else ""


def provider_of(username: str) -> str:
    """The provider behind a user name of the pool, `<provider>_<subject>`; "" for accounts of the pool itself."""
    found = _USERNAME.fullmatch(username)
    return found[1] if found else ""


def refused(seen: str, expected: str) -> CncError:
    return CncError("sso.settings", seen=seen, expected=expected)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a sign-in was looked at for."""

    name: str
    ok: bool
    seen: str
    todo: str = ""


def findings(settings: Settings, claims: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What the provider said of a person, as the pool keeps it, against what the settings ask for."""
    email, domain = str(claims.get("email", "")), domain_of(str(claims.get("email", "")))
    found = [Finding("email", bool(domain), email, "" if domain else "Let the provider send the e-mail address.")]
    if settings.kind is Kind.ENTRA:
        directory = str(claims.get("custom:tid", ""))
        ok = directory.lower() == settings.directory
        found.append(Finding("directory", ok, directory, "" if ok else "Sign in with an account of your directory."))
    elif settings.kind is Kind.GOOGLE:
        hosted = str(claims.get("custom:hd", "")).lower()
        ok = hosted in settings.domains and claims.get("email_verified") in (True, "true")
        todo = "" if ok else f"Sign in with a Workspace account of {' or '.join(settings.domains)}."
        found.append(Finding("workspace", ok, hosted, todo))
    ok = domain in settings.domains
    todo = "" if ok else f"Expected an address at {' or '.join(settings.domains)}."
    found.append(Finding("domain", ok, domain, todo))
    return tuple(found)


def vouch(settings: Settings, claims: Mapping[str, Any]) -> None:
    """Raises CncError `sso.claims` when the provider does not say what the settings ask for."""
    for finding in findings(settings, claims):
        if not finding.ok:
            raise CncError("sso.claims", seen=f"{finding.name}: {finding.seen}"[:120], todo=finding.todo)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who must come through a company's provider: people of its domains, but for the exempt (break-glass) accounts.

    Somebody whose domain is not known must, too.
    """

    provider: str
    domains: frozenset[str]
    exempt: frozenset[str]

    def text(self) -> str:
        """The fact of the tenant's directory row."""
        said = {"provider": self.provider, "domains": sorted(self.domains), "exempt": sorted(self.exempt)}
        return json.dumps(said, separators=(",", ":"), sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> "Rule | None":
        if not text:
            return None
        said = json.loads(text)
        return cls(said["provider"], frozenset(said["domains"]), frozenset(said["exempt"]))

    def admits(self, *, provider: str, user: str, domain: str) -> bool:
        """Whether a sign-in through `provider` ("" = a password) is enough for this person."""
        if provider == self.provider or user in self.exempt:
            return True
        return bool(domain) and domain not in self.domains


def proof_name(domain: str) -> str:
    """Where a TXT record proves that a domain is the company's."""
    return f"_cnc-copilot.{domain}"


def proof_text(proof: str) -> str:
    return f"cnc-copilot={proof}"
