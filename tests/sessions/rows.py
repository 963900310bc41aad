"""The directory's rows of sessions and pairings, in memory: what the services see of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cnc.services.sessions import Session, SignIn, SignIns


class Rows:
    """Sessions by id, and the list of each person."""

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.people: dict[tuple[str, str], SignIns] = {}
        self.counted: dict[str, int] = {}

    def get(self, session: str, /) -> Session | None:
        return self.sessions.get(session)

    def add(self, session: Session, /) -> bool:
        return self.sessions.setdefault(session.id, session) is session

    def seen(self, session: str, /, *, now_ms: int) -> None:
        self._set(session, seen_ms=now_ms)

    def end(self, session: str, /, *, now_ms: int) -> Session | None:
        held = self.sessions.get(session)
        return self._set(session, ended_ms=held.ended_ms or now_ms) if held else None

    def attach(self, session: str, connection: str, /) -> bool:
        held = self.sessions.get(session)
        if held is None or held.ended_ms:
            return False
        self._set(session, connections=held.connections | {connection})
        return True

    def detach(self, session: str, connection: str, /) -> None:
        held = self.sessions.get(session)
        if held is not None:
            self._set(session, connections=held.connections - {connection})

    def sign_ins(self, issuer: str, subject: str, /) -> SignIns:
        return self.people.get((issuer, subject), SignIns())

    def enlist(self, session: Session, /, *, forget: frozenset[str]) -> SignIns:
        entry = SignIn(session.created_ms, session.auth_ms, False)
        return self._person(
            session.issuer,
            session.subject,
            lambda held: replace(
                held,
                sessions={id_: one for id_, one in held.sessions.items() if id_ not in forget} | {session.id: entry},
            ),
        )

    def mark_ended(self, session: Session, /) -> None:
        entry = SignIn(session.created_ms, session.auth_ms, True)
        self._person(
            session.issuer,
            session.subject,
            lambda held: replace(held, sessions={**held.sessions, session.id: entry}),
        )

    def end_before(self, issuer: str, subject: str, /, *, now_ms: int) -> SignIns:
        return self._person(issuer, subject, lambda held: replace(held, not_before_ms=now_ms))

    def set_factor(self, session: str, /, *, tenant: str, now_ms: int) -> None:
        self._set(session, factor_ms=now_ms, factor_tenant=tenant)

    def set_has_factor(self, issuer: str, subject: str, /, *, tenant: str, has: bool) -> SignIns:
        return self._person(
            issuer,
            subject,
            lambda held: replace(held, factors=held.factors | {tenant} if has else held.factors - {tenant}),
        )

    def set_factors(self, session: str, /, *, tenant: str, has: bool) -> None:
        held = self.sessions.get(session)
        if held is not None:
            self._set(session, factors=held.factors | {tenant} if has else held.factors - {tenant})

    def count(self, name: str, /, *, now: datetime, window: timedelta) -> int:
        self.counted[name] = self.counted.get(name, 0) + 1
        return self.counted[name]

    def _set(self, session: str, **changed: Any) -> Session:
        self.sessions[session] = replace(self.sessions[session], **changed)
        return self.sessions[session]

    def _person(self, issuer: str, subject: str, change: Callable[[SignIns], SignIns]) -> SignIns:
        made = change(self.sign_ins(issuer, subject))
        self.people[issuer, subject] = made
        return made
