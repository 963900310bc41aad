"""Orders to erase tenants, and what stays of an erased one."""

from dataclasses import dataclass

from cnc.cloud.tenancy import TenantRows
from cnc.services.privacy.erasure import Erasure


@dataclass(frozen=True, slots=True)
class ErasureOrders:
    """`Z#<tenant>` of the directory: the order while it runs, the tombstone after."""

    rows: TenantRows

    def get(self, tenant: str, /) -> Erasure | None:
        facts = self.rows.facts(f"Z#{tenant}")
        return None if facts is None else Erasure.of_text(facts["erasure"])

    def put(self, erasure: Erasure, /) -> None:
        self.rows.put(f"Z#{erasure.tenant}", tenant=erasure.tenant, facts={"erasure": erasure.text()})

    def remove(self, tenant: str, /) -> None:
        self.rows.forget(f"Z#{tenant}", tenant=tenant)

    def all(self) -> list[Erasure]:
        return [Erasure.of_text(row.facts["erasure"]) for row in self.rows.keyed("Z")]

    def bury(self, erasure: Erasure, /) -> None:
        """The tombstone last: as long as it is none, a run that ended between the two is begun again."""
        self.rows.forget(f"N#{erasure.tenant}", tenant=erasure.tenant)
        self.put(erasure)
