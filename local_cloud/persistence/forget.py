"""What is deleted leaves the disk: people of a deleted account, and pages that databases hold on to.

AWS answers for its own disks; here they are files of this folder. SQLite leaves deleted rows in free pages and in its
log, and the journal of calls has what a person was made with, which would bring the person back at the next start.
"""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from local_cloud.cloud import write_private

EVERY_S = 60.0
#: A database that takes longer is looked at less often: never more than a hundredth of the time.
SHARE = 100
#: Larger ones would make their users wait; they are cleaned when nothing else runs, at the next start.
MOST_BYTES = 256 * 1024 * 1024
BUSY_S = 2.0
log = logging.getLogger("forget")


class Scrubber:
    """Rewrites databases that changed since they were last rewritten."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._seen: dict[Path, tuple[int, int]] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        pause_s = EVERY_S
        while True:
            await asyncio.sleep(pause_s)
            took_s = await asyncio.to_thread(self.scrub)
            pause_s = max(EVERY_S, took_s * SHARE)

    def scrub(self) -> float:
        """All that changed and are not too large; the seconds it took."""
        begun = time.monotonic()
        for path in sorted(self._data.glob("*/*.sqlite")):
            if path.stat().st_size <= MOST_BYTES and self._seen.get(path) != _stamp(path):
                try:
                    rewrite(path)
                    self._seen[path] = _stamp(path)
                except sqlite3.Error as error:  # somebody is writing: the next round
                    log.info("%s: %s", path.name, error)
        return time.monotonic() - begun


def rewrite(path: Path) -> None:
    """Every page anew, without what was deleted, and the log emptied. Raises sqlite3.Error while others write."""
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        db.execute("PRAGMA secure_delete=ON")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.close()


def forget_account(data: Path, names: Iterable[str]) -> None:
    """Remove what the sign-in keeps of a person known by any of these names, and mail that was sent to them."""
    wanted = sorted({name for name in names if name})
    database = data / "oidc" / "oidc.sqlite"
    if database.is_file():
        _forget_sign_ins(database, wanted)
    _without_lines(data / "mailbox.jsonl", lambda line: any(_mentions(line, name) for name in wanted))


def _forget_sign_ins(database: Path, names: list[str]) -> None:
    db = sqlite3.connect(database, timeout=BUSY_S)
    try:
        with db:
            db.execute("PRAGMA secure_delete=ON")
            known = set(names)
            for name in names:
                found = db.execute("SELECT username FROM person WHERE username = ? OR sub = ?", (name, name))
                known |= {row[0] for row in found}
            for name in known:
                db.execute("DELETE FROM code WHERE login IN (SELECT hash FROM login WHERE username = ?)", (name,))
                db.execute("DELETE FROM login WHERE username = ?", (name,))
                db.execute("DELETE FROM refresh WHERE username = ?", (name,))
                db.execute("DELETE FROM person WHERE username = ?", (name,))
    except sqlite3.OperationalError as error:  # no such table: nobody has signed in yet
        log.info("%s: %s", database.name, error)
    finally:
        db.close()


def _stamp(path: Path) -> tuple[int, int]:
    """Changes with the database and with its log."""
    log_file = path.with_name(path.name + "-wal")
    return path.stat().st_mtime_ns, log_file.stat().st_mtime_ns if log_file.is_file() else 0


def _mentions(line: bytes, name: str) -> bool:
    return name.encode().lower() in line.lower() or json.dumps(name)[1:-1].encode().lower() in line.lower()


def _without_lines(path: Path, unwanted: Callable[[bytes], bool]) -> None:
    if path.is_file():
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not unwanted(line)]
        if len(kept) < len(lines):
            write_private(path, b"".join(kept))
