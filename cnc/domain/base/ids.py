"""Ids are `<letter>_<16 of 0-9a-z>`, made by the server, never reused.

Boots (one life of one journal) are 8 bytes, written as 16 lower-case hex digits: 4 bytes start counter,
big-endian, so that boots sort by start order, and 4 random bytes.
"""

import re
from collections.abc import Callable
from typing import Final

from cnc.domain.base.errors import BadId

#: letter -> what it names.
KINDS: Final[dict[str, str]] = {
    "t": "tenant",
    "s": "site",
    "m": "machine",
    "d": "source",
    "g": "gateway",
    "u": "user",
    "k": "key",
    "a": "alarm",
    "o": "order",
    "e": "event",
    "p": "program version",
    "c": "change",
    "q": "probe",
    "x": "export",
    "i": "invitation",
    "f": "sign-in provider",
}
BOOT_BYTES: Final = 8

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 16
_FORM: Final = re.compile(r"[a-z]_[0-9a-z]{16}\Z")
_BOOT_FORM: Final = re.compile(r"[0-9a-f]{16}\Z")


def new_id(kind: str, random: Callable[[int], bytes]) -> str:
    """A fresh id of `kind`; `random(n)` gives n unpredictable bytes (`secrets.token_bytes`)."""
    _known(kind)
    number = int.from_bytes(random(16), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 36)
        digits.append(_ALPHABET[digit])
    return f"{kind}_{''.join(digits)}"


def check_id(kind: str, text: object) -> str:
    """The id itself, if it is one of `kind`. Raises BadId."""
    _known(kind)
    if not isinstance(text, str) or not _FORM.match(text) or text[0] != kind:
        raise BadId(seen=text, expected=f"a {KINDS[kind]} id such as {kind}_0123456789abcdef")
    return text


def new_boot(counter: int, random: Callable[[int], bytes]) -> bytes:
    """The boot of start number `counter` (0 … 2^32-1)."""
    return counter.to_bytes(4, "big") + random(4)


def boot_counter(boot: bytes) -> int:
    """The start number inside a boot."""
    return int.from_bytes(boot[:4], "big")


def check_boot(text: object) -> str:
    """The boot as 16 hex digits, if it is one. Raises BadId."""
    if not isinstance(text, str) or not _BOOT_FORM.match(text):
        raise BadId(seen=text, expected="a boot of 16 lower-case hex digits")
    return text


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise BadId(seen=kind, expected=f"one of the kinds {' '.join(KINDS)}")
