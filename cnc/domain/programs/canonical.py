"""One form for the text of a part program, so that two copies can be compared byte by byte.

Controls, editors and transfers differ in line ends, blanks, `%` and padding; none of these changes what a program does.
"""

from hashlib import sha256
from typing import Final

from cnc.domain.base.errors import BadValue

MOST_BYTES: Final = 64 * 1024 * 1024
_BLANKS: Final = b" \t"


def canonical(text: bytes) -> bytes:
    r"""The program between two `%` lines: LF alone, no trailing blanks, no NUL, no empty lines at either end.

    Blank lines before the first `%` are the leader of a tape and are dropped; anything but blanks beside the opening
    `%` or after the closing one is refused, since one control would run it and another would not. Raises BadValue.
    """
    if len(text) > MOST_BYTES:
        raise BadValue(seen=f"{len(text)} bytes", expected=f"a program of at most {MOST_BYTES} bytes")
    lines = [line.rstrip(_BLANKS) for line in _plain(text).split(b"\n")]
    lines = _between_percents(lines)
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise BadValue(seen="no blocks", expected="a program with at least one block")
    return b"\n".join((b"%", *lines, b"%", b""))


def digest(text: bytes) -> str:
    """SHA-256 of the canonical bytes, as 64 hex digits. Raises BadValue."""
    return sha256(canonical(text)).hexdigest()


def value_digest(value: str) -> str:
    """SHA-256 of a parameter's, offset's or macro's decimal text."""
    return sha256(value.encode("ascii")).hexdigest()


def transfer_text(text: bytes, *, number: int | None = None) -> bytes:
    r"""What is sent to a control: LF, blocks, `%` (FOCAS manual, download). With `number`, its O word is that one.

    Raises BadValue when the program has no O word of its own in its first block and a number is asked for.
    """
    lines = canonical(text).split(b"\n")[1:-2]
    if number is not None:
        lines[0] = _renumbered(lines[0], number)
    return b"\n" + b"\n".join(lines) + b"\n%"


def begins(text: bytes, *, whole: bytes) -> bool:
    """Whether `text` is the first part of `whole`, as a cut transfer leaves it; a text without blocks is one."""
    return _body(whole).startswith(_body(text))


def _body(text: bytes) -> bytes:
    try:
        return canonical(text)[2:-3]
    except BadValue:
        return text.strip(b"% \t\r\n\x00")


def _plain(text: bytes) -> bytes:
    return text.replace(b"\x00", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _between_percents(lines: list[bytes]) -> list[bytes]:
    marks = [index for index, line in enumerate(lines) if line.startswith(b"%")]
    opening = marks[0] if marks and not _has_blocks(lines[: marks[0]]) else None
    closing = next((mark for mark in marks if mark != opening), None)
    if opening is not None and lines[opening].strip(b"% \t"):
        raise BadValue(seen=lines[opening][:20].decode("latin-1"), expected="nothing beside the opening %")
    if closing is not None and any(line.strip(b"% \t") for line in lines[closing:]):
        raise BadValue(seen="blocks behind the closing %", expected="nothing behind the closing %")
    return lines[0 if opening is None else opening + 1 : closing]


def _has_blocks(lines: list[bytes]) -> bool:
    return any(line.strip(_BLANKS) for line in lines)


def _renumbered(first: bytes, number: int) -> bytes:
    digits = len(first) - len(first[1:].lstrip(b"0123456789"))
    if first[:1] not in (b"O", b":") or digits < 2:
        raise BadValue(seen=first[:20].decode("latin-1"), expected="a first block that begins with O and a number")
    return b"O%04d" % number + first[digits:]
