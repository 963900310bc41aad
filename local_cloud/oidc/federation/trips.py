"""Ways to a provider and back that are under way, in SQLite; each is used once, within ten minutes.

A trip belongs to the browser that began it: the row keeps a hash of that browser's cookie. Assertions that were taken
are remembered until they have expired.
"""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.oidc.federation.relying_party import Trip
from local_cloud.oidc.store import digest

TRIP_S, LANDING_S = 600, 60
SCHEMA = """
CREATE TABLE IF NOT EXISTS trip (state TEXT PRIMARY KEY, browser TEXT, provider TEXT, query TEXT, nonce TEXT,
    verifier TEXT, expires REAL) STRICT;
CREATE TABLE IF NOT EXISTS landing (ticket TEXT PRIMARY KEY, browser TEXT, provider TEXT, query TEXT, subject TEXT,
    said TEXT, expires REAL) STRICT;
CREATE TABLE IF NOT EXISTS assertion (id TEXT PRIMARY KEY, expires REAL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A trip as it began. `query` is the authorization request of the application."""

    browser: str
    provider: str
    query: str
    trip: Trip

    @property
    def request_id(self) -> str:
        """ID of the AuthnRequest: a name that begins with a letter and is as secret as the nonce."""
        return f"r{digest(self.trip.nonce)[:40]}"


@dataclass(frozen=True, slots=True)
class Landed:
    """An assertion that was taken and waits for the browser to come with its cookie."""

    browser: str
    provider: str
    query: str
    subject: str
    said: Mapping[str, Any]


class Trips:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.executescript(SCHEMA)

    def begin(self, cookie: str, provider: str, query: str, redirect_uri: str, *, now: float) -> Begun:
        for table in ("trip", "landing", "assertion"):
            self._db.execute(f"DELETE FROM {table} WHERE expires < ?", (now,))  # noqa: S608 - our own names
        trip = Trip(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect_uri)
        begun = Begun(digest(cookie), provider, query, trip)
        values = (digest(trip.state), begun.browser, provider, query, trip.nonce, trip.verifier, now + TRIP_S)
        self._db.execute("INSERT INTO trip VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        return begun

    def take(self, state: str, redirect_uri: str, *, now: float) -> Begun | None:
        """The trip, once."""
        row = self._db.execute(
            "DELETE FROM trip WHERE state = ? RETURNING browser, provider, query, nonce, verifier, expires",
            (digest(state),),
        ).fetchone()
        if row is None or row[5] < now:
            return None
        return Begun(row[0], row[1], row[2], Trip(state, row[3], row[4], redirect_uri))

    def once(self, assertion: str, *, until: float) -> bool:
        """Whether this assertion is seen for the first time."""
        done = self._db.execute("INSERT OR IGNORE INTO assertion VALUES (?, ?)", (digest(assertion), until))
        return done.rowcount == 1

    def land(self, begun: Begun, subject: str, said: Mapping[str, Any], *, now: float) -> str:
        ticket = secrets.token_urlsafe(32)
        values = (digest(ticket), begun.browser, begun.provider, begun.query, subject, json.dumps(said))
        self._db.execute("INSERT INTO landing VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, now + LANDING_S))
        return ticket

    def landed(self, ticket: str, *, now: float) -> Landed | None:
        row = self._db.execute(
            "DELETE FROM landing WHERE ticket = ? RETURNING browser, provider, query, subject, said, expires",
            (digest(ticket),),
        ).fetchone()
        if row is None or row[5] < now:
            return None
        return Landed(row[0], row[1], row[2], row[3], json.loads(row[4]))
