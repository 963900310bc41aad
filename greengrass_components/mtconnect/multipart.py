"""The parts of a multipart/x-mixed-replace stream, as bytes come in.

--boundary
Content-type: text/xml
Content-length: 1234

<the document>
"""

import re
from typing import Final

from greengrass_components.mtconnect.errors import BadDocument
from greengrass_components.mtconnect.xml import MAX_BYTES

MAX_HEAD: Final = 8 << 10
_LENGTH: Final = re.compile(rb"content-length\s*:\s*(\d{1,10})\s*\Z", re.IGNORECASE)


def boundary_of(content_type: str) -> str:
    """The boundary of a Content-Type, "" when that is no multipart."""
    kind, *parameters = content_type.split(";")
    if not kind.strip().lower().startswith("multipart/"):
        return ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary":
            return value.strip().strip('"')
    return ""


class Multipart:
    """Feed bytes, get whole bodies. Parts with a Content-length are ready with their last byte; others when the next
    part begins."""

    def __init__(self, boundary: str) -> None:
        mark = boundary.encode("ascii", "replace")
        self._mark = mark if mark.startswith(b"--") else b"--" + mark
        self._data = bytearray()
        self.ended = False

    def feed(self, data: bytes) -> list[bytes]:
        """Raises BadDocument for what is no such stream."""
        self._data += data
        found = []
        while not self.ended and (body := self._take()) is not None:
            if body:
                found.append(body)
        if len(self._data) > MAX_BYTES + MAX_HEAD:
            raise BadDocument(seen=f"a part of more than {MAX_BYTES} bytes", expected="a smaller one")
        return found

    def _take(self) -> bytes | None:
        at = self._data.find(self._mark)
        if at < 0:
            if len(self._data) > MAX_HEAD:
                raise BadDocument(seen=bytes(self._data[:60]), expected="the boundary of a part")
            return None
        start = at + len(self._mark)
        if self._data[start : start + 2] == b"--":
            self.ended = True
            return None
        head_end, gap = self._head_end(start)
        if head_end < 0:
            if len(self._data) - start > MAX_HEAD:
                raise BadDocument(seen=bytes(self._data[start : start + 60]), expected="the headers of a part")
            return None
        return self._body(bytes(self._data[start:head_end]), head_end + gap)

    def _head_end(self, start: int) -> tuple[int, int]:
        """Where the headers end, and how long the blank line is."""
        places = [(self._data.find(blank, start), len(blank)) for blank in (b"\r\n\r\n", b"\n\n")]
        return min((place for place in places if place[0] >= 0), default=(-1, 0))

    def _body(self, head: bytes, begin: int) -> bytes | None:
        lengths = [match[1] for line in head.splitlines() if (match := _LENGTH.match(line.strip()))]
        if lengths:
            end = begin + int(lengths[0])
            if end - begin > MAX_BYTES:
                raise BadDocument(seen=f"a part of {end - begin} bytes", expected=f"at most {MAX_BYTES}")
            if len(self._data) < end:
                return None
        else:
            end = self._data.find(self._mark, begin)
            if end < 0:
                return None
        body = bytes(self._data[begin:end])
        del self._data[:end]
        return body.strip()
