"""What differs between stages: names and limits, never shape."""

from dataclasses import dataclass, field

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

    @classmethod
    def of(cls, name: str) -> "Stage":
        limit = _DAILY_SPEND_USD.get(name, cls.daily_spend_usd)
        return cls(name=name, reservations=_RESERVATIONS.get(name, {}), daily_spend_usd=limit)

    @property
    def keeps_data(self) -> bool:
        """Whether tables and buckets outlive their stack."""
        return self.name in ("prod", "staging")

    def resource(self, noun: str) -> str:
        """Physical name of a resource, unique per stage: `cnc-<stage>-<noun>`."""
        return f"cnc-{self.name}-{noun}"

    def parameter(self, noun: str) -> str:
        """Name of the SSM parameter that joins two stacks."""
        return f"/cnc/{self.name}/{noun}"
