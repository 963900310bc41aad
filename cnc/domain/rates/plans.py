"""What a tenant may ask for: the quotas of each plan, in one table, and what an operator changed for one tenant.

A point is one cheap request (docs/decisions/0016); quotas are points of one window.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from cnc.domain.base.errors import BadValue

WINDOW_S: Final = 10
#: What a tenant has of whom no plan is known.
USUAL: Final = "standard"


@dataclass(frozen=True, slots=True)
class Plan:
    """`tenant` and `credential` are points of a window, `connection` messages on one socket; `keys` how many.

    `caps`: whether the caps of `costs` hold.
    """

    name: str
    tenant: int
    credential: int
    keys: int
    connection: int = 60
    caps: bool = True


PLANS: Final[Mapping[str, Plan]] = MappingProxyType(
    {
        "trial": Plan("trial", tenant=200, credential=60, keys=5),
        "standard": Plan("standard", tenant=500, credential=100, keys=20),
        "enterprise": Plan("enterprise", tenant=2_000, credential=100, keys=100),
        # For proofs that ask as fast as they can; no tenant that pays is on it.
        "roomy": Plan("roomy", tenant=1_000_000, credential=1_000_000, keys=1_000, connection=10_000, caps=False),
    }
)
_CHANGEABLE = frozenset({"tenant", "credential", "keys", "connection"})
_FORM = re.compile(r"[a-z]{1,24}(?: [a-z]{1,24}=[0-9]{1,9})*", re.ASCII)


def plan_of(text: str) -> Plan:
    """The plan behind the fact `plan` of a tenant, such as `standard` or `standard tenant=9000`.

    Raises BadValue for what is no plan. Empty: the usual one.
    """
    if not text:
        return PLANS[USUAL]
    name, *changes = text.split(" ") if _FORM.fullmatch(text) else [""]
    if name not in PLANS:
        raise BadValue(seen=text, expected=f"one of {', '.join(PLANS)}, then name=number")
    changed: dict[str, Any] = {quota: int(points) for quota, points in (change.split("=") for change in changes)}
    if changed.keys() - _CHANGEABLE:
        raise BadValue(seen=text, expected=f"quotas of {', '.join(sorted(_CHANGEABLE))}")
    return replace(PLANS[name], **changed)


def plan_or_usual(text: str) -> Plan:
    """As `plan_of`; a text that cannot be read gives the usual plan, never none."""
    try:
        return plan_of(text)
    except BadValue:
        return PLANS[USUAL]
