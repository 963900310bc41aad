"""Ids of the tenant's machines, for jobs that need no more of them: `T#<tenant>#M` of the shop table."""

from typing import Any

from cnc.cloud.dynamo import query
from cnc.cloud.tenancy import current


class MachineIdStore:
    def __init__(self, client: Any, *, table: str) -> None:
        self._client = client
        self._table = table

    def all(self) -> list[str]:
        items = query(
            self._client,
            table=self._table,
            partition=current().partition("M"),
            first="m_",
            last="m_~",
            consistent=True,
            attributes="s",
        )
        return [item["s"]["S"] for item in items]
