"""Every message that the local cloud would have sent, one JSON line each, for the page `/mailbox`.

The AWS process writes what product code gives to SES, the front writes its own codes; appends are single writes.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

SHOWN = 200
MAX_BYTES = 4 * 1024 * 1024  # the older half goes when the file is larger


@dataclass(frozen=True, slots=True)
class Message:
    """`at` is epoch seconds."""

    at: float
    to: str
    subject: str
    text: str


class Mailbox:
    """One file; several processes may add to it."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = folder / "mailbox.jsonl", clock

    def add(self, to: str, subject: str, text: str) -> None:
        # A line that a kill cut short must not take this one with it.
        line = b"\n" + json.dumps(asdict(Message(self._clock(), to, subject, text))).encode() + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._trim()
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def newest(self, count: int = SHOWN) -> list[Message]:
        """Newest first; a line that was cut by a kill is left out."""
        if not self._path.exists():
            return []
        lines = reversed(self._path.read_bytes().splitlines())
        return list(islice((message for line in lines if (message := _read(line))), count))

    def _trim(self) -> None:
        if self._path.exists() and self._path.stat().st_size > MAX_BYTES:
            newer = self._path.read_bytes()[-MAX_BYTES // 2 :]
            kept = self._path.with_suffix(".new")
            kept.touch(mode=0o600)
            kept.write_bytes(newer[newer.find(b"\n") + 1 :])
            kept.replace(self._path)


def _read(line: bytes) -> Message | None:
    try:
        return Message(**json.loads(line))
    except (ValueError, TypeError):
        return None
