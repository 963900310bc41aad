"""Whether a text is one program for one number, for every control that may read it.

A control ends a transfer at `%` wherever it stands, and begins another program at every O word: the second half of
such a text would replace a program that nobody approved.
"""

import re
from typing import Final

_COMMENT: Final = re.compile(r"\([^()]*\)")
#: The O word of the first block; what else may stand beside it is a comment.
_HEAD: Final = re.compile(r"O([0-9]{1,8}) *\Z")
#: An O word anywhere else, but not the O of GOTO, DO and POPEN; `:` is the O of ISO tapes, `<` begins a name.
_ANOTHER: Final = re.compile(r"(?<![A-Z])O *[0-9#\[<]|:|\A *<")


def faults(text: bytes, *, number: int) -> list[tuple[int, str, str]]:
    """Line (from 1, the opening `%` counts), what was seen and what was expected; `text` is canonical."""
    lines = text.decode("latin-1").split("\n")[1:-2]
    found = []
    head = _HEAD.match(_COMMENT.sub("", lines[0]))
    if head is None or int(head[1]) != number:
        found.append((2, lines[0][:40], f"O{number:04d} alone in the first block"))
    for line, block in enumerate(lines, start=2):
        if "%" in block:
            found.append((line, block[:40], "no % before the end"))
        if line > 2 and _ANOTHER.search(_COMMENT.sub("", block).upper()):
            found.append((line, block[:40], f"no program number besides O{number:04d}"))
    return found
