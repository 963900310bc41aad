"""What differs between stages: names and limits, never shape."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

# A new account may allow ten concurrent executions in all, so the small stages reserve nothing.
_RESERVATIONS: dict[str, dict[str, int]] = {
    "prod": {"ingest_live": 40, "ingest_backlog": 10, "api": 100},
    "staging": {"ingest_live": 5, "ingest_backlog": 2, "api": 10},
}
#: What a day may cost before somebody is told.
_DAILY_SPEND_USD = {"prod": 200, "staging": 20}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One deployment of the product in one account and region."""

    name: str
    reservations: dict[str, int] = field(default_factory=dict)
    daily_spend_usd: int = 5
    #: Tenant id -> name of the table set that holds its rows alone.
    silos: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str) -> "Stage":
        limit = _DAILY_SPEND_USD.get(name, cls.daily_spend_usd)
        return cls(name=name, reservations=_RESERVATIONS.get(name, {}), daily_spend_usd=limit, silos=_silos(name))

    @property
    def keeps_data(self) -> bool:
        """Whether tables and buckets outlive their stack."""
        return self.name in ("prod", "staging")

    def tables(self, noun: str) -> list[str]:
        """Physical names of the tables that hold such rows: the pool's, then those of silos."""
        return [self.resource(noun), *(f"{self.resource(noun)}-{silo}" for silo in sorted(set(self.silos.values())))]

    def resource(self, noun: str) -> str:
        """Physical name of a resource, unique per stage: `cnc-<stage>-<noun>`."""
        return f"cnc-{self.name}-{noun}"

    def parameter(self, noun: str) -> str:
        """Name of the SSM parameter that joins two stacks."""
        return f"/cnc/{self.name}/{noun}"


_SILOS = Path(__file__).with_name("silos.toml")


def _silos(stage: str, *, path: Path = _SILOS) -> dict[str, str]:
    """Raises ValueError for what is no tenant, no name, or a name that two tenants share."""
    found: dict[str, str] = tomllib.loads(path.read_text()).get(stage, {})
    for tenant, name in found.items():
        if not re.fullmatch(r"t_[0-9a-z]{16}", tenant) or not re.fullmatch(r"[a-z][a-z0-9]{1,15}", name):
            raise ValueError(f"{path.name}: saw {tenant} = {name!r}, expected a tenant id and a name of a-z and 0-9")
    if len(set(found.values())) != len(found):
        raise ValueError(f"{path.name}: two tenants of {stage} share a silo, which is then none")
    return found
