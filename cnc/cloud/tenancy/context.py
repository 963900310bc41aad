"""Which tenant this piece of work is for, and the keys, prefixes and topics that follow from it.

Everything that belongs to a tenant is addressed through `current()`; outside `acting_for` it raises.
A thread started inside `acting_for` does not inherit the tenant: it must say for whom it acts.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

_TENANT = re.compile(r"t_[0-9a-z]{16}")
#: No '#' (key separator), no '/', '+', '$' (topics, prefixes), no '*' or '?' (policies), no space or control byte.
_PART = re.compile(r"[0-9A-Za-z_.:=@~-]{1,128}")


class NoTenant(RuntimeError):
    """Tenant data was asked for while no tenant was set."""

    def __init__(self) -> None:
        super().__init__("no tenant is set: wrap the call in `acting_for(tenant)`")


class BadTenant(ValueError):
    """The text is not a tenant id."""

    def __init__(self, seen: object) -> None:
        super().__init__(f"saw {seen!r} as tenant id, expected t_ and 16 of 0-9a-z")


class BadKeyPart(ValueError):
    """A part of a key, prefix or topic could be mistaken for more than one part."""

    def __init__(self, seen: object) -> None:
        super().__init__(f"saw {seen!r} as part of a key, expected 1 to 128 of 0-9 A-Z a-z _ . : = @ ~ -")


@dataclass(frozen=True)
class TenantContext:
    """The tenant and how its things are called in tables, buckets and topics."""

    tenant: str

    def partition(self, *parts: str) -> str:
        """Partition key of a table, `T#<tenant>#<part>#<part>`."""
        return "#".join(("T", self.tenant, *map(checked_part, parts)))

    def object_key(self, kind: str, *, at: datetime, name: str) -> str:
        """Key of an S3 object under this tenant's prefix; `at` must be aware UTC."""
        day, hour = at.strftime("%Y-%m-%d"), at.strftime("%H")
        return f"tenant={self.tenant}/kind={checked_part(kind)}/date={day}/hour={hour}/{checked_part(name)}"

    def content_key(self, kind: str, *, sha256: str) -> str:
        """Key of an S3 object that is known by its content and not by a time."""
        return f"tenant={self.tenant}/kind={checked_part(kind)}/sha256={checked_part(sha256)}"

    def topic(self, *, site: str, thing: str, channel: str) -> str:
        """Down topic of one gateway."""
        return "/".join(("cnc", self.tenant, *map(checked_part, (site, thing, channel))))


_current: ContextVar[TenantContext | None] = ContextVar("tenant", default=None)


@contextmanager
def acting_for(tenant: str) -> Iterator[TenantContext]:
    """Do everything inside in the name of `tenant`. The id must come from a verified credential."""
    if not isinstance(tenant, str) or not _TENANT.fullmatch(tenant):
        raise BadTenant(tenant)
    context = TenantContext(tenant)
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def current() -> TenantContext:
    """The tenant acted for. Raises NoTenant."""
    context = _current.get()
    if context is None:
        raise NoTenant
    return context


def checked_part(text: str) -> str:
    """`text` itself if it is safe between separators. Raises BadKeyPart."""
    if not isinstance(text, str) or not _PART.fullmatch(text):
        raise BadKeyPart(text)
    return text
