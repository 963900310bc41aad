"""A company sets up its own sign-in: draft, proof of its domains, a sign-in that was tried, then enforcement.

Nothing is enforced that was not tried with exactly these settings, and never without a break-glass account: somebody
who manages the company and can still sign in with a password when the provider is away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import EVERYWHERE, Permission, permissions_of
from cnc.domain.identity.sso import (
    JOINING_ROLES,
    Finding,
    Kind,
    Rule,
    Settings,
    checked,
    domain_of,
    findings,
    proof_text,
    provider_of,
    refused,
)
from cnc.services.audit import Action, AuditLog, Effect
from cnc.services.caller import Caller
from cnc.services.membership import Membership, Row, memberships_of
from cnc.services.people.signing_up import named
from cnc.services.shop import User

#: A token of a test is from a sign-in of the last minutes.
TEST_AGE: Final = timedelta(minutes=10)
MOST_PROVIDERS: Final = 5
MOST_SECRET: Final = 1000  # characters


@dataclass(frozen=True, slots=True)
class Provider:
    """`tested` is the fingerprint of the settings that a sign-in was tried with; `proof` goes into DNS.

    `proven` are the domains that the company proved, `joining` the role that people get by signing in ("" = none).
    """

    id: str
    name: str
    settings: Settings
    proof: str
    secret_version: int = 0
    tested: str = ""
    tested_at: datetime | None = None
    proven: tuple[str, ...] = ()
    joining: str = ""
    enforced_at: datetime | None = None
    exempt: tuple[str, ...] = ()
    version: int = 0

    @property
    def is_tested(self) -> bool:
        return bool(self.tested) and self.tested == self.settings.fingerprint(secret_version=self.secret_version)


class Providers(Protocol):
    """Rows of the tenant acted for."""

    def get(self, provider: str, /) -> Provider | None: ...
    def all(self) -> Sequence[Provider]: ...
    def putting(self, provider: Provider, /) -> Effect:
        """Refused with CncError `sso.state` when another version than `provider.version` is stored."""
        ...

    def removing(self, provider: Provider, /) -> Effect: ...


class Owners(Protocol):
    """Which company a provider and a domain belong to."""

    def owner(self, provider: str, /) -> str: ...
    def add(self, provider: str, /, *, tenant: str) -> None: ...
    def remove(self, provider: str, /) -> None: ...
    def claim_domain(self, domain: str, /, *, tenant: str, provider: str) -> bool: ...
    def release_domain(self, domain: str, /, *, tenant: str) -> None: ...


class Pool(Protocol):
    """Providers as the user pool has them."""

    def put(self, provider: str, settings: Settings, /, *, secret: str | None, identifiers: Sequence[str]) -> None: ...
    def remove(self, provider: str, /) -> None: ...


class People(Protocol):
    def users(self) -> Sequence[User]: ...


class Directory(Protocol):
    def user(self, *, issuer: str, subject: str) -> Row | None: ...
    def change_membership(self, *, issuer: str, subject: str, before: Membership, after: Membership | None) -> None: ...
    def set_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class SsoDesk:
    """Everything that these use cases need; one per request.

    `look` raises CncError when the provider's documents cannot be read or do not fit; `records` are TXT records of a
    name; `has_password` tells whether somebody has an account of the pool itself.
    """

    providers: Providers
    owners: Owners
    pool: Pool
    people: People
    directory: Directory
    audit: AuditLog
    look: Callable[[Settings], Settings]
    records: Callable[[str], Sequence[str]]
    has_password: Callable[[User], bool]
    random: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an administrator enters. `secret` None: the one that is there already."""

    name: str
    settings: Settings
    secret: str | None = None


def providers(*, by: Caller, desk: SsoDesk) -> list[Provider]:
    by.require(Permission.SSO_MANAGE)
    return sorted(desk.providers.all(), key=lambda one: one.id)


def provider(id_: str, *, by: Caller, desk: SsoDesk) -> Provider:
    """Raises CncError `sso.not_found`."""
    by.require(Permission.SSO_MANAGE)
    found = desk.providers.get(check_id("f", id_))
    if found is None:
        raise CncError("sso.not_found", todo="Take the id from /v1/sso/providers.")
    return found


def create(wish: Wish, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """A draft: it signs nobody in but who tries it. Raises CncError `sso.settings`, `address.refused` …"""
    by.require(Permission.SSO_MANAGE)
    if len(desk.providers.all()) >= MOST_PROVIDERS:
        raise CncError("sso.state", seen=f"{MOST_PROVIDERS} providers", expected=f"at most {MOST_PROVIDERS}")
    settings = desk.look(checked(wish.settings))
    secret = _checked_secret(wish, settings, needed=True)
    made = Provider(new_id("f", desk.random), named(wish.name), settings, desk.random(20).hex(), secret_version=1)
    made = _store(made, "sso.created", by=by, desk=desk, now=now)
    desk.owners.add(made.id, tenant=by.tenant)
    desk.pool.put(made.id, settings, secret=secret, identifiers=())
    return made


def change(id_: str, wish: Wish, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """Other settings: what was tested and what is no longer claimed does not count any more."""
    before = provider(id_, by=by, desk=desk)
    _not_enforced(before)
    settings = desk.look(checked(wish.settings))
    if settings.kind is not before.settings.kind:
        raise refused(settings.kind, f"{before.settings.kind}: make another provider instead")
    secret = _checked_secret(wish, settings, needed=False)
    kept = tuple(domain for domain in before.proven if domain in settings.domains)
    after = replace(
        before,
        name=named(wish.name),
        settings=settings,
        proven=kept,
        secret_version=before.secret_version + (secret is not None),
    )
    for domain in set(before.proven) - set(kept):
        desk.owners.release_domain(domain, tenant=by.tenant)
    after = _store(after, "sso.changed", by=by, desk=desk, now=now)
    desk.pool.put(after.id, settings, secret=secret, identifiers=_identifiers(after))
    return after


def prove(id_: str, domain: str, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """Look for the TXT record that only the owner of a domain can have set. Raises CncError `sso.state`."""
    before = provider(id_, by=by, desk=desk)
    if domain not in before.settings.domains:
        raise refused(domain, f"one of {', '.join(before.settings.domains)}")
    if proof_text(before.proof) not in desk.records(domain):
        raise CncError(
            "sso.state",
            seen="no such TXT record",
            expected=proof_text(before.proof),
            todo="Set the record and try again; a new record may take minutes to be seen.",
        )
    return _proven(before, (domain,), by=by, desk=desk, now=now)


def test(
    id_: str,
    claims: Mapping[str, Any],
    ask: Callable[[], Mapping[str, Any]],
    *,
    by: Caller,
    desk: SsoDesk,
    now: datetime,
) -> tuple[Provider, tuple[Finding, ...]]:
    """Look at a sign-in that was just tried. `claims` are of the verified access token; `ask` says who it is.

    A test of which every finding is good counts for exactly these settings.
    """
    before = provider(id_, by=by, desk=desk)
    if provider_of(str(claims.get("username", ""))) != before.id:
        raise CncError("sso.foreign", todo="Sign in at the provider that is to be tried.")
    if now - from_ms(1000 * int(claims.get("auth_time", 0))) > TEST_AGE:
        raise CncError("sso.state", seen="an older sign-in", expected="a sign-in of the last ten minutes")
    said = ask()
    found = findings(before.settings, said)
    if not all(finding.ok for finding in found):
        return before, found
    fingerprint = before.settings.fingerprint(secret_version=before.secret_version)
    after = replace(before, tested=fingerprint, tested_at=now)
    if before.settings.kind is Kind.GOOGLE:
        # Google itself vouches for the domain of a Workspace account.
        return _proven(after, (str(said.get("custom:hd", "")).lower(),), by=by, desk=desk, now=now), found
    return _store(after, "sso.tested", by=by, desk=desk, now=now), found


def let_join(id_: str, role: str, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """Which role people get who sign in for the first time; "" = nobody joins without an invitation."""
    before = provider(id_, by=by, desk=desk)
    if role and role not in JOINING_ROLES:
        raise refused(role, f"one of {', '.join(sorted(JOINING_ROLES))}, or nothing")
    return _store(replace(before, joining=role), "sso.joining_changed", by=by, desk=desk, now=now)


def enforce(id_: str, exempt: Sequence[str], *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """From now on people of the proven domains come through the provider, but for the break-glass accounts.

    Raises CncError `sso.state` while something is missing.
    """
    before = provider(id_, by=by, desk=desk)
    if not before.is_tested:
        raise CncError("sso.state", seen="no tested sign-in", expected="a sign-in tried with these settings")
    if not before.proven:
        raise CncError("sso.state", seen="no proven domain", expected="at least one domain proven by its TXT record")
    others = [one.id for one in desk.providers.all() if one.enforced_at and one.id != before.id]
    if others:
        raise CncError("sso.state", seen=others[0], expected="no other enforced provider")
    users = [user for user in desk.people.users() if user.left_at is None]
    _check_break_glass(exempt, users, desk=desk)
    _tell_domains(users, tenant=by.tenant, desk=desk)
    after = replace(before, enforced_at=now, exempt=tuple(sorted(set(exempt))))
    after = _store(after, "sso.enforced", by=by, desk=desk, now=now)
    rule = Rule(after.id, frozenset(after.proven), frozenset(after.exempt))
    desk.directory.set_tenant(by.tenant, facts={"sso": rule.text()})
    return after


def relax(id_: str, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    """Passwords work again; the provider goes on signing people in."""
    before = provider(id_, by=by, desk=desk)
    after = _store(replace(before, enforced_at=None, exempt=()), "sso.relaxed", by=by, desk=desk, now=now)
    desk.directory.set_tenant(by.tenant, facts={"sso": ""})
    return after


def remove(id_: str, *, by: Caller, desk: SsoDesk, now: datetime) -> None:
    """Nobody signs in through it any more. Raises CncError `sso.state` while it is enforced."""
    before = provider(id_, by=by, desk=desk)
    _not_enforced(before)
    desk.pool.remove(before.id)
    desk.owners.remove(before.id)
    for domain in before.proven:
        desk.owners.release_domain(domain, tenant=by.tenant)
    desk.audit.commit(
        Action(by.subject, "sso.removed", before.id, "done", to_ms(now)), [desk.providers.removing(before)]
    )


def _store(made: Provider, action: str, *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    desk.audit.commit(Action(by.subject, action, made.id, "done", to_ms(now)), [desk.providers.putting(made)])
    return replace(made, version=made.version + 1)


def _proven(before: Provider, domains: Sequence[str], *, by: Caller, desk: SsoDesk, now: datetime) -> Provider:
    for domain in domains:
        if not desk.owners.claim_domain(domain, tenant=by.tenant, provider=before.id):
            raise CncError("sso.state", seen=domain, expected="a domain that no other company has proven")
    after = replace(before, proven=tuple(sorted({*before.proven, *domains})))
    after = _store(after, "sso.domain_proven", by=by, desk=desk, now=now)
    desk.pool.put(after.id, after.settings, secret=None, identifiers=_identifiers(after))
    return after


def _identifiers(made: Provider) -> tuple[str, ...]:
    """Addresses of which domains lead to the provider."""
    return made.proven


def _not_enforced(made: Provider) -> None:
    if made.enforced_at is not None:
        raise CncError("sso.state", seen="enforced", expected="a provider that is not enforced", todo="Relax it first.")


def _checked_secret(wish: Wish, settings: Settings, *, needed: bool) -> str | None:
    if settings.is_saml:
        return None
    if wish.secret is None and not needed:
        return None
    secret = wish.secret or ""
    if not 1 <= len(secret) <= MOST_SECRET or not secret.isprintable():
        raise refused("", "the client secret that the provider gave you")
    return secret


def _check_break_glass(exempt: Sequence[str], users: Sequence[User], *, desk: SsoDesk) -> None:
    """Each is somebody who can mend the sign-in without the provider."""
    known = {user.id: user for user in users}
    for id_ in exempt:
        user = known.get(check_id("u", id_))
        if user is None:
            raise CncError("user.not_found", seen=id_)
        everywhere = permissions_of(user.grants.get(EVERYWHERE, ()))
        if Permission.SSO_MANAGE not in everywhere or user.ends_at is not None or not desk.has_password(user):
            raise CncError(
                "sso.state", seen=id_, expected="an owner or administrator who signs in with a password, without an end"
            )
    if not exempt:
        raise CncError("sso.state", seen="no break-glass account", expected="at least one person who keeps a password")


def _tell_domains(users: Sequence[User], *, tenant: str, desk: SsoDesk) -> None:
    """Note the domain of each person where the authorizer reads it."""
    for user in users:
        row = desk.directory.user(issuer=user.issuer, subject=user.subject)
        held = next((one for one in memberships_of(row) if one.tenant == tenant), None)
        domain = domain_of(user.email)
        if held is not None and held.domain != domain:
            after = replace(held, domain=domain)
            desk.directory.change_membership(issuer=user.issuer, subject=user.subject, before=held, after=after)
