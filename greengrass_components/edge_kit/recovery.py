"""What an earlier life of a journal left behind, and what it lost."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greengrass_components.edge_kit import records
from greengrass_components.edge_kit.files import os_boot
from greengrass_components.edge_kit.head import Head, LastRow, Owed, read_head
from greengrass_components.edge_kit.written import LastWritten, read_written


@dataclass(slots=True)
class Recovered:
    """`boot` is the newest one found, b"" for a journal without a past; `owed` is what the next one must say of it."""

    boot: bytes = b""
    last: dict[str, LastRow] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)


@dataclass(slots=True)
class _Tail:
    """Newest seq and time of a source in the segments of one boot."""

    seq: int
    row: LastRow


def segment_path(folder: Path, boot: bytes, index: int) -> Path:
    """Names sort in the order of writing."""
    return folder / f"{boot.hex()}-{index:08d}.seg"


def segments_of(folder: Path) -> list[Path]:
    """All segments, oldest first."""
    return sorted(folder.glob("????????????????-????????.seg"))


def boot_of(path: Path) -> str:
    """The boot in a segment's name."""
    return path.name[:16]


def recover(folder: Path, *, now_ms: int) -> Recovered:
    """Cut the torn tail of the last segment and find what the last boot may have lost. Raises OSError."""
    head = read_head(folder)
    segments = segments_of(folder)
    newest = max([head.boot.hex()] if head else [], default="")
    newest = max(newest, boot_of(segments[-1]) if segments else "")
    if not newest:
        return Recovered()
    tails: dict[str, _Tail] = {}
    of_boot = [path for path in segments if boot_of(path) == newest]
    if of_boot:
        cut_torn_tail(of_boot[-1])
    for path in of_boot:
        _read_tails(path, tails)
    last = dict(head.last) if head else {}
    last.update({source: tail.row for source, tail in tails.items()})
    found = Recovered(bytes.fromhex(newest), last, list(head.owed) if head else [])
    written = read_written(folder, found.boot)
    if head and head.boot.hex() == newest and not head.clean and head.os_boot != os_boot():
        found.owed += [(records.GAP, gap) for gap in _lost_in_power_cut(head, tails, written, now_ms)]
        written = {}
    found.owed += [(records.END, end) for end in _ends(newest, tails, written)]
    return found


def _ends(boot: str, tails: dict[str, _Tail], written: dict[str, LastWritten]) -> Iterator[dict[str, Any]]:
    """How far each source had come, whatever can still be read of it."""
    for source in sorted(tails.keys() | written.keys()):
        tail, note = tails.get(source), written.get(source)
        last = LastWritten(tail.seq, tail.row.at_ms, tail.row.period_ms, dropping=False) if tail else None
        if note and (last is None or note.seq > last.seq):
            last = note
        if last:
            yield {
                "source": source,
                "boot": boot,
                "last": last.seq,
                "at_ms": last.at_ms,
                "period_ms": last.period_ms,
                "reason": "disk_full" if last.dropping else "journal_damaged",
            }


def cut_torn_tail(path: Path) -> int:
    """Cut what follows the last whole record; the number of bytes cut. Damage before that stays where it is."""
    data = path.read_bytes()
    where = records.Scan(0)
    for _ in records.scan(data, 0, where):
        pass
    if where.end < len(data):
        handle = os.open(path, os.O_WRONLY)
        try:
            os.ftruncate(handle, where.end)
            os.fsync(handle)
        finally:
            os.close(handle)
    return len(data) - where.end


def _read_tails(path: Path, tails: dict[str, _Tail]) -> None:
    sources: dict[int, records.SourceRecord] = {}
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return  # the relay deleted it meanwhile: all its rows are stored
    for _, body in records.scan(data, 0, records.Scan(0)):
        if body[0] == records.SOURCE:
            source = records.unpack_source(body)
            sources[source.number] = source
        elif body[0] == records.ROW:
            number, seq, at_ms = records.row_head(body)
            if number in sources:
                source = sources[number]
                tails[source.source] = _Tail(seq, LastRow(at_ms, source.period_ms))


def _lost_in_power_cut(
    head: Head, tails: dict[str, _Tail], written: dict[str, LastWritten], now_ms: int
) -> Iterator[dict[str, Any]]:
    """Rows that may have been written behind the last one found: no more than were reserved, or than time allowed."""
    for source, reserved in head.reserved.items():
        tail, note = tails.get(source), written.get(source)
        last = note.seq if note else 0
        if tail is not None:
            could = (now_ms - tail.row.at_ms) // tail.row.period_ms
            last = max(last, min(reserved, tail.seq + max(0, could)))
        elif note:
            tail = _Tail(0, LastRow(note.at_ms - note.seq * note.period_ms, note.period_ms))
        if tail is not None and last > tail.seq:
            yield {
                "source": source,
                "boot": head.boot.hex(),
                "first": tail.seq + 1,
                "last": last,
                "reason": "power_cut",
                "from_ms": tail.row.at_ms + tail.row.period_ms,
                "to_ms": tail.row.at_ms + (last - tail.seq) * tail.row.period_ms,
            }
