"""One block taken apart: comments, block skip, sequence number, and its words with their values.

The quick way is one regular expression over a block of plain numbers; a block with variables goes through
`expression.Scanner` word by word.
"""

import re
from typing import Final

from cnc.domain.gcode.expression import Scanner, Variables
from cnc.domain.gcode.facts import Problem, Severity
from cnc.domain.gcode.problems import GcodeError, shortened
from cnc.domain.gcode.source import CUT

_COMMENT: Final = re.compile(r"\([^()]*\)")
_BLANK: Final = str.maketrans("", "", " \t\r\v\f")
_WORD: Final = re.compile(r"(,?[A-Z])([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?![\d.]))|(.)", re.DOTALL)
_LEAD: Final = re.compile(r"(?:/(\d?))?(?:N(\d{1,9}))?(?:/(\d?))?")
#: What a control takes outside comments; FANUC's own set of ISO characters.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9 \t\r%:/.,+\-*=#\[\]()<>_&|@?'$!\";]*\Z")


class Words:
    """Words of one block: G codes and M codes in order, the last value of every other address.

    `g` holds codes times ten (G54.1 = 541). `bare` names the addresses whose number had no decimal point.
    `pairs` keeps every word in order for macro calls.
    """

    __slots__ = ("bare", "g", "m", "pairs", "values")

    def __init__(self) -> None:
        self.g: list[int] = []
        self.m: list[int] = []
        self.values: dict[str, float] = {}
        self.bare: set[str] = set()
        self.pairs: list[tuple[str, float]] = []

    def add(self, address: str, value: float, *, bare: bool) -> None:
        if address in "GM":
            if value != value:
                raise GcodeError(
                    "code.unknown",
                    seen=f"{address} with an unknown value",
                    expected="a code that can be known",
                    severity=Severity.UNKNOWN,
                )
            (self.g if address == "G" else self.m).append(round(value * 10) if address == "G" else round(value))
        else:
            self.values[address] = value
            (self.bare.add if bare else self.bare.discard)(address)
        self.pairs.append((address, value))

    def whole(self, address: str) -> int | None:
        """The value as an integer, None when absent. Raises GcodeError when it is unknown or not whole."""
        value = self.values.get(address)
        if value is None:
            return None
        if value != value:
            raise GcodeError("word.unknown", seen=address, expected="a known number", severity=Severity.UNKNOWN)
        if value != int(value):
            raise GcodeError("word.not_whole", seen=f"{address}{value:g}", expected="a whole number")
        return int(value)


class Line:
    """A line without comments, blanks and sequence number; `skip` is 0 to 9 when `/` stands before it."""

    __slots__ = ("code", "comments", "problems", "sequence", "skip")

    def __init__(self, text: str, number: int) -> None:
        self.problems: list[Problem] = []
        self.comments = ""
        if CUT in text:
            text = text.partition(CUT)[0]
            self._note(number, "line.too_long", Severity.ERROR, f"{text[:40]} …", "a shorter block")
        if "(" in text or ")" in text:
            text = self._without_comments(text, number)
        code = text.upper()
        if code != text:
            self._note(number, "character.lower_case", Severity.WARNING, text, "capitals outside comments")
        if not _ALLOWED.match(text):
            odd = next(c for c in text if not _ALLOWED.match(c))
            self._note(number, "character.refused", Severity.ERROR, f"{odd!r} in {text}", "characters of the ISO code")
        code = code.translate(_BLANK)
        lead = _LEAD.match(code)
        first, sequence, second = lead.groups() if lead else (None, None, None)
        mark = first if first is not None else second
        self.skip = None if mark is None else int(mark or 1)
        self.sequence = int(sequence) if sequence else None
        self.code = code[lead.end() :] if lead else code

    def _without_comments(self, text: str, number: int) -> str:
        bare = _COMMENT.sub(" ", text)
        self.comments = " ".join(comment[1:-1] for comment in _COMMENT.findall(text))
        if "(" in bare or ")" in bare:
            self._note(
                number, "comment.unbalanced", Severity.ERROR, text, "one ( and one ) around a comment, not nested"
            )
            bare = bare.split("(")[0].replace(")", " ")
        return bare

    def _note(self, number: int, code: str, severity: Severity, seen: str, expected: str) -> None:
        self.problems.append(Problem(code, severity, number, shortened(seen), expected))


def plain_words(code: str) -> tuple[Words, str]:
    """Words of a block without variables, and the characters that belong to no word."""
    words = Words()
    odd = ""
    for address, number, stray in _WORD.findall(code):
        if stray:
            odd += stray
        else:
            words.add(address, float(number), bare="." not in number)
    return words, odd


def macro_words(code: str, variables: Variables) -> Words:
    """Words of a block with variables. A word whose variable is vacant is as if it were not there."""
    words = Words()
    scan = Scanner(code, variables)
    while scan.at < len(code):
        comma = "," if scan.take(",") else ""
        address = code[scan.at : scan.at + 1]
        if not address.isalpha():
            raise scan.error("an address")
        scan.at += 1
        begins = scan.at
        value = scan.address()
        text = code[begins : scan.at]
        if value is not None:
            words.add(
                comma + address, value, bare="." not in text and (address == "P" or not ("#" in text or "[" in text))
            )
    return words
