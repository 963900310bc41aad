"""The stores of the WebSocket API in memory, and a post that remembers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from cnc.services.caller import Caller
from cnc.services.subscriptions import Registration, Sockets


@dataclass
class Entry:
    tenant: str
    facts: Mapping[str, str]


class FakeConnections(dict[str, Entry]):
    def connection(self, connection: str, /) -> Entry | None:
        return self.get(connection)

    def add_connection(self, connection: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None:
        self[connection] = Entry(tenant, facts)

    def remove_connection(self, connection: str, /) -> None:
        self.pop(connection, None)


@dataclass
class FakeRegistrations:
    """Rows of one tenant."""

    ready: dict[str, Caller] = field(default_factory=dict)
    rows: dict[tuple[str, str], Registration] = field(default_factory=dict)

    def open(self, connection: str, *, caller: Caller, ends_at: datetime) -> None:
        self.ready[connection] = caller

    def opened(self, connection: str) -> Caller | None:
        return self.ready.get(connection)

    def add(self, registration: Registration, *, ends_at: datetime) -> None:
        self.rows[registration.connection, registration.operation] = registration

    def remove(self, connection: str, *, operations: Iterable[str]) -> None:
        for operation in operations:
            self.rows.pop((connection, operation), None)

    def operations(self, connection: str) -> Sequence[str]:
        return [operation for owner, operation in self.rows if owner == connection]

    def all(self) -> Sequence[Registration]:
        return list(self.rows.values())

    def forget(self, connection: str) -> None:
        self.ready.pop(connection, None)
        self.remove(connection, operations=self.operations(connection))


@dataclass
class Posted:
    """Messages by connection; connections in `gone` have left, those in `ended` were closed by us."""

    gone: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __call__(self, connection: str, message: bytes, /) -> bool:
        if connection in self.gone:
            return False
        self.sent.setdefault(connection, []).append(orjson.loads(message))
        return True

    def end(self, connection: str, /) -> None:
        self.ended.append(connection)


def sockets() -> Sockets:
    return Sockets(connections=FakeConnections(), registrations=FakeRegistrations())
