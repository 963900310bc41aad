"""Sign-in sessions, codes, refresh tokens and failed attempts, in SQLite: a restart signs nobody out.

Secrets are stored as SHA-256; times are epoch seconds. A refresh token is used once: using it again later ends its
whole family. Lockout as Cognito documents it: from the fifth failure 1 s, doubled each time, at most 15 minutes.
"""

import hashlib
import json
import secrets
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IDLE_S, ABSOLUTE_S = 1800, 12 * 3600
CODE_S = 60
GRACE_S = 10  # an answer that got lost may be asked for again
FREE_FAILURES, MAX_LOCK_S = 5, 900
SCHEMA = """
CREATE TABLE IF NOT EXISTS person (pool TEXT, username TEXT, sub TEXT, claims TEXT,
    PRIMARY KEY (pool, username)) STRICT;
CREATE TABLE IF NOT EXISTS login (hash TEXT PRIMARY KEY, pool TEXT, username TEXT, started REAL, seen REAL) STRICT;
CREATE TABLE IF NOT EXISTS code (hash TEXT PRIMARY KEY, login TEXT, asked TEXT, expires REAL, used INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS refresh (hash TEXT PRIMARY KEY, login TEXT, family TEXT, client TEXT, scope TEXT,
    expires REAL, used REAL, auth_time REAL, pool TEXT, username TEXT) STRICT;
CREATE TABLE IF NOT EXISTS failure (who TEXT PRIMARY KEY, count INTEGER, until REAL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Login:
    """The session of a person who signed in."""

    hash: str
    pool: str
    username: str
    started: float


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh token as stored; `used` 0 = not yet."""

    hash: str
    login: str
    family: str
    client: str
    scope: str
    expires: float
    used: float
    auth_time: float
    pool: str
    username: str


class Store:
    """One connection, one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        self.db.close()

    # people
    def sign_in(self, pool: str, username: str, claims: dict[str, Any], *, now: float) -> str:
        """The new secret for the cookie."""
        secret = secrets.token_urlsafe(32)
        self.db.execute(
            "INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?)", (pool, username, claims["sub"], json.dumps(claims))
        )
        self.db.execute("INSERT INTO login VALUES (?, ?, ?, ?, ?)", (digest(secret), pool, username, now, now))
        self.db.execute("DELETE FROM login WHERE started < ? OR seen < ?", (now - ABSOLUTE_S, now - IDLE_S))
        self.db.execute("DELETE FROM code WHERE expires < ?", (now - ABSOLUTE_S,))
        self.db.execute("DELETE FROM refresh WHERE expires < ?", (now,))
        return secret

    def login(self, secret: str, pool: str, *, now: float) -> Login | None:
        """The living session of a cookie; touching it keeps it alive."""
        found = self.login_by_hash(digest(secret), now=now)
        if found is None or found.pool != pool:
            return None
        self.db.execute("UPDATE login SET seen = ? WHERE hash = ?", (now, found.hash))
        return found

    def login_by_hash(self, hashed: str, *, now: float) -> Login | None:
        row = self.db.execute(
            "SELECT hash, pool, username, started FROM login WHERE hash = ? AND started > ? AND seen > ?",
            (hashed, now - ABSOLUTE_S, now - IDLE_S),
        ).fetchone()
        return Login(*row) if row else None

    def claims(self, pool: str, username: str) -> dict[str, Any]:
        """What the pool said at the last sign-in. Raises KeyError for somebody who never signed in."""
        row = self.db.execute("SELECT claims FROM person WHERE pool = ? AND username = ?", (pool, username)).fetchone()
        if row is None:
            raise KeyError(username)
        found: dict[str, Any] = json.loads(row[0])
        return found

    def subject(self, pool: str, username: str) -> str:
        """The `sub` of somebody from a provider: made at the first sign-in and the same ever after."""
        row = self.db.execute("SELECT sub FROM person WHERE pool = ? AND username = ?", (pool, username)).fetchone()
        return row[0] if row else str(uuid.uuid4())

    def sign_out(self, hashed: str) -> None:
        """Ends the session and every refresh token that came from it."""
        self.db.execute("DELETE FROM login WHERE hash = ?", (hashed,))
        self.db.execute("DELETE FROM refresh WHERE login = ?", (hashed,))

    def end_all(self, pool: str, username: str) -> None:
        """Ends every session of a person and every refresh token."""
        self.db.execute("DELETE FROM login WHERE pool = ? AND username = ?", (pool, username))
        self.db.execute("DELETE FROM refresh WHERE pool = ? AND username = ?", (pool, username))

    # codes
    def add_code(self, login: str, asked: dict[str, str], *, now: float) -> str:
        code = secrets.token_urlsafe(32)
        self.db.execute(
            "INSERT INTO code VALUES (?, ?, ?, ?, 0)", (digest(code), login, json.dumps(asked), now + CODE_S)
        )
        return code

    def take_code(self, code: str, *, now: float) -> tuple[str, dict[str, str]] | None:
        """(login, what was asked), once. A second use ends every token that came from the first."""
        hashed = digest(code)
        row = self.db.execute("SELECT login, asked, expires, used FROM code WHERE hash = ?", (hashed,)).fetchone()
        if row is None or row[2] < now:
            return None
        if row[3]:
            self.db.execute("DELETE FROM refresh WHERE family = ?", (hashed,))
            return None
        self.db.execute("UPDATE code SET used = 1 WHERE hash = ?", (hashed,))
        return row[0], json.loads(row[1])

    # refresh tokens
    def add_refresh(self, made: Refresh) -> None:
        values = (made.hash, made.login, made.family, made.client, made.scope, made.expires)
        self.db.execute(
            "INSERT INTO refresh VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, made.used, made.auth_time, made.pool, made.username),
        )

    def take_refresh(self, token: str, *, now: float) -> Refresh | None:
        row = self.db.execute("SELECT * FROM refresh WHERE hash = ?", (digest(token),)).fetchone()
        found = Refresh(*row) if row else None
        if found is None or found.expires < now:
            return None
        if found.used and now - found.used > GRACE_S:
            self.end_family(found.family)
            return None
        if not found.used:
            self.db.execute("UPDATE refresh SET used = ? WHERE hash = ?", (now, found.hash))
        return found

    def end_family(self, family: str) -> None:
        self.db.execute("DELETE FROM refresh WHERE family = ?", (family,))

    # failed attempts
    def locked_s(self, who: str, *, now: float) -> float:
        row = self.db.execute("SELECT until FROM failure WHERE who = ?", (digest(who),)).fetchone()
        return max(0.0, row[0] - now) if row else 0.0

    def failed(self, who: str, *, now: float) -> None:
        row = self.db.execute("SELECT count FROM failure WHERE who = ?", (digest(who),)).fetchone()
        count = (row[0] if row else 0) + 1
        lock_s = 0 if count < FREE_FAILURES else min(MAX_LOCK_S, 2 ** min(count - FREE_FAILURES, 20))
        self.db.execute("INSERT OR REPLACE INTO failure VALUES (?, ?, ?)", (digest(who), count, now + lock_s))

    def succeeded(self, who: str) -> None:
        self.db.execute("DELETE FROM failure WHERE who = ?", (digest(who),))


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
