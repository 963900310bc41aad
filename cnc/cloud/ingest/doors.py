"""What every ingest function begins with: whom a gateway speaks for, and where what cannot be used is kept."""

from typing import Protocol

from cnc.cloud.store.assignments import AssignmentStore
from cnc.cloud.store.quarantine import QuarantineStore
from cnc.cloud.tenancy import Clients


class Doors(Protocol):
    """Any settings with these three."""

    @property
    def telemetry_table(self) -> str: ...
    @property
    def shop_table(self) -> str: ...
    @property
    def bucket(self) -> str: ...


def assignment_store(clients: Clients, settings: Doors) -> AssignmentStore:
    return AssignmentStore(clients.tenant("dynamodb"), table=settings.shop_table)


def quarantine_store(clients: Clients, settings: Doors) -> QuarantineStore:
    return QuarantineStore(
        dynamodb=clients.tenant("dynamodb"),
        table=settings.telemetry_table,
        s3=lambda: clients.tenant("s3"),
        bucket=settings.bucket,
    )
