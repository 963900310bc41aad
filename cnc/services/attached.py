"""Sockets hang on the session they were opened with: no session, no socket."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cnc.domain.base.errors import CncError
from cnc.services.caller import SCREEN, Caller
from cnc.services.sessions import Session, SessionRows, living
from cnc.services.subscriptions import Sockets, disconnect, owner

#: As the protocol of the socket has it: an error of no operation, before the close.
_ENDED = b'{"id":"","type":"error","payload":[{"message":"The session has ended.","extensions":{"code":"auth.ended"}}]}'


class Post(Protocol):
    def __call__(self, connection: str, message: bytes, /) -> bool: ...
    def end(self, connection: str, /) -> None: ...


def attach(connection: str, *, caller: Caller, sessions: SessionRows) -> None:
    """Let the session know of a connection. Raises CncError `auth.ended`."""
    if caller.session and not sessions.attach(caller.session, connection):
        raise CncError("auth.ended", todo="Sign in again.")


def still_open(caller: Caller, *, sessions: SessionRows, now: datetime) -> None:
    """Whether who opened a connection may go on; a message counts as use of the session.

    Raises CncError: `auth.ended`, or `auth.second_factor` for one that has to show a second factor by now.
    """
    if not caller.session:
        return
    session = sessions.get(caller.session)
    if session is None:
        raise CncError("auth.ended", todo="Sign in again.")
    living(session, rows=sessions, now=now)
    shown = session.factor_ms and session.factor_tenant == caller.tenant
    if caller.kind != SCREEN and caller.tenant in session.factors and not shown:
        raise CncError("auth.second_factor", expected="a code of your second factor", todo="Show it.")


@dataclass(frozen=True, slots=True)
class Closer:
    """Closes the connections of sessions that ended, and forgets what ran on them even if the close gets lost."""

    post: Callable[[], Post]
    sockets: Sockets
    sessions: SessionRows
    acting_for: Callable[[str], AbstractContextManager[object]]

    def close(self, ended: Iterable[Session]) -> None:
        for session in ended:
            for connection in sorted(session.connections):
                self._close(connection, session.id)

    def _close(self, connection: str, session: str) -> None:
        self._forget(connection)
        post = self.post()
        if post(connection, _ENDED):
            post.end(connection)
        self.sessions.detach(session, connection)

    def _forget(self, connection: str) -> None:
        try:
            tenant = owner(connection, sockets=self.sockets).tenant
        except CncError:
            return  # closed already
        with self.acting_for(tenant):
            disconnect(connection, sockets=self.sockets)
