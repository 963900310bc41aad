"""Who a gateway is: whether one may enrol or renew its certificate, and the end of certificates it has replaced.

A token is bound to the public key of the first gateway that brings it. That gateway may come again with it, since it
may be cut off at any step; nobody else may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cnc.domain.base.errors import BadId
from cnc.domain.base.ids import check_id

#: From then on somebody is told (docs/runbooks/certificates.md).
ENDING = timedelta(days=30)
MAX_TOKEN = 200


class Entry(Protocol):
    """What the directory says about one credential."""

    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


class Enrolments(Protocol):
    def use_enrolment(self, token_hash: str, *, key: str, now: datetime) -> Entry | None: ...
    def gateway(self, thing: str) -> Entry | None: ...


class HeldCertificate(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def active(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def pem(self) -> str: ...


class Certificates(Protocol):
    """Certificates by the thing they are attached to."""

    def ids_of(self, thing: str, /) -> Sequence[str]: ...
    def of(self, thing: str, /) -> Sequence[HeldCertificate]: ...
    def deactivate(self, certificate: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to be a gateway: with `present` it connected as `client`, `certificate_pem` is what it would get."""

    present: str
    client: str
    certificate_pem: str
    token: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """The gateway it may be, by our rows and by nothing it said."""

    thing: str
    tenant: str
    site: str


@dataclass(frozen=True, slots=True)
class Settled:
    """`retired` certificates of the thing were replaced by this one, which ends soon if `ending`."""

    retired: tuple[str, ...]
    ending: bool


def may_enrol(asked: Asked, *, directory: Enrolments, certificates: Certificates, now: datetime) -> Allowed | None:
    """A gateway with a token enrols; one without renews what it connected with. None for anybody else."""
    if asked.token:
        return _by_token(asked, directory=directory, now=now)
    try:
        thing = check_id("g", asked.client)
    except BadId:
        return None
    entry = directory.gateway(thing)
    if entry is None or asked.present not in certificates.ids_of(thing):
        return None
    return Allowed(thing, entry.tenant, entry.facts["site"])


def _by_token(asked: Asked, *, directory: Enrolments, now: datetime) -> Allowed | None:
    if len(asked.token) > MAX_TOKEN:
        return None
    token_hash = sha256(asked.token.encode(errors="replace")).hexdigest()
    entry = directory.use_enrolment(token_hash, key=key_hash(asked.certificate_pem), now=now)
    return None if entry is None else Allowed(entry.facts["thing"], entry.tenant, entry.facts["site"])


def settle(thing: str, *, certificate: str, certificates: Certificates, now: datetime) -> Settled:
    """The gateway speaks with `certificate`: those it had before end. A newer one stays, it may be on its way.

    Whoever speaks with a certificate of something else is told nothing, and looks at nothing, of this thing.
    """
    if certificate not in certificates.ids_of(thing):
        return Settled((), ending=False)
    held = {one.id: one for one in certificates.of(thing)}
    mine = held.get(certificate)
    if mine is None:
        return Settled((), ending=False)
    older = [one for one in held.values() if one.active and one.id != mine.id and one.created_at <= mine.created_at]
    for one in older:
        certificates.deactivate(one.id)
    ends_at = x509.load_pem_x509_certificate(mine.pem.encode()).not_valid_after_utc
    return Settled(tuple(one.id for one in older), ending=ends_at - now < ENDING)


def key_hash(certificate_pem: str) -> str:
    """SHA-256 of the public key of a certificate (SubjectPublicKeyInfo, DER)."""
    key = x509.load_pem_x509_certificate(certificate_pem.encode()).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
