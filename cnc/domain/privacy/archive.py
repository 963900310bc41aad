"""A ZIP archive that is made in pieces: its whole state between two members fits into JSON.

    [ local header | name | extra ][ content ] … [ central directory ][ zip64 end ][ zip64 locator ][ end ]

Every member has ZIP64 sizes in its headers (APPNOTE 6.3.10, 4.5.3), so that an archive may pass 4 GB anywhere. Content
is deflated unless that makes it no smaller. Times are those of the export and not of the clock, so that the same
members are the same bytes.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cnc.domain.base.errors import BadValue

_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_END64: Final = struct.Struct("<IQHHIIQQQQ")
_LOCATOR: Final = struct.Struct("<IIQI")
_END: Final = struct.Struct("<IHHHHIIH")
_SIZES: Final = struct.Struct("<HHQQ")
_SIZES_AND_PLACE: Final = struct.Struct("<HHQQQ")
_ZIP64_EXTRA: Final = 1
_VERSION: Final = 45  # the first that knows ZIP64
_UTF8: Final = 0x0800
_STORED, _DEFLATED = 0, 8
_BEYOND: Final = 0xFFFFFFFF
_MADE_BY_UNIX: Final = 3 << 8
_OWNER_READS: Final = 0o100600 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the central directory lists it."""

    name: str
    crc: int
    packed: int
    size: int
    place: int
    method: int

    def row(self) -> list[Any]:
        return [self.name, self.crc, self.packed, self.size, self.place, self.method]


@dataclass(slots=True)
class Archive:
    """`add` and `finish` answer the bytes that come next; nothing of the content is kept."""

    at: datetime
    length: int = 0
    entries: list[Entry] = field(default_factory=list)

    def add(self, name: str, content: bytes) -> bytes:
        """Header and content of one more member. Raises BadValue for a name that is there already."""
        if not name or any(entry.name == name for entry in self.entries[-2:]):
            raise BadValue(seen=name, expected="a member name of its own")
        deflated = zlib.compress(content, 6, wbits=-15)
        smaller = len(deflated) < len(content)
        packed, method = (deflated, _DEFLATED) if smaller else (content, _STORED)
        entry = Entry(name, zlib.crc32(content), len(packed), len(content), self.length, method)
        encoded = name.encode()
        extra = _SIZES.pack(_ZIP64_EXTRA, 16, entry.size, entry.packed)
        head = _LOCAL.pack(
            0x04034B50, _VERSION, _UTF8, method, *_dos(self.at), entry.crc, _BEYOND, _BEYOND, len(encoded), len(extra)
        )
        made = head + encoded + extra + packed
        self.entries.append(entry)
        self.length += len(made)
        return made

    def finish(self) -> bytes:
        """The central directory and its ends."""
        directory = b"".join(map(self._listed, self.entries))
        count, start = len(self.entries), self.length
        end64 = _END64.pack(0x06064B50, 44, _VERSION, _VERSION, 0, 0, count, count, len(directory), start)
        locator = _LOCATOR.pack(0x07064B50, 0, start + len(directory), 1)
        few = min(count, 0xFFFF)
        end = _END.pack(0x06054B50, 0, 0, few, few, min(len(directory), _BEYOND), min(start, _BEYOND), 0)
        return directory + end64 + locator + end

    def state(self) -> dict[str, Any]:
        """What `resumed` needs to go on, as JSON."""
        return {"length": self.length, "entries": [entry.row() for entry in self.entries]}

    def _listed(self, entry: Entry) -> bytes:
        encoded = entry.name.encode()
        extra = _SIZES_AND_PLACE.pack(_ZIP64_EXTRA, 24, entry.size, entry.packed, entry.place)
        fixed = _CENTRAL.pack(
            0x02014B50, _MADE_BY_UNIX | _VERSION, _VERSION, _UTF8, entry.method, *_dos(self.at), entry.crc,
            _BEYOND, _BEYOND, len(encoded), len(extra), 0, 0, 0, _OWNER_READS, _BEYOND,
        )  # fmt: skip
        return fixed + encoded + extra


def resumed(state: dict[str, Any], *, at: datetime) -> Archive:
    """The archive that `state()` was taken of."""
    rows: Sequence[list[Any]] = state["entries"]
    return Archive(at, int(state["length"]), [Entry(*row) for row in rows])


def _dos(at: datetime) -> tuple[int, int]:
    """Time and date in the two words of DOS, which begin in 1980 and count seconds by two."""
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    return time, (max(at.year, 1980) - 1980) << 9 | at.month << 5 | at.day
