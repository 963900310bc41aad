"""Which programs a program may call: by M98, M198, G65, G66 and G66.1 with a number."""

import re
from typing import Final

_COMMENT: Final = re.compile(r"\([^)]*\)")
_CALL: Final = re.compile(r"(?:M0?98|M198|G0?65|G0?66(?:\.1)?)(?![0-9])")
_NUMBER: Final = re.compile(r"P\s*0*([0-9]{1,8})(?![0-9.\[#])")


class UnclearCall(Exception):
    """A call whose number only the control can work out."""


def called_numbers(text: str) -> frozenset[int]:
    """O numbers a program calls. Raises UnclearCall for `P#100`, `P[…]`, calls by name and calls without a number."""
    found = set()
    for line in text.upper().splitlines():
        bare = _COMMENT.sub("", line).replace(" ", "")
        if not _CALL.search(bare):
            continue
        numbers = _NUMBER.findall(bare)
        if not numbers:
            raise UnclearCall(line.strip()[:60])
        # Older M98 puts the repeats before the number: P51234 is O1234 five times, on newer controls O51234.
        found |= {int(reading) for number in numbers for reading in (number, number[-4:])}
    return frozenset(found)
