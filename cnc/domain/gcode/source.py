"""A program file read in pieces: lines from any byte on, and where a program or a sequence number stands."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, NamedTuple

_FIRST_PIECE: Final = 2_048
_PIECE: Final = 65_536
_MAX_PROGRAMS: Final = 10_000
#: Stands where a line was cut, before the count of characters lost; never part of a line itself.
CUT: Final = "\x00"
_STAND_IN: Final = "\x01"
_MARK: Final = re.compile(rb"^%", re.MULTILINE)
_PROGRAM: Final = re.compile(rb"^[ \t]*(?:[:O]0*(\d{1,8})|<([^>\r\n]{1,64})>)", re.MULTILINE)


class Place(NamedTuple):
    """Start of a line: byte offset, and its number from 1."""

    offset: int
    line: int


class Source:
    """Bytes of one file behind `read_at(offset, size)`; nothing but a piece of it is ever held."""

    __slots__ = ("_programs", "_read_at", "size")

    def __init__(self, read_at: Callable[[int, int], bytes], *, size: int) -> None:
        self._read_at = read_at
        self.size = size
        self._programs: dict[str, Place] | None = None

    @classmethod
    def of_bytes(cls, data: bytes) -> "Source":
        return cls(lambda offset, size: data[offset : offset + size], size=len(data))

    @classmethod
    def of_text(cls, text: str) -> "Source":
        """Characters outside Latin-1 become `?`: no control could take them."""
        return cls.of_bytes(text.encode("latin-1", "replace"))

    @classmethod
    def of_file(cls, stream: BinaryIO) -> "Source":
        """A seekable file, which stays open as long as the source is read."""

        def read_at(offset: int, size: int) -> bytes:
            stream.seek(offset)
            return stream.read(size)

        return cls(read_at, size=stream.seek(0, 2))

    def read_at(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on, none at the end."""
        return self._read_at(offset, size)

    def lines(self, offset: int, *, limit: int) -> Iterator[str]:
        """Lines from `offset` on, without their LF; one character is one byte (Latin-1).

        A line longer than `limit` comes cut: its beginning, `CUT`, and how many characters are missing (`size_of`).
        """
        piece = _FIRST_PIECE
        carry, lost = "", 0
        while data := self._read_at(offset, piece):
            offset += len(data)
            whole = data.decode("latin-1")
            parts = (whole.replace(CUT, _STAND_IN) if CUT in whole else whole).split("\n")
            parts[0] = carry + parts[0]
            carry = parts.pop()
            for text in parts:
                if lost or len(text) > limit:
                    yield f"{text[:limit]}{CUT}{lost + max(0, len(text) - limit)}"
                    lost = 0
                else:
                    yield text
            if len(carry) > limit:
                lost += len(carry) - limit
                carry = carry[:limit]
            piece = min(_PIECE, piece * 4)
        if carry:
            yield f"{carry}{CUT}{lost}" if lost else carry

    def first(self) -> Place:
        """Where reading begins: after a leader, which is text before the first `%` when a program head follows that."""
        data = self._read_at(0, _FIRST_PIECE)
        mark = _MARK.search(data)
        if mark is None or _PROGRAM.search(data, 0, mark.start()) or not _PROGRAM.search(data, mark.end()):
            return Place(0, 1)
        return Place(mark.start(), data.count(b"\n", 0, mark.start()) + 1)

    def find_program(self, name: str) -> Place | None:
        """Where the program of this name begins (`O0100` or a name)."""
        if self._programs is None:
            self._programs = self._index()
        return self._programs.get(name)

    def programs(self) -> list[str]:
        """Names of the programs in this file, in order, at most 10,000."""
        if self._programs is None:
            self._programs = self._index()
        return list(self._programs)

    def _index(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for match, place in self._matches(_PROGRAM, Place(0, 1), self.size):
            number, named = match.groups()
            name = named.decode("latin-1").upper() if named else program_name(int(number))
            found.setdefault(name, place)
            if len(found) >= _MAX_PROGRAMS:
                break
        return found

    def find_sequence(self, number: int, *, start: Place, end: int) -> tuple[Place | None, int]:
        """The first block N<number> from `start` on, before byte `end` and the end of its program; bytes searched."""
        wanted = re.compile(rb"^[ \t/]*(?:\d[ \t]*)?(?:(N)[ \t]*0*%d(?!\d)|%%|[:O]\d|<)" % number, re.MULTILINE)
        for match, place in self._matches(wanted, start, end):
            if match.group(1):
                return place, place.offset - start.offset
            if place.offset > start.offset:
                return None, place.offset - start.offset
        return None, max(0, end - start.offset)

    def _matches(self, pattern: re.Pattern[bytes], start: Place, end: int) -> Iterator[tuple[re.Match[bytes], Place]]:
        """Matches at the beginning of lines; only the first 128 bytes of a line count."""
        offset, line = start
        carry = b""
        while offset + len(carry) < end and (data := self._read_at(offset + len(carry), _PIECE)):
            whole = carry + data
            last = offset + len(whole) >= self.size
            cut = len(whole) if last else whole.rfind(b"\n") + 1
            counted = 0
            for match in pattern.finditer(whole, 0, cut):
                begins = whole.rfind(b"\n", counted, match.end()) + 1 or counted
                line += whole.count(b"\n", counted, begins)
                counted = begins
                if offset + begins < end:
                    yield match, Place(offset + begins, line)
            line += whole.count(b"\n", counted, cut)
            offset += cut
            carry = whole[cut:]
            if len(carry) > _PIECE:  # one line without an end: nothing in it can be found any more
                offset += len(carry) - 128
                carry = b" " * 128


def size_of(text: str) -> int:
    """Bytes that a line of `Source.lines` takes in its file, LF included."""
    kept, cut, lost = text.partition(CUT)
    return len(kept) + (int(lost) if cut else 0) + 1


def program_name(number: int) -> str:
    """`O0100`: at least four digits, as controls show it."""
    return f"O{number:04d}"
