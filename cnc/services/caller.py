"""Who is asking, once a credential was verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cnc.domain.base.clock import from_ms

API_SCOPE = "api"


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller. `ends_at` is when its credential must be shown again; None: it does not end."""

    tenant: str
    subject: str
    kind: str  # "user" or "key"
    roles: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    ends_at: datetime | None = None

    def facts(self) -> dict[str, str]:
        """As strings: the authorizer's context, and what a ticket or a connection remembers."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "roles": ",".join(self.roles),
            "scopes": " ".join(sorted(self.scopes)),
            "endsAt": "" if self.ends_at is None else str(int(self.ends_at.timestamp() * 1000)),
        }

    @classmethod
    def of_facts(cls, tenant: str, facts: Mapping[str, str]) -> "Caller":
        """The caller that `facts()` was made from."""
        ends_at_ms = facts.get("endsAt") or ""
        return cls(
            tenant=tenant,
            subject=facts["subject"],
            kind=facts["kind"],
            roles=tuple(filter(None, facts.get("roles", "").split(","))),
            scopes=frozenset(facts.get("scopes", "").split()),
            ends_at=from_ms(int(ends_at_ms)) if ends_at_ms else None,
        )

    @property
    def may_send_own_documents(self) -> bool:
        """Programs write their own queries; the pages of the product send known documents only."""
        return API_SCOPE in self.scopes

    def ended(self, now: datetime) -> bool:
        """Whether the credential must be shown again."""
        return self.ends_at is not None and now >= self.ends_at
