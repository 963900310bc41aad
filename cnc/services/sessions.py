"""Sessions: what one sign-in may do until it ends, here and not in the token.

A token says when somebody signed in and with which refresh family (`origin_jti`); everything else about a session is a
row of the directory that this product ends at will. A row is made when its token is seen first. Whoever ends a session
ends the sign-in behind it: a token that continues it under another family (same person, same `auth_time`) is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError

#: OWASP ASVS 5.0, 7.3: no request for so long, or so long after the sign-in, and the person signs in again.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
#: How often `seen` is written at most: a page asks ten times a second and is seen once.
SEEN_EVERY = timedelta(minutes=1)
#: Sessions of one person at once; the oldest makes room.
MOST_SESSIONS = 50
#: How long after a sign-in its first token is issued at the latest.
FIRST_TOKEN_MS = 60_000
MOST_DEVICE = 200  # characters of a user agent
PERSON, KIOSK = "person", "kiosk"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of a person, or one paired screen (`kind` kiosk).

    `id` is the SHA-256 of the token's family, `tenant` the active one. `factors` are the tenants whose second factor
    this person has; `factor_ms` is when one was last shown, and counts for `factor_tenant` alone.
    """

    id: str
    tenant: str
    issuer: str
    subject: str
    auth_ms: int
    created_ms: int
    seen_ms: int
    kind: str = PERSON
    factor_ms: int = 0
    factor_tenant: str = ""
    ended_ms: int = 0
    device: str = ""
    address: str = ""
    factors: frozenset[str] = field(default_factory=frozenset)
    connections: frozenset[str] = field(default_factory=frozenset)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def factor_at(self) -> datetime | None:
        """When a second factor of the active tenant was last shown in this session."""
        return from_ms(self.factor_ms) if self.factor_ms and self.factor_tenant == self.tenant else None

    @property
    def has_factor(self) -> bool:
        """Whether the person has a second factor at the active tenant."""
        return self.tenant in self.factors


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the list of a person's sessions remembers of one."""

    created_ms: int
    auth_ms: int
    ended: bool


@dataclass(frozen=True, slots=True)
class SignIns:
    """All sessions of a person, ended ones until their sign-in is too old to matter."""

    sessions: Mapping[str, SignIn] = field(default_factory=dict)
    factors: frozenset[str] = field(default_factory=frozenset)
    not_before_ms: int = 0

    def ended(self, auth_ms: int, *, continued: bool) -> bool:
        """Whether the sign-in of this time was ended: with all of them or, if it goes on under another family, in one.

        Issuers tell whole seconds: a sign-in of the second in which all were ended may have come after that.
        """
        if auth_ms + 1000 <= self.not_before_ms:
            return True
        return continued and any(entry.ended and entry.auth_ms == auth_ms for entry in self.sessions.values())


class SessionRows(Protocol):
    """Rows of the directory; all reads strongly consistent."""

    def get(self, session: str, /) -> Session | None: ...
    def add(self, session: Session, /) -> bool:
        """False when it is there already, and then it stays as it is."""
        ...

    def seen(self, session: str, /, *, now_ms: int) -> None: ...
    def end(self, session: str, /, *, now_ms: int) -> Session | None:
        """End it and answer what it was, open connections included; None when it is unknown."""
        ...

    def attach(self, session: str, connection: str, /) -> bool:
        """Remember an open connection, to be closed with the session; False when the session has ended."""
        ...

    def detach(self, session: str, connection: str, /) -> None: ...
    def sign_ins(self, issuer: str, subject: str, /) -> SignIns: ...
    def enlist(self, session: Session, /, *, forget: frozenset[str]) -> SignIns:
        """Put it on the list of its person, from which `forget` go; the list as it is then."""
        ...

    def mark_ended(self, session: Session, /) -> None: ...
    def end_before(self, issuer: str, subject: str, /, *, now_ms: int) -> SignIns:
        """No sign-in up to now counts any more; the list as it is then."""
        ...

    def set_factor(self, session: str, /, *, tenant: str, now_ms: int) -> None: ...
    def set_has_factor(self, issuer: str, subject: str, /, *, tenant: str, has: bool) -> SignIns: ...
    def set_factors(self, session: str, /, *, tenant: str, has: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request came from, as people read it in their list of sessions."""

    device: str = ""
    address: str = ""


UNKNOWN: Final = Visit()


def session_id(claims: Mapping[str, Any]) -> str:
    """Of verified claims: the hash of the family, or of the token itself where the issuer names none.

    Raises CncError `auth.invalid`.
    """
    for name in ("origin_jti", "jti"):
        value = claims.get(name)
        if isinstance(value, str) and 0 < len(value) <= 256:
            return sha256(value.encode()).hexdigest()
    raise _refused("auth.invalid", "a token without origin_jti and jti")


def enter(claims: Mapping[str, Any], *, tenant: str, visit: Visit, rows: SessionRows, now: datetime) -> Session:
    """The living session of verified claims; `tenant` is the active one of a session that begins here.

    Raises CncError `auth.ended`.
    """
    found = rows.get(session_id(claims))
    if found is None:
        return _begin(claims, tenant=tenant, visit=visit, rows=rows, now=now)
    if found.subject != claims["sub"] or found.issuer != claims["iss"]:
        raise _ended("a session of somebody else")
    return living(found, rows=rows, now=now)


def living(session: Session, *, rows: SessionRows, now: datetime) -> Session:
    """The session, seen now. Raises CncError `auth.ended` for one that ended, or ends here by one of the limits."""
    now_ms = to_ms(now)
    if session.ended_ms:
        raise _ended("a session that was ended")
    if session.kind == PERSON and _over(session, now_ms):
        end(session, rows=rows, now=now)
        raise _ended("a session that was not used for long, or is too old")
    if now_ms - session.seen_ms >= SEEN_EVERY / timedelta(milliseconds=1):
        rows.seen(session.id, now_ms=now_ms)
    return session


def end(session: Session, *, rows: SessionRows, now: datetime) -> Session:
    """End a session; what it was, with the connections to close. Again is harmless."""
    if session.kind == PERSON:
        rows.mark_ended(session)
    return rows.end(session.id, now_ms=to_ms(now)) or session


def sessions_of(issuer: str, subject: str, *, rows: SessionRows, now: datetime) -> list[Session]:
    """The living ones of a person, newest first."""
    now_ms = to_ms(now)
    listed = rows.sign_ins(issuer, subject).sessions
    found = [rows.get(id_) for id_, entry in listed.items() if not entry.ended and not _too_old(entry.auth_ms, now_ms)]
    alive = [one for one in found if one is not None and not one.ended_ms and not _over(one, now_ms)]
    return sorted(alive, key=lambda one: one.created_ms, reverse=True)


def end_others(session: Session, *, rows: SessionRows, now: datetime) -> list[Session]:
    """End all sessions of the person but this one."""
    others = [one for one in sessions_of(session.issuer, session.subject, rows=rows, now=now) if one.id != session.id]
    return [end(one, rows=rows, now=now) for one in others]


def end_all(issuer: str, subject: str, *, rows: SessionRows, now: datetime) -> list[Session]:
    """End all sessions of a person, and refuse tokens of earlier sign-ins that were never seen here."""
    listed = rows.end_before(issuer, subject, now_ms=to_ms(now)).sessions
    found = [rows.end(id_, now_ms=to_ms(now)) for id_, entry in listed.items() if not entry.ended]
    return [one for one in found if one is not None]


def mark_factor(issuer: str, subject: str, *, tenant: str, has: bool, rows: SessionRows) -> None:
    """Tell every session of the person that a second factor came or went; the sessions to come learn it from the list.

    The row of the person first: a session that begins meanwhile reads it after it stands on the list.
    """
    for id_, entry in rows.set_has_factor(issuer, subject, tenant=tenant, has=has).sessions.items():
        if not entry.ended:
            rows.set_factors(id_, tenant=tenant, has=has)


def _begin(claims: Mapping[str, Any], *, tenant: str, visit: Visit, rows: SessionRows, now: datetime) -> Session:
    issuer, subject, now_ms = str(claims["iss"]), str(claims["sub"]), to_ms(now)
    auth_ms = _auth_ms(claims)
    # The first token of a sign-in comes with it; a later first one continues a sign-in that had other families.
    continued = int(claims["iat"]) * 1000 - auth_ms > FIRST_TOKEN_MS
    before = rows.sign_ins(issuer, subject)
    if before.ended(auth_ms, continued=continued) or _too_old(auth_ms, now_ms):
        raise _ended("a sign-in that was ended, or is too old")
    session = Session(
        id=session_id(claims),
        tenant=tenant,
        issuer=issuer,
        subject=subject,
        auth_ms=auth_ms,
        created_ms=now_ms,
        seen_ms=now_ms,
        device=visit.device[:MOST_DEVICE],
        address=visit.address,
        factors=before.factors,
    )
    if not rows.add(session):
        found = rows.get(session.id)
        if found is None or found.ended_ms or found.subject != subject:
            raise _ended("a session that was ended")
        return found
    forget = frozenset(id_ for id_, entry in before.sessions.items() if _too_old(entry.auth_ms, now_ms))
    after = rows.enlist(session, forget=forget)
    if after.ended(auth_ms, continued=continued):  # ended between the two looks
        end(session, rows=rows, now=now)
        raise _ended("a sign-in that was ended")
    for added in after.factors - session.factors:
        rows.set_factors(session.id, tenant=added, has=True)
    _make_room(after, rows=rows, now=now)
    return session if after.factors <= session.factors else rows.get(session.id) or session


def _make_room(sign_ins: SignIns, *, rows: SessionRows, now: datetime) -> None:
    open_ones = sorted((entry.created_ms, id_) for id_, entry in sign_ins.sessions.items() if not entry.ended)
    for _, id_ in open_ones[: max(0, len(open_ones) - MOST_SESSIONS)]:
        found = rows.get(id_)
        if found is not None:
            end(found, rows=rows, now=now)


def _over(session: Session, now_ms: int) -> bool:
    idle = now_ms - session.seen_ms > IDLE / timedelta(milliseconds=1)
    return idle or _too_old(session.auth_ms, now_ms)


def _too_old(auth_ms: int, now_ms: int) -> bool:
    return now_ms - auth_ms > ABSOLUTE / timedelta(milliseconds=1)


def _auth_ms(claims: Mapping[str, Any]) -> int:
    """When the person signed in; issuers that do not say it are taken at the token's own time."""
    for name in ("auth_time", "iat"):
        value = claims.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= int(claims["iat"]):
            return value * 1000
    raise _refused("auth.invalid", "a token without the time of its sign-in")


def _ended(why: str) -> CncError:
    return _refused("auth.ended", why)


def _refused(code: str, why: str) -> CncError:
    """`why` is for the log of the function."""
    error = CncError(code, todo="Sign in again.")
    error.__cause__ = PermissionError(why)
    return error
