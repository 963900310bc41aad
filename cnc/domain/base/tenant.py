"""Who a row belongs to. A tenant comes from a verified credential or a topic, never from a payload."""

from dataclasses import dataclass
from typing import NewType

from cnc.domain.base.ids import check_id

TenantId = NewType("TenantId", str)


def tenant_id(text: object) -> TenantId:
    """Raises BadId."""
    return TenantId(check_id("t", text))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message came from, taken from its topic `cnc/<tenant>/<site>/<thing>/<channel>`."""

    tenant: TenantId
    site: str
    thing: str

    @classmethod
    def checked(cls, *, tenant: object, site: object, thing: object) -> "Origin":
        """Raises BadId."""
        return cls(tenant_id(tenant), check_id("s", site), check_id("g", thing))
