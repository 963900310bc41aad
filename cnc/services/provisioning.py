"""Make tenants, sites, machines, gateways, users and keys. Everything but `create_tenant` is inside a tenant.

A failure half-way leaves rows that nothing points to, never a pointer without its row: the directory comes last.
"""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from cnc.domain.base.clock import to_ms
from cnc.domain.base.errors import BadValue, CncError
from cnc.domain.base.ids import check_id, new_id
from cnc.domain.identity.permissions import EVERYWHERE, Role
from cnc.domain.identity.sso import domain_of
from cnc.services.membership import Membership
from cnc.services.shop import ApiKey, Gateway, Machine, Site, Source, Tenant, User

Random = Callable[[int], bytes]

ROLES = frozenset(Role)
RECEIPT_EVERY_S = 300
KEY_BYTES = 32
ENROLMENT_LIFE = timedelta(hours=24)
_HINT = re.compile(r"[a-z0-9]{1,24}\Z")
_RESERVED = frozenset({"id", "machine", "component", "period_ms", "simulated"})


class Certificate(Protocol):
    @property
    def certificate_id(self) -> str: ...
    @property
    def pem(self) -> str: ...


class Shop(Protocol):
    """Rows of the tenant acted for."""

    def put_tenant(self, tenant: Tenant, /) -> None: ...
    def put_site(self, site: Site, /) -> None: ...
    def site(self, site: str, /) -> Site | None: ...
    def put_machine(self, machine: Machine, /) -> None: ...
    def machine(self, machine: str, /) -> Machine | None: ...
    def machines(self) -> Sequence[Machine]: ...
    def put_gateway(self, gateway: Gateway, /, *, seen_version: int) -> None: ...
    def gateway(self, gateway: str, /) -> Gateway | None: ...
    def put_user(self, user: User, /) -> None: ...
    def put_api_key(self, key: ApiKey, /) -> None: ...
    def api_key(self, key: str, /) -> ApiKey | None: ...
    def remove_api_key(self, key: str, /) -> None: ...


class DirectoryRows(Protocol):
    """Where credentials are turned into tenants."""

    def add_enrolment(self, token_hash: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None: ...

    def add_tenant(self, tenant: str, *, facts: Mapping[str, str]) -> None: ...
    def add_gateway(self, thing: str, *, tenant: str, facts: Mapping[str, str]) -> None: ...
    def add_membership(self, *, issuer: str, subject: str, membership: Membership) -> None: ...
    def add_api_key(self, key_hash: str, *, tenant: str, facts: Mapping[str, str]) -> None: ...
    def remove_api_key(self, key_hash: str) -> None: ...


class Things(Protocol):
    def enrol(self, thing: str, *, site: str, csr_pem: str) -> Certificate: ...


class ConfigChannel(Protocol):
    def configure(self, document: bytes, *, site: str, thing: str) -> None: ...


@dataclass(frozen=True, slots=True)
class NewGateway:
    """What the gateway's installer takes along; the certificate is shown once."""

    gateway: Gateway
    certificate_pem: str


@dataclass(frozen=True, slots=True)
class NewEnrolment:
    """A gateway that is expected. `token` is shown once and stored as its SHA-256; it works once, until `ends_at`."""

    gateway: Gateway
    token: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """`secret` is shown once and kept nowhere."""

    key: ApiKey
    secret: str


def new_tenant(name: str, *, random: Random, now: datetime) -> Tenant:
    """A tenant with a fresh id; `create_tenant` stores it, acting for that id."""
    return Tenant(new_id("t", random), _name(name), now)


def create_tenant(tenant: Tenant, *, shop: Shop, directory: DirectoryRows) -> Tenant:
    """Store a tenant. The caller acts for its id already."""
    shop.put_tenant(tenant)
    directory.add_tenant(
        tenant.id, facts={"name": tenant.name, "created_ms": str(to_ms(tenant.created_at)), "cell": "1"}
    )
    return tenant


def create_site(name: str, *, time_zone: str, shop: Shop, random: Random) -> Site:
    site = Site(new_id("s", random), _name(name), time_zone)
    shop.put_site(site)
    return site


def create_machine(
    name: str,
    *,
    kind: str,
    cell: str,
    site: str,
    shop: Shop,
    random: Random,
    simulated: bool = False,
    part_target: int | None = None,
) -> Machine:
    """Raises CncError `site.not_found`."""
    _known_site(site, shop)
    machine = Machine(new_id("m", random), _name(name), _name(kind), cell, site, simulated, part_target)
    shop.put_machine(machine)
    return machine


def create_gateway(
    name: str,
    *,
    tenant: str,
    site: str,
    csr_pem: str,
    shop: Shop,
    directory: DirectoryRows,
    things: Things,
    channel: ConfigChannel,
    random: Random,
    sources: Sequence[Source] = (),
    receipt_every_s: int = RECEIPT_EVERY_S,
) -> NewGateway:
    """Enrol a gateway: its thing and certificate, its first configuration (version 1), its directory row.

    Raises CncError `site.not_found` and `machine.not_found`.
    """
    _known_site(site, shop)
    thing = new_id("g", random)
    document = _document(tenant=tenant, site=site, thing=thing, version=1, every_s=receipt_every_s, sources=sources)
    machines = _machines_of(sources, shop)
    certificate = things.enrol(thing, site=site, csr_pem=csr_pem)
    gateway = Gateway(thing, _name(name), site, 1, document, certificate.certificate_id)
    shop.put_gateway(gateway, seen_version=0)
    _point_to(thing, machines, sources, shop)
    directory.add_gateway(thing, tenant=tenant, facts={"site": site})
    channel.configure(document.encode(), site=site, thing=thing)
    return NewGateway(gateway, certificate.pem)


def create_enrolment(
    name: str,
    *,
    tenant: str,
    site: str,
    shop: Shop,
    directory: DirectoryRows,
    channel: ConfigChannel,
    random: Random,
    now: datetime,
) -> NewEnrolment:
    """Expect a gateway that will enrol itself: its row, its first configuration, and the token it must bring.

    Raises CncError `site.not_found`.
    """
    _known_site(site, shop)
    thing = new_id("g", random)
    document = _document(tenant=tenant, site=site, thing=thing, version=1, every_s=RECEIPT_EVERY_S, sources=())
    gateway = Gateway(thing, _name(name), site, 1, document)
    shop.put_gateway(gateway, seen_version=0)
    directory.add_gateway(thing, tenant=tenant, facts={"site": site})
    channel.configure(document.encode(), site=site, thing=thing)
    return _expect(gateway, tenant=tenant, directory=directory, random=random, now=now)


def enrol_again(
    thing: str, *, tenant: str, shop: Shop, directory: DirectoryRows, random: Random, now: datetime
) -> NewEnrolment:
    """A fresh token for a gateway that lost its key, or whose computer is replaced; it stays the same gateway.

    Raises CncError `gateway.not_found`.
    """
    held = shop.gateway(check_id("g", thing))
    if held is None:
        raise CncError("gateway.not_found", seen=thing)
    return _expect(held, tenant=tenant, directory=directory, random=random, now=now)


def _expect(gateway: Gateway, *, tenant: str, directory: DirectoryRows, random: Random, now: datetime) -> NewEnrolment:
    token = f"cnce_{urlsafe_b64encode(random(KEY_BYTES)).rstrip(b'=').decode()}"
    ends_at = now + ENROLMENT_LIFE
    facts = {"thing": gateway.id, "site": gateway.site}
    directory.add_enrolment(sha256(token.encode()).hexdigest(), tenant=tenant, facts=facts, ends_at=ends_at)
    return NewEnrolment(gateway, token, ends_at)


def configure_gateway(
    thing: str,
    sources: Sequence[Source],
    *,
    shop: Shop,
    channel: ConfigChannel,
    receipt_every_s: int | None = None,
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
) -> Gateway:
    """Give a gateway the next version of its configuration and publish it retained.

    `outputs` (contracts 4) stay as they are when None.

    Raises CncError `gateway.not_found` and `machine.not_found`; the store raises when somebody else was faster.
    """
    held = shop.gateway(check_id("g", thing))
    if held is None:
        raise CncError("gateway.not_found", seen=thing)
    before = json.loads(held.document)
    every_s = before["receipt_every_s"] if receipt_every_s is None else receipt_every_s
    version = held.version + 1
    document = _document(
        tenant=before["tenant"],
        site=held.site,
        thing=thing,
        version=version,
        every_s=every_s,
        sources=sources,
        outputs=before.get("outputs", {}) if outputs is None else outputs,
    )
    machines = _machines_of(sources, shop)
    gateway = replace(held, version=version, document=document)
    shop.put_gateway(gateway, seen_version=held.version)
    _point_to(thing, machines, sources, shop)
    channel.configure(document.encode(), site=held.site, thing=thing)
    return gateway


def create_user(
    *,
    tenant: str,
    issuer: str,
    subject: str,
    email: str,
    name: str,
    roles: Sequence[str],
    shop: Shop,
    directory: DirectoryRows,
    random: Random,
) -> User:
    """Give a person whom the identity provider knows a place in this tenant."""
    user = User(
        new_id("u", random), issuer.rstrip("/"), subject, email, _name(name), _roles(roles), {EVERYWHERE: _roles(roles)}
    )
    shop.put_user(user)
    membership = Membership(tenant, user.id, {EVERYWHERE: user.roles}, domain=domain_of(user.email))
    directory.add_membership(issuer=user.issuer, subject=subject, membership=membership)
    return user


def create_api_key(
    name: str,
    *,
    tenant: str,
    scopes: Sequence[str],
    roles: Sequence[str],
    shop: Shop,
    directory: DirectoryRows,
    random: Random,
    now: datetime,
    ends_at: datetime | None = None,
) -> NewApiKey:
    """A key `cnc_<hint>_<256 bits>`; the hint is its first scope. Only its SHA-256 is stored."""
    hint = re.sub(r"[^a-z0-9]", "", scopes[0].lower())[:24] if scopes else "api"
    if not _HINT.match(hint) or any("," in scope or " " in scope for scope in scopes):
        raise BadValue(seen=",".join(scopes), expected="scopes of a-z, 0-9, ':' and '.'")
    secret = f"cnc_{hint}_{urlsafe_b64encode(random(KEY_BYTES)).rstrip(b'=').decode()}"
    key_hash = sha256(secret.encode()).hexdigest()
    key = ApiKey(new_id("k", random), _name(name), key_hash, tuple(scopes), _roles(roles), now, ends_at, secret[:-39])
    shop.put_api_key(key)
    facts = {"key": key.id, "scopes": " ".join(scopes), "roles": ",".join(key.roles)}
    if ends_at is not None:
        facts["ends_at_ms"] = str(to_ms(ends_at))
    directory.add_api_key(key_hash, tenant=tenant, facts=facts)
    return NewApiKey(key, secret)


def revoke_api_key(key: str, *, shop: Shop, directory: DirectoryRows) -> bool:
    """Whether there was such a key. The directory first: from then on nobody gets in with it."""
    held = shop.api_key(check_id("k", key))
    if held is None:
        return False
    directory.remove_api_key(held.key_hash)
    shop.remove_api_key(key)
    return True


def _document(
    *,
    tenant: str,
    site: str,
    thing: str,
    version: int,
    every_s: int,
    sources: Sequence[Source],
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """The configuration document of contracts 4, compact, keys sorted."""
    if len({source.id for source in sources}) != len(sources):
        raise BadValue(seen="a source twice", expected="every source once")
    rows = [_source_row(source) for source in sources]
    head: dict[str, Any] = {
        "v": 1,
        "version": version,
        "tenant": tenant,
        "site": site,
        "thing": thing,
        "receipt_every_s": every_s,
    }
    if outputs:
        head["outputs"] = outputs
    return json.dumps({**head, "sources": rows}, separators=(",", ":"), sort_keys=True)


def _source_row(source: Source) -> dict[str, Any]:
    check_id("d", source.id)
    check_id("m", source.machine)
    clash = _RESERVED & source.settings.keys()
    if clash:
        raise BadValue(seen=", ".join(sorted(clash)), expected="settings under names of their own")
    return {
        "id": source.id,
        "machine": source.machine,
        "component": source.component,
        "period_ms": source.period_ms,
        "simulated": source.simulated,
        **source.settings,
    }


def _machines_of(sources: Sequence[Source], shop: Shop) -> list[Machine]:
    machines = []
    for machine in dict.fromkeys(source.machine for source in sources):
        held = shop.machine(machine)
        if held is None:
            raise CncError("machine.not_found", seen=machine)
        machines.append(held)
    return machines


def _point_to(thing: str, machines: Sequence[Machine], sources: Sequence[Source], shop: Shop) -> None:
    """Machines that the gateway reads know it; those it does not read any more forget it."""
    named = {machine.id for machine in machines}
    for machine in machines:
        own = tuple(source.id for source in sources if source.machine == machine.id)
        shop.put_machine(replace(machine, gateway=thing, sources=own))
    for machine in shop.machines():
        if machine.gateway == thing and machine.id not in named:
            shop.put_machine(replace(machine, gateway="", sources=()))


def _known_site(site: str, shop: Shop) -> None:
    if shop.site(check_id("s", site)) is None:
        raise CncError("site.not_found", seen=site)


def _name(text: str) -> str:
    if not 1 <= len(text.strip()) <= 100:
        raise BadValue(seen=text, expected="a name of 1 to 100 characters")
    return text.strip()


def _roles(roles: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(roles) - ROLES)
    if unknown:
        raise BadValue(seen=", ".join(unknown), expected=f"roles of {', '.join(sorted(ROLES))}")
    return tuple(roles)
