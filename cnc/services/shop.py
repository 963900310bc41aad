"""The rows of a tenant that people and services name: sites, machines, gateways, users, keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple


class Tenant(NamedTuple):
    """`created_at` is where the closing of hours starts."""

    id: str
    name: str
    created_at: datetime


class Site(NamedTuple):
    """`time_zone` is an IANA name: shifts and daylight saving belong to the site."""

    id: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Machine:
    """`gateway` and `sources` follow from the gateway's configuration and are empty before it names the machine."""

    id: str
    name: str
    kind: str
    cell: str
    site: str
    simulated: bool = False
    part_target: int | None = None
    gateway: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One connection to one device, as the gateway's configuration document names it (contracts 4).

    `settings` are what the component needs beside it: host, port, unit, map …
    """

    id: str
    machine: str
    component: str
    period_ms: int = 1000
    simulated: bool = False
    settings: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway and the newest version of its configuration document, as compact JSON."""

    id: str
    name: str
    site: str
    version: int
    document: str
    certificate: str = ""


class User(NamedTuple):
    """A person of the tenant; (issuer, subject) is who the identity provider says it is.

    `grants` are the roles by site, `roles` all of them; `ends_at` is the end of an access for a time. Who left stays
    for what they did.
    """

    id: str
    issuer: str
    subject: str
    email: str
    name: str
    roles: tuple[str, ...]
    grants: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    ends_at: datetime | None = None
    left_at: datetime | None = None


class ApiKey(NamedTuple):
    """An API key without the key: only its hash is kept, and the beginning of its text to know it by.

    `sites` empty: the whole shop. `ends_at` None: until it is revoked. A revoked key stays for people to read.
    """

    id: str
    name: str
    key_hash: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None = None
    prefix: str = ""
    sites: tuple[str, ...] = ()
    created_by: str = ""
    revoked_at: datetime | None = None
