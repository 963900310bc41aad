"""What a request costs: points of the quota by the work it makes, and caps of what could be abused cheaply.

Caps are those of OWASP API6: an invitation, a code by mail or an export is one cheap request each, and a thousand of
them are an attack all the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
#: GraphQL: one point for asking, and one more for each of these many units of the document's cost.
COST_PER_POINT: Final = 100


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` times in `window_s`, by one person or key, or by the whole tenant."""

    name: str
    most: int
    window_s: int
    whole_tenant: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """Points of the quota, and the caps that count beside it, by name."""

    points: int = 1
    caps: tuple[str, ...] = ()


CAPS: Final[Mapping[str, Cap]] = MappingProxyType(
    {
        cap.name: cap
        for cap in (
            Cap("sign_up", 3, HOUR_S),
            Cap("invite", 30, HOUR_S),
            Cap("invite_tenant", 200, DAY_S, whole_tenant=True),
            Cap("code", 20, HOUR_S),
            Cap("sms", 5, HOUR_S),
            Cap("sms_tenant", 100, DAY_S, whole_tenant=True),
            Cap("key", 30, HOUR_S),
            Cap("export", 10, HOUR_S, whole_tenant=True),
            Cap("download", 300, HOUR_S),
            Cap("probe", 120, HOUR_S),
            Cap("snapshot", 60, HOUR_S),
        )
    }
)

_READ, _WRITE = Cost(1), Cost(2)
#: (method, path) -> cost; `*` is one segment. What is not here costs 1 to read and 2 to write.
ROUTES: Final[Mapping[tuple[str, str], Cost]] = MappingProxyType(
    {
        ("POST", "/v1/tenants"): Cost(20, ("sign_up",)),
        ("POST", "/v1/invitations"): Cost(5, ("invite", "invite_tenant")),
        ("POST", "/v1/invitations/letter"): Cost(5, ("code",)),
        ("POST", "/v1/invitations/accept"): Cost(5, ("code",)),
        ("POST", "/v1/sessions/current/factor"): Cost(5, ("code",)),
        ("POST", "/v1/sessions/current/factor/sms"): Cost(5, ("sms", "sms_tenant")),
        ("POST", "/v1/second-factor"): Cost(5, ("code",)),
        ("POST", "/v1/second-factor/confirmation"): Cost(5, ("code",)),
        ("POST", "/v1/second-factor/recovery-codes"): Cost(5, ("code",)),
        ("POST", "/v1/second-factor/phone"): Cost(5, ("sms", "sms_tenant")),
        ("POST", "/v1/second-factor/phone/confirmation"): Cost(5, ("code",)),
        ("GET", "/v1/pairings/*"): Cost(2, ("code",)),
        ("POST", "/v1/screens"): Cost(5, ("code",)),
        ("POST", "/v1/keys"): Cost(5, ("key",)),
        ("POST", "/v1/keys/*/rotation"): Cost(5, ("key",)),
        ("POST", "/v1/exports"): Cost(50, ("export",)),
        ("POST", "/v1/exports/*/link"): Cost(5, ("download",)),
        ("POST", "/v1/erasures"): Cost(20, ("export",)),
        ("POST", "/v1/sso/providers/*/tests"): Cost(10, ("probe",)),
        ("POST", "/v1/probes"): Cost(5, ("probe",)),
        ("POST", "/v1/machines/*/snapshots"): Cost(10, ("snapshot",)),
        ("GET", "/v1/audit/export"): Cost(50, ("export",)),
        ("GET", "/v1/audit/verify"): Cost(50),
        ("GET", "/v1/programs/*"): Cost(2, ("download",)),
        ("GET", "/v1/programs/*/report"): Cost(10),
        ("GET", "/v1/programs/*/toolpath"): Cost(10),
        ("GET", "/v1/programs/*/diff"): Cost(10),
        ("GET", "/v1/machines/*/series"): Cost(5),
    }
)
_PATTERNS = [(method, re.compile(path.replace("*", "[^/]+")), cost) for (method, path), cost in ROUTES.items()]


def cost_of_route(method: str, path: str) -> Cost:
    """What one REST request costs before anything is known of its answer."""
    for verb, pattern, cost in _PATTERNS:
        if verb == method and pattern.fullmatch(path):
            return cost
    return _READ if method in ("GET", "HEAD") else _WRITE


def points_of_document(cost: int) -> int:
    """What a GraphQL document costs beside the point for asking; `cost` as `cnc_graphql.limits` counts it."""
    return max(0, cost) // COST_PER_POINT
