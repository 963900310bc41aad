"""Calls that changed moto's state, one JSON line each, with the seed of what moto made up during the call.

A line that was cut by a kill is the last one; it was never acknowledged and is cut off at the next start.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from local_cloud.door.calls import Call

_HEADERS = ("content-type", "x-amz-target", "x-amz-copy-source")


@dataclass(frozen=True, slots=True)
class Entry:
    seed: int
    call: Call


class Journal:
    def __init__(self, path: Path) -> None:
        self._path = path
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        data = path.read_bytes()
        os.truncate(path, data.rfind(b"\n") + 1)

    def read(self) -> Iterator[Entry]:
        for line in self._path.read_bytes().splitlines():
            said = json.loads(line)
            call = Call(
                said["method"], said["target"], said["headers"], base64.b64decode(said["body"]), said["service"]
            )
            yield Entry(said["seed"], call)

    def forget(self, service: str, names: Iterable[str]) -> None:
        """Remove the calls of one service that name any of these: what they made was deleted."""
        wanted = [json.dumps(name).encode() for name in names if name]
        kept = [entry for entry in self.read() if entry.call.service != service or not _names(entry.call.body, wanted)]
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        Journal(fresh).extend(kept)
        fresh.replace(self._path)

    def extend(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.append(entry)

    def append(self, entry: Entry) -> None:
        """Durable when it returns."""
        call = entry.call
        said = {
            "seed": entry.seed,
            "service": call.service,
            "method": call.method,
            "target": call.raw_target,
            "headers": {name: call.headers[name] for name in _HEADERS if name in call.headers},
            "body": base64.b64encode(call.body).decode(),
        }
        with self._path.open("ab") as file:
            file.write(json.dumps(said, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _names(body: bytes, wanted: list[bytes]) -> bool:
    return any(name in body for name in wanted)
