"""Codes sent by mail: eight digits that work once, for 15 minutes, with five tries; at most five in an hour.

Five codes of five tries are 25 guesses of 10^8 in an hour. A row is written for every address that is asked about,
known or not, and codes are kept as an HMAC: the file alone tells neither codes nor addresses.
"""

import hmac
import secrets
import sqlite3
from dataclasses import dataclass

from local_cloud.oidc.store import digest

CODE_S = 15 * 60
TRIES = 5
MOST_SENT, WINDOW_S = 5, 3600
SCHEMA = """
CREATE TABLE IF NOT EXISTS mailed (who TEXT PRIMARY KEY, code TEXT, expires REAL, tries INTEGER,
    sent INTEGER, since REAL) STRICT;
"""


class TooManyCodes(Exception):
    """No more codes for this address for now; `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.0f} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Codes:
    """`key` is the secret of this installation; times are epoch seconds."""

    db: sqlite3.Connection
    key: bytes

    def __post_init__(self) -> None:
        self.db.executescript(SCHEMA)

    def make(self, purpose: str, address: str, *, now: float) -> str:
        """A new code; the one before it is void. Raises TooManyCodes."""
        who = digest(f"{purpose}#{address}")
        self.db.execute("DELETE FROM mailed WHERE since < ? AND expires < ?", (now - WINDOW_S, now))
        row = self.db.execute("SELECT sent, since FROM mailed WHERE who = ?", (who,)).fetchone()
        sent, since = row if row and row[1] > now - WINDOW_S else (0, now)
        if sent >= MOST_SENT:
            raise TooManyCodes(since + WINDOW_S - now)
        code = f"{secrets.randbelow(10**8):08d}"
        values = (who, self._kept(who, code), now + CODE_S, 0, sent + 1, since)
        self.db.execute("INSERT OR REPLACE INTO mailed VALUES (?, ?, ?, ?, ?, ?)", values)
        return code

    def take(self, purpose: str, address: str, code: str, *, now: float) -> bool:
        """Use a code up. Every try counts, and a code that is right is void afterwards."""
        who = digest(f"{purpose}#{address}")
        self.db.execute("UPDATE mailed SET tries = tries + 1 WHERE who = ?", (who,))
        row = self.db.execute("SELECT code, expires, tries FROM mailed WHERE who = ?", (who,)).fetchone()
        kept, expires, tries = row or ("", 0.0, 0)
        right = hmac.compare_digest(kept, self._kept(who, "".join(filter(str.isdigit, code))))
        if not right or expires < now or tries > TRIES:
            return False
        self.db.execute("UPDATE mailed SET code = '' WHERE who = ?", (who,))
        return True

    def _kept(self, who: str, code: str) -> str:
        return hmac.new(self.key, f"{who}#{code}".encode(), "sha256").hexdigest()
