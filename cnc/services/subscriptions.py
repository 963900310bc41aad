"""Connections of the WebSocket API and the operations that run on them.

A connection is a row of the directory (whose it is); the operations are rows of its tenant. Nothing lives in a
process: each message of a client and each event of a machine may meet another one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from cnc.domain.base.errors import CncError
from cnc.services.caller import Caller, packed_grants

#: API Gateway ends a connection after two hours; rows outlive it by little.
LONGEST_CONNECTION = timedelta(hours=2, minutes=10)
MOST_OPERATIONS = 100
MOST_ID_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Registration:
    """One running operation: what it asks, and with whose rights it is answered."""

    connection: str
    operation: str
    text: str
    variables: Mapping[str, Any]
    caller: Caller
    operation_name: str | None = None

    @property
    def rights(self) -> tuple[object, ...]:
        """Operations that ask the same with the same rights get the same answer."""
        caller = self.caller
        return (caller.tenant, caller.kind, caller.roles, caller.scopes, packed_grants(caller.grants))


class Row(Protocol):
    @property
    def tenant(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, str]: ...


class Connections(Protocol):
    """Whose a connection is."""

    def connection(self, connection: str, /) -> Row | None: ...
    def add_connection(self, connection: str, *, tenant: str, facts: Mapping[str, str], ends_at: datetime) -> None: ...
    def remove_connection(self, connection: str, /) -> None: ...


class Registrations(Protocol):
    """Rows of the tenant acted for. `opened` tells whether the client has shown its credential."""

    def open(self, connection: str, *, caller: Caller, ends_at: datetime) -> None: ...
    def opened(self, connection: str) -> Caller | None: ...
    def add(self, registration: Registration, *, ends_at: datetime) -> None: ...
    def remove(self, connection: str, *, operations: Iterable[str]) -> None: ...
    def operations(self, connection: str) -> Sequence[str]: ...
    def all(self) -> Sequence[Registration]: ...
    def forget(self, connection: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Sockets:
    """Both stores of the WebSocket API."""

    connections: Connections
    registrations: Registrations


def connect(connection: str, *, caller: Caller, sockets: Sockets, now: datetime) -> None:
    """Remember whose a new connection is."""
    sockets.connections.add_connection(
        connection, tenant=caller.tenant, facts=caller.facts(), ends_at=now + LONGEST_CONNECTION
    )


def owner(connection: str, *, sockets: Sockets) -> Caller:
    """Who opened the connection. Raises CncError(auth.missing)."""
    row = sockets.connections.connection(connection)
    if row is None:
        raise CncError("auth.missing", expected="a connection that was opened with a ticket", todo="Connect again.")
    return Caller.of_facts(row.tenant, row.facts)


def initialise(connection: str, *, shown: Caller, opened_by: Caller, sockets: Sockets, now: datetime) -> None:
    """Take the credential of `connection_init`: it must be of who opened the connection, and come once.

    Raises CncError(auth.forbidden or request.malformed).
    """
    if (shown.tenant, shown.subject, shown.kind) != (opened_by.tenant, opened_by.subject, opened_by.kind):
        raise CncError("auth.forbidden", expected="the credential that the connection was opened with")
    if sockets.registrations.opened(connection) is not None:
        raise CncError("request.malformed", seen="a second connection_init", expected="one")
    sockets.registrations.open(connection, caller=shown, ends_at=now + LONGEST_CONNECTION)


def ready_caller(connection: str, *, sockets: Sockets, now: datetime) -> Caller:
    """Who may subscribe on this connection. Raises CncError(auth.missing or auth.expired)."""
    caller = sockets.registrations.opened(connection)
    if caller is None:
        raise CncError("auth.missing", seen="no connection_init yet", expected="connection_init with a credential")
    if caller.ended(now):
        raise CncError("auth.expired", todo="Connect again with a fresh credential.")
    return caller


def register(registration: Registration, *, sockets: Sockets, now: datetime) -> None:
    """Run an operation on its connection from now on. Raises CncError(limit.rate or request.malformed)."""
    _check_id(registration.operation)
    running = sockets.registrations.operations(registration.connection)
    if registration.operation in running:
        raise CncError("request.malformed", seen=f"id {registration.operation} twice", expected="an id of its own")
    if len(running) >= MOST_OPERATIONS:
        raise CncError("limit.rate", seen=f"{len(running)} operations", expected=f"at most {MOST_OPERATIONS}")
    sockets.registrations.add(registration, ends_at=now + LONGEST_CONNECTION)


def complete(connection: str, *, operation: str, sockets: Sockets) -> None:
    """Stop one operation; an unknown one is nothing new."""
    _check_id(operation)
    sockets.registrations.remove(connection, operations=[operation])


def disconnect(connection: str, *, sockets: Sockets) -> None:
    """Forget a connection and all that runs on it, as the tenant acted for. Repetition is harmless."""
    sockets.registrations.forget(connection)
    sockets.connections.remove_connection(connection)


@dataclass(frozen=True, slots=True)
class Group:
    """Equal operations of equal rights: run once, delivered to each."""

    first: Registration
    members: list[Registration] = field(default_factory=list)


def grouped(registrations: Iterable[Registration]) -> list[Group]:
    """Registrations by what they ask and may see."""
    groups: dict[tuple[object, ...], Group] = {}
    for registration in registrations:
        asked = (registration.text, registration.operation_name, _frozen(registration.variables), registration.rights)
        groups.setdefault(asked, Group(registration)).members.append(registration)
    return list(groups.values())


def _check_id(operation: str) -> None:
    if not 0 < len(operation) <= MOST_ID_CHARACTERS or not operation.isascii() or "#" in operation:
        raise CncError(
            "request.malformed",
            seen=f"id {operation!r}",
            expected=f"1 to {MOST_ID_CHARACTERS} ASCII characters without '#'",
        )


def _frozen(value: Any) -> object:
    if isinstance(value, Mapping):
        return tuple(sorted((name, _frozen(inner)) for name, inner in value.items()))
    if isinstance(value, list | tuple):
        return ("list", *map(_frozen, value))
    return (type(value).__name__, value)
