"""Ports of the privacy services in memory."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from cnc.services.privacy.exports import Export, ExportState
from cnc.services.privacy.ports import Uploaded

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


@dataclass
class FakeExports:
    rows: dict[str, Export] = field(default_factory=dict)
    fails_once: bool = False

    def get(self, export: str, /) -> Export | None:
        return self.rows.get(export)

    def put(self, export: Export, /) -> None:
        if export.state is ExportState.DONE and self.fails_once:
            self.fails_once = False
            raise ConnectionError("put")
        self.rows[export.id] = export

    def all(self) -> list[Export]:
        return list(self.rows.values())


@dataclass
class FakeArchives:
    """Parts in memory; `fails_at` is the number of the call that raises."""

    parts: dict[int, bytes] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    states: dict[str, bytes] = field(default_factory=dict)
    fails_at: int = -1
    calls: int = 0
    largest: int = 0

    def _call(self) -> None:
        self.calls += 1
        if self.calls == self.fails_at:
            raise ConnectionError(f"call {self.calls}")

    def begin(self, name: str, *, at: datetime) -> str:
        self._call()
        return "upload-1"

    def part(self, name: str, body: bytes, *, at: datetime, upload: str, number: int) -> str:
        self._call()
        if name in self.bodies:
            raise LookupError("NoSuchUpload")
        self.largest = max(self.largest, len(body))
        self.parts[number] = body
        return f"tag-{number}-{len(body)}"

    def finish(self, name: str, *, at: datetime, upload: str, tags: list[str]) -> None:
        self._call()
        assert [tag.split("-")[1] for tag in tags] == [str(number + 1) for number in range(len(tags))]
        self.bodies[name] = b"".join(self.parts[number + 1] for number in range(len(tags)))

    def abort(self, name: str, *, at: datetime, upload: str) -> None:
        self.parts.clear()

    def size(self, name: str, *, at: datetime) -> int | None:
        return len(self.bodies[name]) if name in self.bodies else None

    def keep(self, state: Uploaded, *, at: datetime, name: str) -> None:
        self._call()
        self.states[name] = state.packed()

    def kept(self, name: str, *, at: datetime) -> Uploaded | None:
        return Uploaded.unpacked(json.loads(self.states[name])) if name in self.states else None

    def forget(self, name: str, *, at: datetime) -> None:
        self.states.pop(name, None)

    def remove(self, name: str, *, at: datetime) -> None:
        self.bodies.pop(name, None)


class Ticking:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self, start: datetime = NOW) -> None:
        self._seconds = count()
        self._start = start

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=next(self._seconds))
