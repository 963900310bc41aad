"""Which programs a program may call: by M98, M198, M96, G65, G66, G66.1 and G72.1, G72.2 with a number."""

import re
from typing import Final

_COMMENT: Final = re.compile(r"\([^()]*\)")
#: Blanks are out of the text already; leading zeros are as good as none.
_CALL: Final = re.compile(r"(?:M0*(?:98|198|96)|G0*(?:65|66(?:\.1)?|72\.[12]))(?![0-9])")
#: A code that the control works out: it may be any of them.
_ANY_CODE: Final = re.compile(r"[MG][#\[]")
_WORD: Final = re.compile(r"P([^A-Z]*)")
_NUMBER: Final = re.compile(r"0*([0-9]{1,8})\Z")


class UnclearCall(Exception):
    """A call whose number only the control can work out."""


def called_numbers(text: str) -> frozenset[int]:
    """O numbers a program calls. Raises UnclearCall for `P#100`, `P[…]`, calls by name and calls without a number."""
    found: set[int] = set()
    for line in text.upper().splitlines():
        bare = re.sub(r"\s", "", _COMMENT.sub("", line)).rstrip(";")
        words = _WORD.findall(bare)
        worked_out = words and _ANY_CODE.search(bare)
        if not worked_out and not _CALL.search(bare):
            continue
        numbers = [_NUMBER.match(word) for word in words]
        if worked_out or not numbers or "<" in bare:
            raise UnclearCall(line.strip()[:60])
        for number in numbers:
            if number is None:
                raise UnclearCall(line.strip()[:60])
            # Older M98 puts the repeats before the number: P51234 is O1234 five times, on newer controls O51234.
            found |= {int(number[1]), int(number[1][-4:])}
    return frozenset(found)
