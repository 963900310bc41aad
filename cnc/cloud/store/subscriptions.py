"""Operations of WebSocket connections as rows `T#<tenant>#W` / `<connection>#<operation>`.

The row `<connection>#` (no operation) says that the client has shown its credential.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pynamodb.exceptions import DoesNotExist

from cnc.cloud.store.shop_rows import SubscriptionRow, bind
from cnc.cloud.tenancy import Clients, current
from cnc.services.caller import Caller
from cnc.services.subscriptions import Registration


class SubscriptionStore:
    """Registrations of the tenant acted for."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        bind(clients, table=table)

    def open(self, connection: str, *, caller: Caller, ends_at: datetime) -> None:
        _row(connection, "", document="", variables="{}", caller=caller, name=None, ends_at=ends_at).save()

    def opened(self, connection: str) -> Caller | None:
        try:
            row = SubscriptionRow.get(_p(), _sort(connection, ""), consistent_read=True)
        except DoesNotExist:
            return None
        return _caller(row)

    def add(self, registration: Registration, *, ends_at: datetime) -> None:
        _row(
            registration.connection,
            registration.operation,
            document=registration.text,
            variables=json.dumps(registration.variables, separators=(",", ":"), sort_keys=True),
            caller=registration.caller,
            name=registration.operation_name,
            ends_at=ends_at,
        ).save()

    def remove(self, connection: str, *, operations: Iterable[str]) -> None:
        for operation in operations:
            SubscriptionRow(_p(), _sort(connection, operation)).delete()

    def operations(self, connection: str) -> Sequence[str]:
        return [operation for operation in _names(connection) if operation]

    def all(self) -> Sequence[Registration]:
        rows: Iterator[SubscriptionRow] = iter(SubscriptionRow.query(_p(), consistent_read=True))
        return [_registration(row) for row in rows if not row.s.endswith("#")]

    def forget(self, connection: str) -> None:
        self.remove(connection, operations=list(_names(connection)))


def _p() -> str:
    return current().partition("W")


def _sort(connection: str, operation: str) -> str:
    return f"{connection}#{operation}"


def _names(connection: str) -> Iterator[str]:
    prefix = _sort(connection, "")
    rows = SubscriptionRow.query(_p(), SubscriptionRow.s.startswith(prefix), consistent_read=True)
    return (row.s.removeprefix(prefix) for row in rows)


def _row(
    connection: str,
    operation: str,
    *,
    document: str,
    variables: str,
    caller: Caller,
    name: str | None,
    ends_at: datetime,
) -> SubscriptionRow:
    return SubscriptionRow(
        _p(),
        _sort(connection, operation),
        document=document,
        variables=variables,
        caller=json.dumps(caller.facts(), separators=(",", ":"), sort_keys=True),
        operation_name=name,
        x=int(ends_at.timestamp()),
    )


def _caller(row: SubscriptionRow) -> Caller:
    return Caller.of_facts(current().tenant, json.loads(row.caller))


def _registration(row: SubscriptionRow) -> Registration:
    connection, _, operation = row.s.partition("#")
    return Registration(
        connection=connection,
        operation=operation,
        text=row.document,
        variables=json.loads(row.variables),
        caller=_caller(row),
        operation_name=row.operation_name,
    )
