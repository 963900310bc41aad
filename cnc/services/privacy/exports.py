"""Exports: what was asked for, how far it is, and the machine that makes the archive in runs that may end anywhere.

queued -> running -> done -> expired; failed and cancelled end it too. The archive is uploaded in parts of at least
8 MiB; after every part its state is kept beside it, and a run that was cut off goes on there. What came after the last
kept state is made again, so no member is missing or twice. Memory holds one member and one part.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol

from cnc.domain.base.clock import from_ms, to_ms
from cnc.domain.base.errors import CncError
from cnc.domain.base.ids import new_id
from cnc.domain.privacy.archive import Archive, resumed
from cnc.domain.privacy.retention import KEPT
from cnc.services.privacy.ports import Archives, Uploaded

PART_BYTES: Final = 8 << 20
#: One person or shop does not fill the queue: as many may be on their way at once.
MOST_OPEN: Final = 5
#: A run that told nothing for so long has ended.
STALLED: Final = timedelta(minutes=20)


class ExportKind(StrEnum):
    """Of whom or what."""

    PERSON = "person"
    TENANT = "tenant"
    MACHINE = "machine"


class ExportState(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


_OPEN: Final = (ExportState.QUEUED, ExportState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One order. `from_ms` and `to_ms` bound the telemetry of a machine; 0 = from the first row, to now.

    `members` and `size` (bytes) count what is in the archive by now, `percent` estimates, `stage` names what is read.
    `why` says why it failed.
    """

    id: str
    kind: ExportKind
    subject: str
    by: str
    asked_ms: int
    from_ms: int = 0
    to_ms: int = 0
    state: ExportState = ExportState.QUEUED
    told_ms: int = 0
    done_ms: int = 0
    members: int = 0
    size: int = 0
    percent: int = 0
    stage: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """Of its object."""
        return f"{self.id}.zip"

    @property
    def at(self) -> datetime:
        return from_ms(self.asked_ms)

    @property
    def ends_ms(self) -> int:
        """When the archive is removed."""
        kept = KEPT["exports"].kept
        assert kept is not None
        return (self.done_ms or self.asked_ms) + int(kept.total_seconds() * 1000)

    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @classmethod
    def of_text(cls, text: str) -> "Export":
        body = json.loads(text)
        return cls(**body | {"kind": ExportKind(body["kind"]), "state": ExportState(body["state"])})


class Exports(Protocol):
    """Orders of the tenant acted for."""

    def get(self, export: str, /) -> Export | None: ...
    def put(self, export: Export, /) -> None: ...
    def all(self) -> list[Export]: ...


class Member(NamedTuple):
    """One file of the archive. `place` is where its section goes on after it, `percent` how much of it is done then."""

    name: str
    content: bytes
    place: str = ""
    percent: int = 100


class Section(NamedTuple):
    """A part of the content; `members(after)` are those that come after a place."""

    stage: str
    members: Callable[[str], Iterator[Member]]
    #: Share of the work, for the estimate.
    weight: int = 1


def ask(
    kind: ExportKind,
    subject: str,
    *,
    by: str,
    exports: Exports,
    random: Callable[[int], bytes],
    now: datetime,
    span_ms: tuple[int, int] = (0, 0),
) -> Export:
    """A new order. Raises CncError `limit.rate` when too many of the tenant are on their way."""
    waiting = [one for one in exports.all() if one.state in _OPEN and not stalled(one, now=now)]
    same = next((one for one in waiting if (one.kind, one.subject, one.by) == (kind, subject, by)), None)
    if same is not None and (same.from_ms, same.to_ms) == span_ms:
        return same
    if len(waiting) >= MOST_OPEN:
        raise CncError(
            "limit.rate", seen=f"{len(waiting)} exports on their way", expected=f"at most {MOST_OPEN}", todo="Wait."
        )
    made = Export(
        id=new_id("x", random),
        kind=kind,
        subject=subject,
        by=by,
        asked_ms=to_ms(now),
        told_ms=to_ms(now),
        from_ms=span_ms[0],
        to_ms=span_ms[1],
    )
    exports.put(made)
    return made


def stalled(export: Export, *, now: datetime) -> bool:
    """Whether nobody works at it any more: it may be begun again, where it stopped."""
    return export.state in _OPEN and now - from_ms(export.told_ms) > STALLED


def run(
    export: Export,
    *,
    sections: Sequence[Section],
    exports: Exports,
    archives: Archives,
    time_left: Callable[[], bool],
    now: Callable[[], datetime],
) -> Export:
    """Make the archive, or go on with it, until it is done or the time is up; the order as it stands then."""
    if export.state not in _OPEN:
        return export
    state = archives.kept(export.name, at=export.at)
    if state is None:
        state = Uploaded(archives.begin(export.name, at=export.at), Archive(export.at).state())
    archive = resumed(state.archive, at=export.at)
    maker = _Maker(export, sections, exports, archives, now, state, archive)
    if archives.size(export.name, at=export.at) is not None:
        return maker.done()  # a run ended between the last part and the order
    for member in maker.left():
        maker.add(member)
        if not time_left():
            maker.keep()
            return maker.export
    return maker.finish()


@dataclass(slots=True)
class _Maker:
    export: Export
    sections: Sequence[Section]
    exports: Exports
    archives: Archives
    now: Callable[[], datetime]
    state: Uploaded
    archive: Archive

    def left(self) -> Iterator[Member]:
        """Members that are not in the archive yet."""
        state = self.state
        for number in range(state.section, len(self.sections)):
            section = self.sections[number]
            after = state.place if number == state.section else ""
            state.section = number
            for member in section.members(after):
                state.place = member.place
                self._tell(stage=section.stage, percent=self._percent(number, member.percent))
                yield member
            state.section, state.place = number + 1, ""

    def add(self, member: Member) -> None:
        self.state.tail += self.archive.add(member.name, member.content)
        self.export = replace(self.export, members=len(self.archive.entries), size=self.archive.length)
        if len(self.state.tail) >= PART_BYTES:
            self._upload()
            self.keep()

    def keep(self) -> None:
        self.state.archive = self.archive.state()
        self.archives.keep(self.state, at=self.export.at, name=self.export.name)
        self._put(state=ExportState.RUNNING)

    def finish(self) -> Export:
        self.state.tail += self.archive.finish()
        self._upload()
        self.archives.finish(self.export.name, at=self.export.at, upload=self.state.upload, tags=self.state.tags)
        return self.done()

    def done(self) -> Export:
        size = self.archives.size(self.export.name, at=self.export.at) or 0
        self._put(state=ExportState.DONE, size=size, percent=100, stage="", done_ms=to_ms(self.now()))
        self.archives.forget(self.export.name, at=self.export.at)
        return self.export

    def _upload(self) -> None:
        state = self.state
        tag = self.archives.part(
            self.export.name, state.tail, at=self.export.at, upload=state.upload, number=len(state.tags) + 1
        )
        state.tags.append(tag)
        state.tail = b""

    def _percent(self, number: int, within: int) -> int:
        weights = [section.weight for section in self.sections]
        done = sum(weights[:number]) * 100 + weights[number] * within
        return min(99, done // sum(weights))

    def _tell(self, **changed: Any) -> None:
        """Progress people look at: written at most once in two seconds."""
        self.export = replace(self.export, **changed)
        if to_ms(self.now()) - self.export.told_ms >= 2_000:
            self._put(state=ExportState.RUNNING)

    def _put(self, **changed: Any) -> None:
        self.export = replace(self.export, told_ms=to_ms(self.now()), **changed)
        self.exports.put(self.export)
