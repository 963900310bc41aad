"""The only door to what belongs to a tenant: whom we act for, the clients that sign for them, the directory."""

from cnc.cloud.tenancy.clients import Clients
from cnc.cloud.tenancy.context import (
    BadKeyPart,
    BadTenant,
    NoTenant,
    TenantContext,
    acting_for,
    checked_part,
    current,
)
from cnc.cloud.tenancy.directory import AlreadyInDirectory, ChangedInDirectory, Directory, Entry
from cnc.cloud.tenancy.people import PeopleDirectory
from cnc.cloud.tenancy.tenant_rows import TenantRows

__all__ = [
    "AlreadyInDirectory",
    "BadKeyPart",
    "BadTenant",
    "ChangedInDirectory",
    "Clients",
    "Directory",
    "Entry",
    "NoTenant",
    "PeopleDirectory",
    "TenantContext",
    "TenantRows",
    "acting_for",
    "checked_part",
    "current",
]
