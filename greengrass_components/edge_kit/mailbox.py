"""Commands for components and reports of components, handed between processes of one gateway as files.

The relay alone speaks to the cloud. It puts commands into `<data>/inbox/<component>/` and sends what it finds in
`<data>/outbox/<component>/`. A file is whole or absent; its name is the digest of its content, so that a command that
came twice is one file while it waits.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from greengrass_components.edge_kit.files import write_atomic

log = logging.getLogger(__name__)

#: A command that nobody took within this time must not be carried out later.
COMMAND_LIFE_S: Final = 60.0
MOST_BYTES: Final = 128 * 1024
#: Reports that wait for a link; each is small, and beyond this the oldest go.
MOST_REPORTS: Final = 2000
_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One folder of messages, oldest first."""

    folder: Path

    def put(self, payload: bytes) -> None:
        """Raises OSError when the message could not be kept, ValueError when it is too large."""
        if len(payload) > MOST_BYTES:
            raise ValueError(f"a message of {len(payload)} bytes, expected at most {MOST_BYTES}")
        write_atomic(self.folder / f"{sha256(payload).hexdigest()[:32]}{_SUFFIX}", payload)

    def paths(self) -> list[Path]:
        """Files that wait, oldest first."""
        try:
            found = [(entry.stat().st_mtime_ns, entry.name) for entry in os.scandir(self.folder) if _is_message(entry)]
        except FileNotFoundError:
            return []
        return [self.folder / name for _, name in sorted(found)]

    def bound(self, most: int = MOST_REPORTS) -> int:
        """Remove the oldest beyond `most`; how many went."""
        beyond = self.paths()[:-most]
        for path in beyond:
            path.unlink(missing_ok=True)
        return len(beyond)


def take_commands(box: Mailbox, *, now_s: float) -> Iterator[dict[str, Any]]:
    """Each command once, removed before it is given: a command that ended its process is not tried again.

    `now_s` is wall time; commands that waited too long, or lie in the future, are removed unread.
    """
    for path in box.paths():
        try:
            age_s = now_s - path.stat().st_mtime
            payload = path.read_bytes()
            path.unlink()
        except OSError as error:
            log.error("%s: %s", path, error)
            continue
        if not -1.0 <= age_s <= COMMAND_LIFE_S:
            log.warning("a command waited %.0f s and is not carried out", age_s)
            continue
        message = _object(payload)
        if message is not None:
            yield message


def inbox(data: Path, component: str) -> Mailbox:
    """What the cloud wants of a component."""
    return Mailbox(data / "inbox" / component)


def outbox(data: Path, component: str) -> Mailbox:
    """What a component wants to tell the cloud."""
    return Mailbox(data / "outbox" / component)


def report(box: Mailbox, body: dict[str, Any]) -> bool:
    """Leave a report for the relay; whether it is kept. What cannot be kept is logged, never raised."""
    payload = json.dumps({"v": 1, **body}, separators=(",", ":"), sort_keys=True).encode()
    try:
        box.put(payload)
        gone = box.bound()
    except (OSError, ValueError) as error:
        log.error("report %s cannot be kept: %s", body.get("type"), error)
        return False
    if gone:
        log.error("%d reports were given up: more than %d waited", gone, MOST_REPORTS)
    return True


def _is_message(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(_SUFFIX) and entry.is_file(follow_symlinks=False)


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        log.error("a command that is no JSON object: %.60r", payload)
        return None
    return message
