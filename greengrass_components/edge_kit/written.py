"""`written.bin` of a journal: the newest seq of every source, in memory that outlives the process.

    [ boot 8b ][ crc32 4b ][ 4b 0 ]   then per source two places, used in turn, so that one is always whole:
    [ source 18b ][ period ms 4b ][ seq 8b ][ time ms 8b ][ dropping 1b ][ crc32 4b ][ 5b 0 ]

It tells what a killed process had written when its segments were damaged afterwards. After a power cut it is as old as
the disk likes; then the seqs reserved in `head.json` count.
"""

import logging
import mmap
import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Final

from greengrass_components.edge_kit.files import write_atomic

log = logging.getLogger(__name__)

FIRST_SOURCES: Final = 32

_HEAD: Final = Struct("<8sI4x")
_PLACE: Final = Struct("<18sIQqB")
_CRC: Final = Struct("<I")
_PLACE_BYTES: Final = 48
_SOURCE_BYTES: Final = 2 * _PLACE_BYTES


@dataclass(frozen=True, slots=True)
class LastWritten:
    """`dropping` = rows up to `seq` could not be written, which was not declared yet."""

    seq: int
    at_ms: int
    period_ms: int
    dropping: bool


@dataclass(slots=True)
class Written:
    """Made by `begin_written`; one thread may use it."""

    path: Path
    memory: mmap.mmap
    _sources: dict[str, int] = field(default_factory=dict)

    def place(self, source: str) -> int:
        """The number of a source's places, -1 when there is no room for it on the disk."""
        number = self._sources.get(source, len(self._sources))
        if _HEAD.size + (number + 1) * _SOURCE_BYTES > len(self.memory):
            try:
                write_atomic(self.path, self.memory[:] + bytes(len(self.memory)))
                self.memory = _mapped(self.path)
            except OSError as error:
                log.error("%s cannot grow: %s", self.path, error)
                return -1
        self._sources[source] = number
        return number

    def note(self, place: int, source: bytes, seq: int, at_ms: int, period_ms: int, *, dropping: bool) -> None:
        """The newest row of a source. Costs no system call."""
        if place < 0:
            return
        packed = _PLACE.pack(source, period_ms, seq, at_ms, dropping)
        at = _HEAD.size + place * _SOURCE_BYTES + seq % 2 * _PLACE_BYTES
        self.memory[at : at + _PLACE.size + _CRC.size] = packed + _CRC.pack(zlib.crc32(packed))


def begin_written(folder: Path, boot: bytes) -> Written:
    """A fresh file, all of it on the disk, so that a full one never shows in the middle. Raises OSError."""
    path = folder / "written.bin"
    write_atomic(path, _HEAD.pack(boot, zlib.crc32(boot)) + bytes(FIRST_SOURCES * _SOURCE_BYTES))
    return Written(path, _mapped(path))


def _mapped(path: Path) -> mmap.mmap:
    handle = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(handle, 0)
    finally:
        os.close(handle)


def read_written(folder: Path, boot: bytes) -> dict[str, LastWritten]:
    """What a boot had written, by source; empty when the file is of another boot or cannot be read."""
    try:
        data = (folder / "written.bin").read_bytes()
    except OSError:
        return {}
    if len(data) < _HEAD.size or _HEAD.unpack_from(data) != (boot, zlib.crc32(boot)):
        return {}
    found: dict[str, LastWritten] = {}
    for at in range(_HEAD.size, len(data) - _PLACE_BYTES + 1, _PLACE_BYTES):
        packed = data[at : at + _PLACE.size]
        if packed[0] == 0 or _CRC.unpack_from(data, at + _PLACE.size) != (zlib.crc32(packed),):
            continue
        source, period_ms, seq, at_ms, dropping = _PLACE.unpack(packed)
        name = source.decode("ascii", "replace")
        if name not in found or found[name].seq < seq:
            found[name] = LastWritten(seq, at_ms, max(1, period_ms), bool(dropping))
    return found
