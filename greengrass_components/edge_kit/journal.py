"""The journal of one process: every row of its sources on disk before anything is sent.

Folder: `head.json` (boot, reserved seqs, last row times), `written.bin` (newest seqs) and segments
`<boot>-<number>.seg`. The process that owns
the folder appends; the relay alone reads, sends and deletes.

A row is in the page cache when `append` returns, so a killed process loses nothing; `sync`, once a second for all
sources, makes it survive a power cut. What a power cut took lies between the last row found and the seqs reserved in
`head.json`, and is declared as a gap at the next start; so is what damage took of a boot whose end `written.bin` knows.
A full disk drops rows first, events last, and never raises: what cannot be written waits, and lost rows are declared.
"""

import errno
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cnc.domain.base.ids import boot_counter, new_boot
from cnc.domain.telemetry.schema import Schema
from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.files import os_boot, sync_folder
from greengrass_components.edge_kit.head import Head, LastRow, Owed, write_head
from greengrass_components.edge_kit.recovery import recover, segment_path, segments_of
from greengrass_components.edge_kit.written import Written, begin_written

RESERVE_MS: Final = 300_000
MIN_RESERVE: Final = 64
#: Shares of the disk limit at which the writer drops rows, and events.
ROWS_SHARE: Final = 1.1
EVENTS_SHARE: Final = 1.25
#: Events and declarations of a source that wait for room on the disk; beyond, the span of the oldest is declared.
MAX_WAITING: Final = 1000

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_data_sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


def _nothing() -> None:
    return


def _reason(error: OSError) -> str:
    return "disk_full" if error.errno in _FULL else "disk_error"


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """`disk_bytes` is what the relay keeps the folder below; the writer drops rows at 1.1 and events at 1.25 of it."""

    disk_bytes: int = 2 << 30
    segment_bytes: int = 4 << 20


@dataclass(slots=True)
class _Dropped:
    """Rows that could not be written, until that can be declared."""

    first: int
    last: int
    from_ms: int
    to_ms: int
    reason: str


@dataclass(slots=True)
class SourceJournal:
    """One source inside a journal; made by `Journal.source`."""

    journal: "Journal"
    id: str
    schema: Schema
    period_ms: int
    number: int
    seq: int = 0
    reserved: int = 0
    last: LastRow | None = None
    declared: bool = False
    place: int = -1
    name: bytes = b""
    _dropped: _Dropped | None = None
    _waiting: deque[tuple[int, int, bytes]] = field(default_factory=deque)
    _unheard: tuple[int, int] | None = None

    def append(self, at_ms: int, values: Sequence[int | None], quality: int) -> int:
        """Write one row and answer its seq. `values` are in the order of the schema. Never raises for a full disk."""
        seq = self.seq + 1
        journal = self.journal
        reason = journal.reserve(self) if seq > self.reserved else ""
        if seq == 1:
            self._declare_silence(at_ms)
        self.seq = seq
        reason = reason or self.settle() or self.declare_dropped()
        if not reason:
            reason = journal.write(records.pack_row(self.number, seq, at_ms, quality, values), rows=True)
        if reason:
            self._drop(seq, at_ms, reason)
        else:
            self.last = LastRow(at_ms, self.period_ms)
        dropping = self._dropped is not None
        journal.written.note(self.place, self.name, seq, at_ms, self.period_ms, dropping=dropping)
        return seq

    def event(self, at_ms: int, kind: str, data: dict[str, Any]) -> None:
        """Write an event seen in the newest row; it waits where there is no room."""
        self._say(at_ms, at_ms, records.pack_event(self.number, self.seq, at_ms, kind, data))

    def unobserved(self, from_ms: int, to_ms: int, why: str) -> None:
        """Declare a span in which no row was made."""
        if from_ms < to_ms:
            content = {"source": self.id, "from_ms": from_ms, "to_ms": to_ms, "why": why}
            self._say(from_ms, to_ms, records.pack_json(records.UNOBSERVED, content))

    def settle(self) -> str:
        """Write what the source has to say before its next row; "" or why that must wait."""
        reason = self.journal.make_ready() or self.declare()
        while self._waiting and not reason:
            reason = self.journal.write(self._waiting[0][2], rows=False)
            if not reason:
                self._waiting.popleft()
        if self._unheard and not reason:
            (from_ms, to_ms), self._unheard = self._unheard, None
            self.unobserved(from_ms, to_ms, "events_lost")
        return reason

    def _say(self, from_ms: int, to_ms: int, record: bytes) -> None:
        if len(self._waiting) >= MAX_WAITING:
            first, last, _ = self._waiting.popleft()
            known = self._unheard or (first, last + 1)
            self._unheard = min(known[0], first), max(known[1], last + 1)
        self._waiting.append((from_ms, to_ms, record))
        self.settle()

    def declare(self) -> str:
        """Say in this segment what the source's number stands for; "" or why that was not possible."""
        if self.declared:
            return ""
        record = records.pack_source(self.number, self.period_ms, self.id, self.schema.canonical())
        reason = self.journal.write(record, rows=False)
        self.declared = not reason
        return reason

    def declare_dropped(self) -> str:
        """Write the gap of rows that were dropped; "" or why it must wait."""
        lost = self._dropped
        if lost is None:
            return ""
        content = {
            "source": self.id,
            "boot": self.journal.boot.hex(),
            "first": lost.first,
            "last": lost.last,
            "reason": lost.reason,
            "from_ms": lost.from_ms,
            "to_ms": lost.to_ms,
        }
        reason = self.journal.write(records.pack_json(records.GAP, content), rows=True, again=True)
        if not reason:
            self._dropped = None
        return reason

    def _declare_silence(self, at_ms: int) -> None:
        if self.last is not None:
            self.unobserved(self.last.at_ms + self.last.period_ms, at_ms, "not_running")

    def _drop(self, seq: int, at_ms: int, reason: str) -> None:
        if self._dropped is None:
            self._dropped = _Dropped(seq, seq, at_ms, at_ms, reason)
        else:
            self._dropped.last, self._dropped.to_ms = seq, at_ms


@dataclass(slots=True)
class Journal:
    """All sources of one process. Made by `Journal.open`; one thread may use it."""

    folder: Path
    component: str
    boot: bytes
    limits: JournalLimits
    clock_ms: Callable[[], int]
    written: Written
    sources: dict[str, SourceJournal] = field(default_factory=dict)
    earlier: dict[str, LastRow] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    _handle: int = -1
    _size: int = 0
    _index: int = 0
    _older_bytes: int = 0
    _unsynced: bool = False
    _unsyncable: bool = False
    _next_number: int = 0

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        component: str,
        clock_ms: Callable[[], int],
        random: Callable[[int], bytes],
        limits: JournalLimits | None = None,
    ) -> "Journal":
        """Recover what an earlier life left, cut its torn tail, and begin a boot. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        now_ms = clock_ms()
        found = recover(folder, now_ms=now_ms)
        # A journal without a past starts at the seconds since 1970, so that it sorts after one lost with its disk.
        counter = boot_counter(found.boot) + 1 if found.boot else now_ms // 1000
        boot = new_boot(min(counter, 0xFFFF_FFFF), random)
        # Only when the head holds what is owed about the boot before may its `written.bin` go.
        write_head(folder, Head(boot, os_boot(), False, now_ms, {}, found.last, tuple(found.owed)))
        journal = cls(
            folder=folder,
            component=component,
            boot=boot,
            limits=limits or JournalLimits(),
            clock_ms=clock_ms,
            written=begin_written(folder, boot),
            earlier=found.last,
            owed=found.owed,
        )
        journal._new_segment()
        journal.sync()
        return journal

    def source(self, source: str, *, schema: Schema, period_ms: int) -> SourceJournal:
        """Begin a source, or go on with it under another schema or period; seqs go on either way."""
        known = self.sources.get(source)
        if known is None:
            last, place = self.earlier.get(source), self.written.place(source)
            known = SourceJournal(self, source, schema, period_ms, self._next_number, last=last)
            known.place, known.name = place, source.encode()
            self.sources[source] = known
        elif (known.schema.hash, known.period_ms) == (schema.hash, period_ms):
            return known
        else:
            known.schema, known.period_ms, known.number = schema, period_ms, self._next_number
            known.declared = False
        self._next_number += 1
        self.make_ready()
        known.declare()
        return known

    def reserve(self, wanting: SourceJournal) -> str:
        """Reserve seqs for minutes ahead, for all sources at once, durable before any is used; "" or why not."""
        before = {source.id: source.reserved for source in self.sources.values()}
        for source in self.sources.values():
            block = max(MIN_RESERVE, RESERVE_MS // source.period_ms)
            if source is wanting or source.reserved - source.seq < block // 2:
                source.reserved = source.seq + block
        try:
            self._write_head(clean=False)
        except OSError as error:
            for source in self.sources.values():
                source.reserved = before[source.id]
            return _reason(error)
        return ""

    def write(self, record: bytes, *, rows: bool, again: bool = False) -> str:
        """Append a record; "" or the reason why it could not be written. Rows give way before events do.

        What is no row, and rows' gaps (`again`), stands there twice.
        """
        if again or not rows:
            record = records.twice(record)
        share = ROWS_SHARE if rows else EVENTS_SHARE
        if self._older_bytes + self._size + len(record) > self.limits.disk_bytes * share:
            self._older_bytes = self._count_older()
            if self._older_bytes + self._size + len(record) > self.limits.disk_bytes * share:
                return "disk_full"
        try:
            return self._append(record)
        except OSError as error:
            return _reason(error)

    def make_ready(self) -> str:
        """Begin a segment where the last one is full or gone; "" or the reason why there is none to write to."""
        if self._unsyncable:
            self._abandon()  # what a disk has refused to keep may be gone; the next rows need not share that
        if self._handle < 0 or self._size > self.limits.segment_bytes:
            try:
                self._new_segment()
            except OSError as error:
                self._abandon()
                return _reason(error)
        return self._pay() if self.owed else ""

    def _pay(self) -> str:
        """Say of earlier boots what is owed; "" or why that must wait."""
        while self.owed:
            reason = self.write(records.pack_json(*self.owed[0]), rows=False)
            if reason:
                return reason
            self.owed.pop(0)
        return ""

    def sync(self) -> None:
        """Make everything written so far survive a power cut. Raises OSError for a disk that cannot."""
        self.begin_sync()()

    def begin_sync(self) -> Callable[[], None]:
        """The slow half of `sync`, which another thread may run while this one goes on writing."""
        self.make_ready()
        for source in self.sources.values():
            if not source.settle():
                source.declare_dropped()
        if self._handle < 0 or not self._unsynced:
            return _nothing
        self._unsynced = False
        handle = os.dup(self._handle)  # the segment may be closed meanwhile

        def finish() -> None:
            try:
                _data_sync(handle)
            except OSError:
                self._unsyncable = True
                raise
            finally:
                os.close(handle)

        return finish

    def close(self) -> None:
        """End the boot: everything durable, and said to be whole."""
        try:
            self.sync()
        finally:
            self._abandon()
        self._write_head(clean=True)

    def last_rows(self) -> dict[str, LastRow]:
        """The newest row of every source this journal ever had, for the next start."""
        newest = {source.id: source.last for source in self.sources.values() if source.last}
        return {**self.earlier, **newest}

    def _append(self, record: bytes) -> str:
        try:
            written = os.write(self._handle, record)
        except OSError:
            self._cut_back()
            raise
        if written < len(record):
            self._cut_back()
            return "disk_full"
        self._size += written
        self._unsynced = True
        return ""

    def _cut_back(self) -> None:
        """Take back half a record; where even that fails, the segment is left behind and a fresh one begun."""
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:
            self._abandon()

    def _abandon(self) -> None:
        self._unsyncable = False
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _new_segment(self) -> None:
        """Begin a segment; sources declare themselves in it with their next record. Raises OSError."""
        if self._handle >= 0:
            try:
                if self._unsynced:
                    _data_sync(self._handle)
            finally:
                os.close(self._handle)
                self._handle, self._unsynced = -1, False
        self._index += 1  # even where this fails: the relay may follow the file that is taken away again
        path = segment_path(self.folder, self.boot, self._index)
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._size = 0
        head = {"boot": self.boot.hex(), "component": self.component, "made_ms": self.clock_ms()}
        try:
            if self._append(records.twice(records.pack_json(records.SEGMENT, head))):
                raise OSError(errno.ENOSPC, "no room for the head of a segment", str(path))
        except OSError:
            self._abandon()
            path.unlink()  # a full disk would fill with names
            raise
        for source in self.sources.values():
            source.declared = False
        sync_folder(self.folder)
        self._older_bytes = self._count_older()

    def _count_older(self) -> int:
        current = segment_path(self.folder, self.boot, self._index)
        total = 0
        for path in segments_of(self.folder):
            if path != current:
                try:
                    total += path.stat().st_size
                except FileNotFoundError:
                    continue  # the relay deleted it meanwhile
        return total

    def _write_head(self, *, clean: bool) -> None:
        reserved = {source.id: source.reserved for source in self.sources.values()}
        head = Head(self.boot, os_boot(), clean, self.clock_ms(), reserved, self.last_rows(), tuple(self.owed))
        write_head(self.folder, head)
